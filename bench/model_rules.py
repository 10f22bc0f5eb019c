"""How long reading a model takes: 10 and 10,000 rules, read anew and from the cache.

    python bench/model_rules.py

Short forms and SQL equalities are to be read in 1.5 s at 10,000 rules.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from apportion.model.read_model import read_model
from apportion.model.read_project import read_project

TEAMS = 20
KINDS: dict[str, Callable[[int], str]] = {
    "short form": lambda n: f"tag: {{team: squad-{n}}}",
    "account list": lambda n: f"account: ['{n:012}', '{n + 10**6:012}', '{n + 2 * 10**6:012}']",
    "name pattern": lambda n: f"resource_name: 'machine-{n}-*'",
    "SQL equality": lambda n: f"where: \"tag.team = 'squad-{n}' AND RegionId IN ('a', 'b')\"",
    "SQL LIKE": lambda n: f"where: \"tag.team LIKE 'squad-{n}-%'\"",
}


def write(root: Path, condition: Callable[[int], str], rules: int) -> None:
    shutil.rmtree(root, ignore_errors=True)
    (root / "model").mkdir(parents=True)
    (root / "apportion.yaml").write_text("name: bench\ncurrency: USD\n")
    teams = "".join(f"  - {{name: team-{n}, kind: team}}\n" for n in range(TEAMS))
    lines = "".join(
        f"  - {{name: rule {n}, {condition(n)}, team: team-{n % TEAMS}}}\n" for n in range(rules)
    )
    (root / "model/model.yaml").write_text(f"organisation:\n{teams}rules:\n{lines}")


def seconds(root: Path) -> float:
    project = read_project(root)
    start = time.perf_counter()
    read_model(project)
    return time.perf_counter() - start


def main() -> None:
    print(f"{'rules':>7}  {'kind':<14}{'read':>9}{'again':>9}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        write(root, KINDS["SQL LIKE"], 1)
        seconds(root)  # imports the SQL parser
        for rules in (10, 10_000):
            for kind, condition in KINDS.items():
                write(root, condition, rules)
                print(f"{rules:>7}  {kind:<14}{seconds(root):>7.3f} s{seconds(root):>7.3f} s")


if __name__ == "__main__":
    main()
