"""A pool that is split day by day: what each day's cost and quantities make of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from apportion.allocate.counted import counts_as
from apportion.allocate.day_table import DayTable, day_table
from apportion.allocate.missing import below_zero
from apportion.allocate.question import Answer, Gap, Question, no_answer
from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.period import Span
from apportion.domain.result import DriverUse
from apportion.model.pools import Driver


def day_weights(by_day: Mapping[date, Amounts], basis: str, span: Span) -> dict[date, Fraction]:
    """What each day of a span weighs: the pool's own cost of that day on one cost basis.

    A day whose credits exceed its cost weighs nothing. In a refund (all days together
    are below zero) it is the other way round, so that it goes back as a charge came.
    """
    own = {day: by_day[day].of(basis) for day in sorted(by_day) if _within(day, span)}
    sign = -1 if sum_of(own.values()) < 0 else 1
    return {day: sign * amount for day, amount in own.items() if sign * amount > 0}


def by_days(question: Question, driver: Driver) -> Answer:
    """Split each day's cost by that day's quantities of a driver: Σ_d p_d · q_dj ÷ Σ_k q_dk.

    The part p of a day is its weight (see `day_weights`) over that of all days. All
    four costs are shared by the same fractions: with a weight for each of them, a team
    would be charged list cost for days of which it is charged no billed cost. Cost of days
    outside the span, a late correction say, follows that of days within it. A monthly
    quantity counts evenly by day, tiers and ceilings are those of a day. A day without
    quantities, or with a negative one, leaves its own part unanswered.

    Source: usage-based allocation at a daily grain, FinOps Framework, Allocation capability.
    """
    weights = {day: own for day, own in question.day_weights.items() if _within(day, question.span)}
    whole = sum_of(weights.values())
    if not whole:
        return no_answer("the pool has no cost of its own on any day of the period")
    table = _table(question, driver)
    split: dict[date, Fraction] = {}
    left: dict[str, dict[date, Fraction]] = defaultdict(dict)
    for day, weight in weights.items():
        why = table.why_not(day)
        (left[why] if why else split)[day] = weight / whole
    gaps = (_gap(question, driver, why, of) for why, of in left.items())
    return _answer(driver, table, split, tuple(gaps))


def _gap(question: Question, driver: Driver, why: str, of: Mapping[date, Fraction]) -> Gap:
    """Days that can't be split; where a quantity is below zero, at the row that is."""
    below = (
        below_zero(driver, driver.by_day(question.span).get(day, {}), question.names, one_day(day))
        for day in of
    )
    bad = next((gap for gap in below if gap), None)
    reason = f"{why} on {_listed(list(of))}"
    if bad is None:
        hint = f"add the quantities of these days to {driver.file}"
        return Gap(sum_of(of.values()), reason, hint=hint)
    return replace(bad, part=sum_of(of.values()), reason=reason)


def one_day(day: date) -> Span:
    return Span(day, day + timedelta(days=1))


def _answer(
    driver: Driver, table: DayTable, split: Mapping[date, Fraction], gaps: tuple[Gap, ...]
) -> Answer:
    """What the days come to, with one line of use for each receiver.

    It shows the receiver's quantity with each day weighed by cost, so that quantity ÷
    total is its part; the plain quantity stands in the note.
    """
    if not split:
        return Answer(gaps=gaps)
    fractions, answered, total = table.parts(split), sum_of(split.values()), table.total(split)
    scale = total / answered
    uses = {
        who: (DriverUse(driver.name, driver.unit, part * scale, total, answered),)
        for who, part in fractions.items()
    }
    notes = {who: table.notes[who] for who in fractions}
    return Answer(fractions, uses, gaps, notes=notes)


def _table(question: Question, driver: Driver) -> DayTable:
    """The driver's quantities as they count, laid out once for all pools of the same receivers."""
    names, tables = question.names, question.day_tables
    key = (driver.name, question.split.counting, names, question.span)
    if key not in tables:
        tables[key] = day_table(
            driver, names, lambda who, one: counts_as(question, who, one), question.span
        )
    return tables[key]


def _within(day: date, span: Span) -> bool:
    return span.start <= day < span.until


def _listed(days: list[date]) -> str:
    first = ", ".join(str(day) for day in days[:3])
    return f"{first} and {len(days) - 3} more days" if len(days) > 4 else ", ".join(map(str, days))
