"""Phasing: an amount for a year spread over its months, to the last cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from apportion.domain.money import AmountFault, largest_remainder, parse_amount, plain_text
from apportion.domain.period import Period
from apportion.errors import UsageError


def phase(units: int, months: Sequence[Period], weights: Sequence[Fraction]) -> dict[Period, int]:
    """Minor units spread over months by their weights, so that the months sum to the amount.

    Units left over go to the largest remainders, and of equal ones to the earlier month.
    Raises UsageError where weights don't fit the months, are below zero, or are all zero.

    Source: largest remainder (Hamilton) method.

    >>> year = year_from(Period(2027, 1))[:3]
    >>> list(phase(10000, year, [Fraction(1)] * 3).values())
    [3334, 3333, 3333]
    """
    if not months or len(months) != len(weights):
        raise UsageError(
            f"{len(weights)} weights for {len(months)} months", hint="give one for each month"
        )
    if len(set(months)) < len(months):
        raise UsageError("a month stands twice", hint="give each month once")
    whole = sum(weights, Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise UsageError(
            "there is nothing to phase by: the weights are all zero, or one is below zero",
            hint="phase evenly, or by percentages that sum to 100",
        )
    parts = {m: units * weight / whole for m, weight in zip(months, weights, strict=True)}
    return largest_remainder(units, parts, {month: str(month) for month in months})


def even(months: Sequence[Period]) -> list[Fraction]:
    """The same for each month."""
    return [Fraction(1)] * len(months)


def percentages(text: str) -> list[Fraction]:
    """Weights from ``10, 10, 80``, which must sum to 100 exactly; raises UsageError.

    >>> percentages("10, 10.5, 79.5")
    [Fraction(10, 1), Fraction(21, 2), Fraction(159, 2)]
    """
    try:
        found = [parse_amount(part) for part in text.split(",")]
    except AmountFault as fault:
        raise UsageError(
            f"{text!r} are no percentages", why=str(fault), hint="write them as 10,10,80"
        ) from None
    if sum(found) != 100:
        raise UsageError(
            f"the percentages sum to {plain_text(sum(found, Decimal(0)))}, not to 100",
            hint="make them sum to 100",
        )
    return [Fraction(one) for one in found]


def year_from(first: Period) -> tuple[Period, ...]:
    """The twelve months from one on."""
    found = [first]
    while len(found) < 12:
        found.append(found[-1].next())
    return tuple(found)


def read_months(text: str) -> tuple[Period, ...]:
    """Months from ``2027-01..2027-06``, or ``2027-01,2027-03``, or one; raises UsageError.

    >>> read_months("2026-12..2027-01")
    (Period('2026-12'), Period('2027-01'))
    """
    found: list[Period] = []
    for part in text.split(","):
        first, dots, last = part.partition("..")
        start = Period.parse(first)
        end = Period.parse(last) if dots else start
        if end < start or (end.year - start.year) > 20:
            raise UsageError(f"{part.strip()!r} are no months", hint="write 2027-01..2027-06")
        while start <= end:
            found.append(start)
            start = start.next()
    if len(set(found)) < len(found):
        raise UsageError(f"a month stands twice in {text!r}", hint="give each month once")
    return tuple(found)
