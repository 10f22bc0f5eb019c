"""Estimates as amounts: statistics are floats, what people read is rounded to a currency."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from apportion.domain.money import is_currency, minor_digits


def estimate(value: float, currency: str) -> Decimal:
    """An estimate rounded to the currency's minor unit.

    >>> estimate(1234.5678, "USD"), estimate(1234.5678, "JPY")
    (Decimal('1234.57'), Decimal('1235'))
    """
    digits = minor_digits(currency) if is_currency(currency) else 2
    found = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return found or abs(found)


def ratio(value: float | None, places: int = 4) -> str | None:
    """A ratio as text; None where there is none.

    >>> ratio(0.93219), ratio(None)
    ('0.9322', None)
    """
    return None if value is None else f"{value:.{places}f}"
