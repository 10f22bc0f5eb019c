"""The load alone, beside DuckDB's own typed copy of the same file, step by step.

The question "load" of the benchmark compares the two as whole processes. This
one is for work on the load itself: it takes turns, and shows where ours spends
its time. The copy sniffs its types, but for the four costs, which are forced to
DECIMAL(38,18) as ours are.

    python bench/load_speed.py --rows 1000000 --width full --share 0.005 --times 3
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from generate import Bill, generate
from measure import Measured, measure

BASES = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
SEVEN_LACKS = ("BilledCost", "BillingPeriodStart")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--width", choices=["full", "seven"], default="full")
    parser.add_argument("--share", type=float, default=0.005)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--child", choices=["load", "copy"])
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.child:
        return {"load": load, "copy": copy}[given.child](given.file, given.width)
    bill = Bill(given.rows, given.width, given.share)
    path = generate(bill)
    ours, copies = [], []
    for _ in range(given.times):
        copies.append(_child("copy", path, given.width))
        ours.append(_child("load", path, given.width))
    took = median(one.stages["all"] for one in ours)
    plain = median(one.stages["all"] for one in copies)
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
    print(f"DuckDB's typed copy {plain:.2f} s; ours {took:.2f} s; ratio {took / plain:.2f}")
    print(f"peak memory of ours {max(one.peak_mb for one in ours):.0f} MB")
    print(", ".join(f"{name} {s:.2f}" for name, s in ours[-1].stages.items()))
    return None


def _child(what: str, path: Path, width: str) -> Measured:
    words = [sys.executable, __file__, "--child", what, "--file", str(path), "--width", width]
    return measure(words)


def copy(path: Path, width: str) -> None:
    """DuckDB's own copy, in this process."""
    import duckdb

    connection = duckdb.connect()
    with path.open() as opened:
        names = opened.readline().strip().split(",")
    types = dict.fromkeys([name for name in BASES if name in names], "DECIMAL(38,18)")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        began = time.perf_counter()
        read = connection.read_csv(str(path), dtype=types)
        read.write_parquet(str(Path(folder) / "copy.parquet"))
        _report({"all": time.perf_counter() - began})


def load(path: Path, width: str) -> None:
    """Our load, in this process, with the time of its steps."""
    from apportion.errors import Place
    from apportion.load import fold, intake, load, stage
    from apportion.model.project import Project, SourceSpec
    from apportion.store.books import Books
    from apportion.store.lake import Lake

    steps: dict[str, float] = {}
    _time(steps, "digest", sys.modules["apportion.load.load"], "digest")
    _time(steps, "count lines", stage, "count_lines")
    _time(steps, "stage", intake, "stage")
    _time(steps, "survey", intake, "survey")
    _time(steps, "remarks", intake, "remarks")
    _time(steps, "keys", fold, "fold_keys")
    _time(steps, "fold", intake, "fold")
    _time(steps, "keep", Lake, "keep")
    root = Path(tempfile.mkdtemp(dir=path.parent))
    without = SEVEN_LACKS if width == "seven" else ()
    spec = SourceSpec("cloud", "focus", str(path), Place("apportion.yaml"), without=without)
    project = Project(
        root=root,
        name="bench",
        currency="USD",
        basis="EffectiveCost",
        lake=root / "lake",
        books=f"sqlite:///{root / 'books.sqlite'}",
        model_folder=root,
        sources={"cloud": spec},
    )
    books = Books.open(project.books)
    began = time.perf_counter()
    load(project, books, Lake(project.lake))
    steps["all"] = time.perf_counter() - began
    began = time.perf_counter()
    load(project, books, Lake(project.lake))
    steps["again"] = time.perf_counter() - began
    shutil.rmtree(root)
    _report(steps)


def _time(steps: dict[str, float], name: str, place: object, function: str) -> None:
    """Note how long a function takes, wherever it is called from `place`."""
    plain = getattr(place, function)

    def timed(*given: object, **named: object) -> object:
        began = time.perf_counter()
        try:
            return plain(*given, **named)
        finally:
            steps[name] = steps.get(name, 0.0) + time.perf_counter() - began

    setattr(place, function, timed)


def _report(stages: dict[str, float]) -> None:
    print(json.dumps({"stages": stages}))


if __name__ == "__main__":
    main()
