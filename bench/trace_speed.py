"""How long public traces take: Helios (16 virtual clusters of GPUs, a month) by four bases, and
ServeGen (421 clients, 47,568 hours) priced and charged. Teams, prices and bills are ours.

    python bench/trace_speed.py

`loaded` is the bill and the usage, from files to the lake; `charged` is one evaluation: identities,
prices, pools, statement and proof. The traces lie beside the repository, on some machines only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from apportion.run.bring_in import bring_in, bring_in_usage
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from traces import Charged, helios, hours_of_helios, hours_of_servegen, servegen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    clusters, clients = hours_of_helios(), hours_of_servegen()
    _measure("Helios", given.times, lambda root: helios(root, clusters, "reserver")[0])
    _measure("ServeGen", given.times, lambda root: servegen(root, clients)[0])


def _measure(name: str, times: int, make: Callable[[Path], Charged]) -> None:
    """The best of some turns; each evaluation is in a project that was just opened."""
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder))
        began = time.perf_counter()
        with OpenProject(made.root) as project:
            bring_in(project)
            records = sum(one.rows for one in bring_in_usage(project))
        loaded = time.perf_counter() - began
        charged = min(_charged(made) for _ in range(times))
    print(f"{name}: {records:,} records loaded in {loaded:.2f} s, charged in {charged:.2f} s")


def _charged(made: Charged) -> float:
    with OpenProject(made.root) as project:
        began = time.perf_counter()
        run = evaluate(project.workspace, project.model, made.period)
        took = time.perf_counter() - began
    assert all(proof.ok for proof in run.proofs)
    return took


if __name__ == "__main__":
    main()
