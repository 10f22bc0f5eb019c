"""The Savings Plan and the reservation: cash and cost fall into different months.

A plan is a promise to spend so much an hour, paid monthly; what isn't used is
lost. The reservation is paid for a year at once. In both, billed cost sits on
the purchase and effective cost on the use, and over the term they are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby

from apportion.demo.catalogue import Coverage
from apportion.demo.company import FIRST
from apportion.demo.meter import Metered
from apportion.domain.period import Period

TERM_STARTS_IN = FIRST.month
"""Both are renewed each September."""

_AN_HOUR = {2024: Decimal("14.00"), 2025: Decimal("60.00"), 2026: Decimal("86.00")}

RESERVED_NODES = 4
RESERVED_RATE = Decimal("1.05")
"""USD for a reserved node's hour."""


@dataclass(frozen=True)
class Terms:
    """Under what a quantity is charged: `billed` and `effective` cost for one unit."""

    coverage: Coverage
    billed: Decimal
    effective: Decimal


def plan_a_day(period: Period) -> Decimal:
    """What the Savings Plan in force in a month costs a day."""
    year = period.year if period.month >= TERM_STARTS_IN else period.year - 1
    known: Mapping[int, Decimal] = _AN_HOUR
    return 24 * known.get(year, max(known.values()))


def reservation_fee(period: Period) -> Decimal | None:
    """What is paid for the reserved nodes of the term that begins in a month, if one does."""
    if period.month != TERM_STARTS_IN:
        return None
    hours = 24 * (date(period.year + 1, period.month, 1) - period.start).days
    return RESERVED_NODES * RESERVED_RATE * hours


def price(uses: Iterable[Metered], period: Period) -> Iterator[tuple[Metered, Terms]]:
    """Put terms to all use of a bill: the plan covers each day's eligible use until it is spent.

    Use that the plan covers in part becomes two. Invariant: a day's effective
    cost under the plan never exceeds what the plan costs that day.
    """
    ordered = sorted(uses, key=lambda use: use.day)
    for day, of_day in groupby(ordered, key=lambda use: use.day):
        left = plan_a_day(Period.of(day))
        for use in of_day:
            if use.resource.coverage is Coverage.RESERVED:
                yield use, Terms(Coverage.RESERVED, Decimal(0), RESERVED_RATE)
                continue
            if use.resource.coverage is Coverage.PLAN:
                covered, use = _cover(use, left)  # noqa: PLW2901
                if covered:
                    rate = covered.sku.planned
                    left -= rate * covered.quantity
                    yield covered, Terms(Coverage.PLAN, Decimal(0), rate)
            if use.quantity:
                negotiated = use.sku.contracted
                yield use, Terms(Coverage.ON_DEMAND, negotiated, negotiated)


def _cover(use: Metered, left: Decimal) -> tuple[Metered | None, Metered]:
    """Cut use into what money left in the plan covers, and the rest."""
    most = (left / use.sku.planned).quantize(Decimal("0.0001"), rounding=ROUND_FLOOR)
    covered = min(use.quantity, most)
    rest = Metered(use.resource, use.sku, use.day, use.quantity - covered)
    return (Metered(use.resource, use.sku, use.day, covered) if covered else None), rest


def unused_of(priced: Iterable[tuple[Metered, Terms]], period: Period) -> dict[date, Decimal]:
    """What the plan cost on each day of a month beyond what use it covered."""
    left = {day: plan_a_day(period) for day in period.span}
    for use, terms in priced:
        if terms.coverage is Coverage.PLAN:
            left[use.day] -= terms.effective * use.quantity
    return {day: money for day, money in left.items() if money}
