"""How do load and run change with the share of distinct keys, from a few resources to every row?"""

from __future__ import annotations

from answer import Answer, count, seconds
from company import write_project
from generate import WORK, Bill, generate
from measure import ours
from settings import Settings

SHARES = (0.001, 0.01, 0.1, 1.0)


def keys(settings: Settings) -> list[Answer]:
    """The same number of rows with more and more distinct keys."""
    answer = Answer(
        f"The share of distinct keys, {count(settings.keys_rows)} rows of full width",
        ["distinct keys", "share", "load", "first run", "second run", "peak MB", "lake MB"],
    )
    for share in SHARES:
        bill = Bill(settings.keys_rows, "full", share)
        generate(bill)
        project = write_project(WORK / "projects" / "keys", [bill])
        loading = ours(project, "load")
        running = ours(project, "run", "statement", "run", "statement").stages
        lake = sum(f.stat().st_size for f in (project / ".apportion").rglob("*") if f.is_file())
        answer.rows.append([
            f"{bill.keys:,}", f"{share:.1%}", seconds(loading.stages["load"]),
            seconds(running["run"] + running["statement"]),
            seconds(running["run-2"] + running["statement-2"]), f"{loading.peak_mb:.0f}",
            f"{lake / 1e6:.0f}",
        ])  # fmt: skip
    answer.notes.append("A tag for every pod or job is the worst case: nothing folds.")
    return [answer]
