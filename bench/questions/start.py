"""How long until a command answers that has nothing heavy to do?"""

from __future__ import annotations

import statistics
from pathlib import Path

from answer import Answer, Bound, seconds
from company import write_project
from generate import PERIOD, WORK, Bill, generate
from measure import apportion, ours
from settings import Settings

TIMES = 5


def start(settings: Settings) -> list[Answer]:
    """The median of five whole processes."""
    bill = Bill(settings.sizes[0], "seven")
    generate(bill)
    project = write_project(WORK / "projects" / "start", [bill])
    ours(project, "load")
    apportion(project, "run", "--period", PERIOD)
    shown = ("statement", "--period", PERIOD)
    found = {
        "--help": _median(project, "--help"),
        "statement": _median(project, *shown),
        "statement --json": _median(project, *shown, "--json"),
        "reconcile": _median(project, "reconcile", "--period", PERIOD),
    }  # fmt: skip
    answer = Answer("Commands that only answer", ["command", "seconds"])
    answer.rows += [[f"apportion {name}", seconds(took)] for name, took in found.items()]
    answer.bounds += [
        Bound("apportion --help", 0.25, found["--help"], "s"),
        Bound("apportion statement, from the books", 1.0, found["statement"], "s"),
    ]
    return [answer]


def _median(project: Path, *words: str) -> float:
    return statistics.median(apportion(project, *words).seconds for _ in range(TIMES))
