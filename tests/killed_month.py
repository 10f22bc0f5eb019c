"""A month that is loaded, run, closed and posted by processes that are killed on the way.

Each step is begun again until it is done. What is there in the end is held against a month that
nobody disturbed: the same bill, run, statements and journal; in the ERP each document once; an
audit log that is whole.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apportion.demo.erp.entry_book import EntryBook
from apportion.demo.erp.netsuite import NetSuiteVendor
from apportion.demo.erp.stand_in import StandIn, serving
from apportion.run.open_project import OpenProject
from bills import row, write_bill
from small_projects import MODEL, OCTOBER

PERIOD = str(OCTOBER)
STEPS = (
    ("load",),
    ("run", "--period", PERIOD),
    ("close", "--period", PERIOD),
    ("post", "--period", PERIOD, "--to", "netsuite"),
)
ROWS = 4000
"""Enough that a load is more than its start."""

PROJECT = """name: Killed
currency: USD
sources:
  cloud: {{format: focus, path: bills}}
erp:
  netsuite-rest:
    options: {{url: "{erp}"}}
    codes:
      entities: {{DE: "3"}}
      currencies: {{USD: "1"}}
      accounts: {{"500100": "101", "600100": "102", "659900": "103"}}
      cost_centers: {{CC-1: "11", CC-2: "12", CC-9: "19"}}
      projects: {{WBS-7: "77"}}
{books}"""


@dataclass
class Month:
    """A project folder, its books and its ERP; `kills` counts what was killed in each step."""

    folder: Path
    erp: str
    books: str = ""
    kills: Counter[str] = field(default_factory=Counter)

    def write(self) -> None:
        """Write bill, model and settings."""
        (self.folder / "model").mkdir(parents=True)
        (self.folder / "model" / "model.yaml").write_text(MODEL)
        books = f"locations: {{books: {json.dumps(self.books)}}}\n" if self.books else ""
        (self.folder / "apportion.yaml").write_text(PROJECT.format(erp=self.erp, books=books))
        teams = ("nlp", "cv", "lab")
        rows = [
            row(f"{n % 97}.{n % 100:02}", {"team": teams[n % 3]}, ResourceId=f"r-{n}")
            if n % 10
            else row("7.01", ServiceName="Shared", ResourceId=f"s-{n}")
            for n in range(ROWS)
        ]
        write_bill(self.folder / "bills" / "bill.csv", rows)

    def begin(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Begin a step in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "apportion", "--project", str(self.folder), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "APPORTION_NETSUITE_TOKEN": "token", "APPORTION_ACTOR": "ann"},
        )

    def finish(self, words: Sequence[str]) -> None:
        """Do a step to its end; a close that was done before it was killed is done."""
        process = self.begin(words)
        said, _ = process.communicate(timeout=120)
        if process.returncode and not (words[0] == "close" and b"closed" in said):
            raise AssertionError(f"{words}: exit {process.returncode}\n{said.decode()}")

    def kill(self, words: Sequence[str], after: float) -> bool:
        """Begin a step and kill it; whether it was still at work then."""
        process = self.begin(words)
        try:
            process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.kills[words[0]] += 1
            return True
        return False

    def facts(self) -> dict[str, Any]:
        """All that must be the same whatever was killed; raises where the log is broken."""
        with OpenProject(self.folder) as project:
            count, _, broken = project.books.verify_audit()
            assert broken is None
            assert count
            snapshots = project.books.current()
            for file in (one for s in snapshots for u in s.units for one in u.files):
                assert (project.settings.lake / file.path).exists(), file.path
            documents = project.books.journal()
            actions = Counter(one.action for one in project.books.audit())
            return {
                "snapshots": [one.id for one in snapshots],
                "run": (found.id if (found := project.books.run(OCTOBER)) else None),
                "lines": found.lines if found else (),
                "journal": [(one.id, one.content) for one in documents],
                "state": str(project.books.state(OCTOBER)),
                "closes": len([s for s in project.books.steps(OCTOBER) if s.state == "closed"]),
                "loads": actions["load"],
            }


@contextmanager
def erp() -> Iterator[StandIn]:
    """A NetSuite on this machine."""
    with serving(StandIn(NetSuiteVendor(EntryBook()))) as server:
        yield server


def posted(server: StandIn) -> list[tuple[str, object]]:
    """What the ERP has: ids of ours, and the lines."""
    entries = server.vendor.book.entries
    return sorted((one.name, sorted(one.lines)) for one in entries)


def undisturbed(
    folder: Path, server: StandIn, books: str = ""
) -> tuple[dict[str, Any], tuple[float, ...]]:
    """The facts of a month that nobody disturbs, and how long each of its steps takes."""
    month = Month(folder, server.url, books)
    month.write()
    taken = []
    for words in STEPS:
        start = time.perf_counter()
        month.finish(words)
        taken.append(time.perf_counter() - start)
    return month.facts(), tuple(taken)


def disturbed(
    month: Month, chance: random.Random, taken: Sequence[float], kills: int
) -> dict[str, Any]:
    """A month whose steps are killed at random moments, `kills` times in all or a few less."""
    month.write()
    each = [kills // len(STEPS) + (n < kills % len(STEPS)) for n in range(len(STEPS))]
    for words, times, seconds in zip(STEPS, each, taken, strict=True):
        for _ in range(times):
            if not month.kill(words, chance.uniform(0.3, 1.0) * seconds):
                break
        month.finish(words)
    return month.facts()
