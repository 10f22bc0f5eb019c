"""A year loaded, a rule edited: how long until all of it is attributed anew?"""

from __future__ import annotations

from answer import Answer, Bound, seconds
from company import write_project, write_rules
from generate import DAYS, WORK, Bill, generate
from measure import ours
from settings import Settings


def year(settings: Settings) -> list[Answer]:
    """The curve over keys a month; facts a day stand for any number of rows behind them."""
    answer = Answer(
        "A loaded year after a rule edit, in one process",
        ["keys a month", "months", "daily facts", "as one span, first", "after an edit",
         "month by month, first", "after an edit", "peak MB"],
    )  # fmt: skip
    for keys in (settings.keys_in_a_month // 10, settings.keys_in_a_month):
        _keys(answer, settings, keys, bound=keys == settings.keys_in_a_month)
    answer.notes.append(
        "A month of 10 M rows folds into 50,000 keys and 1.55 M daily facts; the bills here hold "
        "one row for each of those facts, since cost depends on keys and facts and not on the "
        "rows behind them. As one span: attributed and allocated over all months, charges kept "
        "laid out. Month by month: twelve runs and their statements."
    )
    return [answer]


def _keys(answer: Answer, settings: Settings, keys: int, *, bound: bool) -> None:
    bills = [
        Bill(keys * DAYS, "seven", 1 / DAYS, "parquet", period)
        for period in periods(settings.months)
    ]
    for bill in bills:
        generate(bill)
    project = write_project(WORK / "projects" / "year", bills)
    ours(project, "load")
    whole = ours(project, *"model year edit year".split())
    write_rules(project)
    parts = ours(project, *"model months statement edit months statement".split())
    edited = whole.stages["edit"] + whole.stages["year-2"]
    answer.rows.append([
        f"{keys:,}", str(settings.months), f"{keys * DAYS * settings.months:,}",
        seconds(whole.stages["year"]), seconds(edited),
        seconds(parts.stages["months"] + parts.stages["statement"]),
        seconds(parts.stages["edit"] + parts.stages["months-2"] + parts.stages["statement-2"]),
        f"{max(whole.peak_mb, parts.peak_mb):.0f}",
    ])  # fmt: skip
    if bound:
        what = f"a year attributed and allocated anew after a rule edit, {keys:,} keys a month"
        answer.bounds.append(Bound(what, 1.0, edited, "s"))


def periods(months: int) -> list[str]:
    """Months before and up to October 2026."""
    numbers = range(2026 * 12 + 9 - months + 1, 2026 * 12 + 10)
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]
