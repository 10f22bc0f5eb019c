"""Prepaid commitments: what was bought and isn't used up yet, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.period import Period


@dataclass(frozen=True)
class PrepaidMonth:
    """One commitment in one month, in the bill's currency.

    `bought` is what was billed for it, less what was refunded; `amortised` what covered use
    took of it, `unused` what ran out without use. Both are cost of the month.

    >>> month = PrepaidMonth("aws", "sp-1", "", Period(2026, 10), "USD", Fraction(900),
    ...                      Fraction(0), Fraction(80), Fraction(20))
    >>> month.closing
    Fraction(800, 1)
    """

    source: str
    commitment: str
    title: str
    period: Period
    currency: str
    opening: Fraction
    bought: Fraction
    amortised: Fraction
    unused: Fraction

    @property
    def closing(self) -> Fraction:
        """Opening and bought, less amortised and unused: the opening of the next month."""
        return self.opening + self.bought - self.amortised - self.unused
