"""Two models over a loaded year: how long until every difference has its cause?"""

from __future__ import annotations

from answer import Answer, Bound, seconds
from company import write_project
from generate import DAYS, WORK, Bill, generate
from measure import ours
from questions.year import periods
from settings import Settings


def compare(settings: Settings) -> list[Answer]:
    """Typical edits of a model, and one of eight causes that all may meddle with each other."""
    keys = settings.keys_in_a_month
    bills = [
        Bill(keys * DAYS, "seven", 1 / DAYS, "parquet", period)
        for period in periods(settings.months)
    ]
    for bill in bills:
        generate(bill)
    project = write_project(WORK / "projects" / "compare", bills)
    ours(project, "load")
    answer = Answer(
        "Two models compared, in one process after the load",
        ["what the other model changes", "keys a month", "months", "first", "again", "peak MB"],
    )
    for step, what in (
        ("compare_pool", "one pool is split evenly"),
        ("compare_edits", "a rule, two pools' splits, a driver's quantities"),
        ("compare_rules", "eight rules (256 models a month)"),
    ):
        # Eight rules are looked at in one month: nobody waits for twelve in a pull request.
        months = settings.months if step != "compare_rules" else 1
        found = ours(project, "model", "months", step, step)
        answer.rows.append([
            what, f"{keys:,}", str(months), seconds(found.stages[step]),
            seconds(found.stages[f"{step}-2"]), f"{found.peak_mb:.0f}",
        ])  # fmt: skip
        if step == "compare_edits":
            told = f"two models compared over {months} months, each difference with its causes"
            answer.bounds.append(Bound(told, 3.0, found.stages[f"{step}-2"], "s"))
    return [answer]
