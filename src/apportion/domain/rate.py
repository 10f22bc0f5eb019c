"""Exchange rates as a run used them: exact, with their dates, their type and who published them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class RateType(StrEnum):
    """Which rate converts a charge.

    daily: that of the charge's day. month_average: the mean of the period.
    closing: the last of the period. invoice: the provider's own.
    """

    DAILY = "daily"
    MONTH_AVERAGE = "month_average"
    CLOSING = "closing"
    INVOICE = "invoice"


@dataclass(frozen=True)
class Quote:
    """What one unit of `currency` was worth in `into` on a day.

    `quoted` is the day of its publication, which lies before `day` on weekends
    and holidays. `origin` says who published it: a file, or ``ecb``.
    """

    day: date
    currency: str
    into: str
    value: Fraction
    quoted: date
    origin: str


@dataclass(frozen=True)
class Rate:
    """What converts the charges that one source has in one currency, in one run.

    `value` is None where each day has its own (`quotes` has them then), and
    where there is no rate: `missing` then says why, and the charges stay in
    their own currency. `quotes` are what `value` was made of. Budgets, which
    come from no source, have an empty `source`.
    """

    source: str
    currency: str
    into: str
    type: RateType
    value: Fraction | None
    quotes: tuple[Quote, ...] = ()
    missing: str = ""

    @property
    def origin(self) -> str:
        """Who published what it was made of."""
        return ", ".join(sorted({quote.origin for quote in self.quotes}))

    @property
    def first(self) -> date | None:
        """The day of the earliest publication that it was made of."""
        return min((quote.quoted for quote in self.quotes), default=None)

    @property
    def last(self) -> date | None:
        """The day of the latest one."""
        return max((quote.quoted for quote in self.quotes), default=None)

    @property
    def by_day(self) -> dict[date, Fraction]:
        """The rate of each day on which something was charged, of a daily rate."""
        return {quote.day: quote.value for quote in self.quotes}
