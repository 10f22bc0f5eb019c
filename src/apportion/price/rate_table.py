"""Rates looked up by day, by month, at the close: directly, turned round, or by the euro."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from apportion.domain.period import Period
from apportion.domain.rate import Quote, RateType
from apportion.model.rates import RateRow

EURO = "EUR"


@dataclass(frozen=True)
class Found:
    """A rate and what it was made of."""

    value: Fraction
    quotes: tuple[Quote, ...]

    def turned(self) -> Found:
        """The same the other way round."""
        return Found(1 / self.value, self.quotes)

    def then(self, other: Found) -> Found:
        """From one currency by way of another to a third; nothing is rounded on the way."""
        return Found(self.value * other.value, (*self.quotes, *other.quotes))


class RateTable:
    """Rates of one or more origins; of two that know a rate, the one that was given first wins.

    All values are exact. A rate of B in A is one over that of A in B; two
    currencies without a rate of their own meet by the euro.

    >>> euro = RateRow("EUR", "USD", Fraction(5, 4), RateType.DAILY, "own", date(2026, 10, 2))
    >>> yen = RateRow("EUR", "JPY", Fraction(160), RateType.DAILY, "own", date(2026, 10, 2))
    >>> RateTable([euro, yen], last_known=3).on("JPY", "USD", date(2026, 10, 4)).value
    Fraction(1, 128)
    """

    def __init__(self, *origins: Iterable[RateRow], last_known: int) -> None:
        self._origins = [_Origin(rows, timedelta(days=last_known)) for rows in origins]

    def on(self, currency: str, into: str, day: date) -> Found | None:
        """The rate of a day, or the last one known before it, if it isn't too old."""
        return self._meet(currency, into, lambda own, a, b: own.last_known(a, b, day))

    def average(self, currency: str, into: str, period: Period) -> Found | None:
        """The average of a month: as stated, else the mean of the rates that its days have.

        It is the mean of the rates as they are quoted: of EUR in USD, say, which is
        what the ECB prints, and one over it converts USD to EUR.
        """
        return self._meet(currency, into, lambda own, a, b: own.average(a, b, period))

    def closing(self, currency: str, into: str, period: Period) -> Found | None:
        """The closing rate of a month: as stated, else the last one known on its last day."""
        return self._meet(currency, into, lambda own, a, b: own.closing(a, b, period))

    def invoice(self, source: str, currency: str, into: str, period: Period) -> Found | None:
        """The rate that the invoice of a source states, where one is given."""
        return self._direct(currency, into, lambda own, a, b: own.invoice(source, a, b, period))

    def _meet(self, currency: str, into: str, find: _Find) -> Found | None:
        found = self._direct(currency, into, find)
        if found is None and EURO not in {currency, into}:
            first, second = self._direct(currency, EURO, find), self._direct(EURO, into, find)
            found = first.then(second) if first and second else None
        return found

    def _direct(self, currency: str, into: str, find: _Find) -> Found | None:
        for origin in self._origins:
            if found := find(origin, currency, into):
                return found
            if found := find(origin, into, currency):
                return found.turned()
        return None


class _Origin:
    """The rates of one origin, by pair of currencies."""

    def __init__(self, rows: Iterable[RateRow], last_known: timedelta) -> None:
        self._last_known = last_known
        self._days: dict[tuple[str, str], list[Quote]] = defaultdict(list)
        self._stated: dict[tuple[str, str, RateType, Period, str], Found] = {}
        for row in rows:
            if row.day:
                quote = _quote(row, row.day)
                self._days[row.currency, row.into].append(quote)
            elif row.period:
                last = row.period.until - timedelta(days=1)
                key = (row.currency, row.into, row.type, row.period, row.source)
                self._stated[key] = Found(row.value, (_quote(row, last),))
        for quotes in self._days.values():
            quotes.sort(key=lambda quote: quote.day)

    def last_known(self, currency: str, into: str, day: date) -> Found | None:
        quotes = self._days.get((currency, into), [])
        before = bisect_right(quotes, day, key=lambda quote: quote.day)
        if not before or day - quotes[before - 1].day > self._last_known:
            return None
        found = replace(quotes[before - 1], day=day)
        return Found(found.value, (found,))

    def average(self, currency: str, into: str, period: Period) -> Found | None:
        stated = self._stated.get((currency, into, RateType.MONTH_AVERAGE, period, ""))
        return stated or self._mean(currency, into, period)

    def _mean(self, currency: str, into: str, period: Period) -> Found | None:
        """The mean of the days that have a rate; None where they don't reach over the month."""
        quotes = tuple(self._within(currency, into, period))
        if not quotes:
            return None
        late = quotes[0].day - period.start
        early = period.until - timedelta(days=1) - quotes[-1].day
        if max(late, early) > self._last_known:
            return None
        total = sum((quote.value for quote in quotes), Fraction(0))
        return Found(total / len(quotes), quotes)

    def _within(self, currency: str, into: str, period: Period) -> Iterator[Quote]:
        quotes = self._days.get((currency, into), [])
        return (quote for quote in quotes if period.start <= quote.day < period.until)

    def closing(self, currency: str, into: str, period: Period) -> Found | None:
        stated = self._stated.get((currency, into, RateType.CLOSING, period, ""))
        return stated or self.last_known(currency, into, period.until - timedelta(days=1))

    def invoice(self, source: str, currency: str, into: str, period: Period) -> Found | None:
        return self._stated.get((currency, into, RateType.INVOICE, period, source))


_Find = Callable[[_Origin, str, str], Found | None]


def _quote(row: RateRow, day: date) -> Quote:
    return Quote(day, row.currency, row.into, row.value, day, row.origin)
