"""A year loaded, a rule edited: how long until all twelve statements stand anew?"""

from __future__ import annotations

from answer import Answer, Bound, seconds
from company import write_project
from generate import DAYS, WORK, Bill, generate
from measure import ours
from settings import Settings


def year(settings: Settings) -> list[Answer]:
    """The curve over keys a month; facts a day stand for any number of rows behind them."""
    answer = Answer(
        "After a rule edit, every loaded month evaluated anew, in one process",
        ["keys a month", "months", "daily facts", "first", "after an edit", "peak MB"],
    )
    for keys in (settings.keys_in_a_month // 10, settings.keys_in_a_month):
        _keys(answer, settings, keys, bound=keys == settings.keys_in_a_month)
    answer.notes.append(
        "A month of 10 M rows folds into 50,000 keys and 1.55 M daily facts; the bills here hold "
        "one row for each of those facts, since cost depends on keys and facts and not on the "
        "rows behind them."
    )
    return [answer]


def _keys(answer: Answer, settings: Settings, keys: int, *, bound: bool) -> None:
    bills = [
        Bill(keys * DAYS, "seven", 1 / DAYS, "parquet", period)
        for period in _periods(settings.months)
    ]
    for bill in bills:
        generate(bill)
    project = write_project(WORK / "projects" / "year", bills)
    ours(project, "load")
    found = ours(project, *"model months statement edit months statement".split())
    first = found.stages["months"] + found.stages["statement"]
    edited = found.stages["edit"] + found.stages["months-2"] + found.stages["statement-2"]
    answer.rows.append([
        f"{keys:,}", str(settings.months), f"{keys * DAYS * settings.months:,}", seconds(first),
        seconds(edited), f"{found.peak_mb:.0f}",
    ])  # fmt: skip
    if bound:
        what = f"after a rule edit, {settings.months} months of {keys:,} keys"
        answer.bounds.append(Bound(what, 1.0, edited, "s"))


def _periods(months: int) -> list[str]:
    """Months before and up to October 2026."""
    numbers = range(2026 * 12 + 9 - months + 1, 2026 * 12 + 10)
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]
