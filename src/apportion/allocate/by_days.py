"""A pool that is split day by day: what each day's cost and quantities make of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

from apportion.allocate.counted import counts_as, shown
from apportion.allocate.question import Answer, Gap, Question, no_answer
from apportion.domain.amounts import Amounts, sum_of
from apportion.domain.period import Span
from apportion.domain.result import DriverUse
from apportion.model.pools import Driver


@dataclass(frozen=True)
class _Day:
    """The part of the pool that a day is, and what is counted on it."""

    part: Fraction
    counted: Mapping[str, Fraction]
    total: Fraction


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
    measured = driver.by_day(question.span)
    days: list[_Day] = []
    gaps: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
    for day, weight in weights.items():
        own = measured.get(day, {})
        counted = {
            who: counts_as(question, who, own[who]) for who in question.names if own.get(who)
        }
        total = sum_of(counted.values())
        if any(quantity < 0 for quantity in counted.values()):
            gaps[f"driver {driver.name} is negative for a receiver"].append((day, weight / whole))
        elif not own:
            gaps[f"driver {driver.name} has no quantities"].append((day, weight / whole))
        elif not total:
            gaps[f"driver {driver.name} is zero for every receiver"].append((day, weight / whole))
        else:
            days.append(_Day(weight / whole, counted, total))
    left = tuple(
        Gap(sum_of(part for _, part in of), f"{why} on {_listed([day for day, _ in of])}")
        for why, of in gaps.items()
    )
    return _answer(question, driver, days, left)


def _answer(question: Question, driver: Driver, days: list[_Day], gaps: tuple[Gap, ...]) -> Answer:
    """What the days come to, with one line of use for each receiver.

    It shows the receiver's quantity with each day weighed by cost, so that quantity ÷
    total is its part; the plain quantity stands in the note.
    """
    answered, total = sum_of(day.part for day in days), sum_of(day.total for day in days)
    fractions = {who: part for who, part in _parts(days).items() if part}
    scale = total / answered if answered else Fraction(0)
    plain = driver.quantities(question.span)
    everybody = sum_of(plain.get(who, Fraction(0)) for who in question.names)
    return Answer(
        fractions,
        {
            who: (DriverUse(driver.name, driver.unit, part * scale, total, answered),)
            for who, part in fractions.items()
        },
        gaps,
        notes={
            who: f"{shown(plain[who])} of {shown(everybody)} {driver.unit} of {driver.name}; "
            "each day weighs by what it cost"
            for who in fractions
        },
    )


def _parts(days: Iterable[_Day]) -> dict[str, Fraction]:
    """Σ part · counted ÷ total of the days, as whole numbers over one denominator."""
    rates = [(day.part / day.total, day.counted) for day in days]
    units = [lcm(*(q.denominator for q in counted.values())) for _, counted in rates]
    scaled = [rate / unit for (rate, _), unit in zip(rates, units, strict=True)]
    below = lcm(*(rate.denominator for rate in scaled))
    sums: dict[str, int] = defaultdict(int)
    for (_, counted), unit, rate in zip(rates, units, scaled, strict=True):
        each = rate.numerator * (below // rate.denominator)
        for who, quantity in counted.items():
            sums[who] += quantity.numerator * (unit // quantity.denominator) * each
    return {who: Fraction(amount, below) for who, amount in sums.items()}


def _within(day: date, span: Span) -> bool:
    return span.start <= day < span.until


def _listed(days: list[date]) -> str:
    first = ", ".join(str(day) for day in days[:3])
    return f"{first} and {len(days) - 3} more days" if len(days) > 4 else ", ".join(map(str, days))
