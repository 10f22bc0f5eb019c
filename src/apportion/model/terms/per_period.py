"""A quantity or an amount that is stated for each month, or for each day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from apportion.domain.period import Period, Span


class Per(StrEnum):
    """What a stated figure is for."""

    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True)
class PerPeriod:
    """A figure for each calendar month or each day.

    >>> from datetime import date
    >>> half = Span(date(2026, 11, 1), date(2026, 11, 16))
    >>> PerPeriod(Fraction(300)).over(half), PerPeriod(Fraction(10), Per.DAY).over(half)
    (Fraction(150, 1), Fraction(150, 1))
    """

    figure: Fraction
    per: Per = Per.MONTH

    def over(self, span: Span) -> Fraction:
        """The figure for some days; of a month that they cover in part, by the days."""
        if self.per is Per.DAY:
            return self.figure * span.days
        total, month = Fraction(0), Period.of(span.start)
        while month.start < span.until:
            total += self.figure * Fraction(span.overlap(month.span), month.span.days)
            month = month.next()
        return total
