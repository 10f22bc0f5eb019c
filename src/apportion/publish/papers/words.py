"""How figures and dates read on a statement; the same in PDF, XLSX and on pages."""

from __future__ import annotations

from calendar import month_name
from decimal import Decimal
from fractions import Fraction

from apportion.run.explain import percent, rounded

BASES = {
    "BilledCost": "billed cost: what the invoices say",
    "EffectiveCost": "effective cost: commitments spread over the months that they are for",
    "ListCost": "list cost: before any discount",
    "ContractedCost": "contracted cost: at negotiated prices",
}


def month_words(period: str) -> str:
    """A month in words; what is no month stays as it is.

    >>> month_words("2026-10")
    'October 2026'
    """
    year, _, month = period.partition("-")
    if len(period) == 7 and month.isdigit() and 1 <= int(month) <= 12:
        return f"{month_name[int(month)]} {year}"
    return period


def money_words(value: Decimal | None) -> str:
    """An amount for reading; empty where there is none.

    >>> money_words(Decimal("-1234.50"))
    '-1,234.50'
    """
    return "" if value is None else f"{value:,f}"


def signed_words(value: Decimal | None) -> str:
    """A change for reading, always with its sign.

    >>> signed_words(Decimal("1234.50")), signed_words(Decimal("0.00"))
    ('+1,234.50', '0.00')
    """
    if value is None:
        return ""
    return f"{value:+,f}" if value else f"{abs(value):,f}"


def share_words(share: Fraction) -> str:
    """A share in percent, with at most four places.

    >>> share_words(Fraction(1, 3)), share_words(Fraction(1, 4))
    ('33.3333 %', '25 %')
    """
    return f"{plain(percent(share))} %"


def count_words(value: Fraction, places: int = 4) -> str:
    """A quantity for reading.

    >>> count_words(Fraction(1234567, 100))
    '12,345.67'
    """
    return plain(rounded(value, places))


def plain(value: Decimal) -> str:
    """A figure without zeros that say nothing.

    >>> plain(Decimal("1200.00"))
    '1,200'
    """
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_words(value: Fraction) -> str:
    """What one of something costs: small figures keep four digits that say something.

    >>> price_words(Fraction(123456, 100)), price_words(Fraction(1, 30000))
    ('1,234.56', '0.00003333')
    """
    places = 2
    while places < 18 and abs(value) < Fraction(1000, 10**places):
        places += 1
    return plain(rounded(value, places)) if places > 2 else f"{rounded(value, 2):,f}"
