"""Run the benchmark: ours beside DuckDB, pandas and cloud-cost-allocation, on the same rows.

    python bench/run.py                    100 k, 1 M and 10 M rows
    python bench/run.py --full             100 M rows as well
    python bench/run.py --quick            small sizes, to see that it works
    python bench/run.py --only road start  some questions
    python bench/run.py --write            also write docs/benchmarks.md

Everything it makes lies in bench/.work, which can be deleted.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from answer import Answer, Bound, table
from measure import Failed
from questions.allocation import allocation
from questions.compare import compare
from questions.evaluate import evaluate
from questions.formats import formats
from questions.keys import keys
from questions.load import load
from questions.road import road
from questions.rules import rules
from questions.start import start
from questions.year import year
from settings import QUICK, Settings

QUESTIONS: dict[str, Callable[[Settings], list[Answer]]] = {
    "road": road,
    "load": load,
    "formats": formats,
    "evaluate": evaluate,
    "year": year,
    "compare": compare,
    "allocation": allocation,
    "rules": rules,
    "keys": keys,
    "start": start,
}

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    asked = _arguments()
    settings = QUICK if asked.quick else Settings()
    if asked.rows:
        settings = replace(settings, sizes=tuple(asked.rows))
    if asked.full:
        settings = replace(settings, sizes=(*settings.sizes, 100_000_000))
    answers: list[Answer] = []
    for name in asked.only or QUESTIONS:
        print(f"{name} …", file=sys.stderr)
        begun = time.perf_counter()
        try:
            answers += QUESTIONS[name](settings)
        except Failed as fault:
            print(f"{name} failed: {fault}", file=sys.stderr)
            answers.append(Answer(name, ["question", "failed"], [[name, "see above"]]))
        print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    page = _page(answers)
    print(page)
    if asked.write:
        PAGE.write_text(page, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="100 M rows as well")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--rows", type=int, nargs="+", help="these numbers of rows instead")
    parser.add_argument("--only", nargs="+", choices=list(QUESTIONS), help="these questions")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    return parser.parse_args()


def _page(answers: list[Answer]) -> str:
    bounds: list[Bound] = [bound for answer in answers for bound in answer.bounds]
    parts = ["# Benchmarks", "", f"Measured on {_machine()}, {datetime.now(UTC):%Y-%m-%d}."]
    parts += ["Repeat them with `make bench`; figures differ by a fifth from run to run.", ""]
    if bounds:
        heads = ["number to reach", "bound", "measured", ""]
        parts += ["## Numbers to reach", "", *table(heads, [bound.cells() for bound in bounds]), ""]
    return "\n".join(parts) + "\n" + "\n".join(answer.markdown() for answer in answers)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "apportion"))
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, {packages}"
    )


if __name__ == "__main__":
    main()
