"""Figures of a journal as text: a point, the currency's digits, no exponent, never -0.00."""

from __future__ import annotations

from apportion.domain.journal import JournalDocument, JournalLine, Side
from apportion.domain.money import minor_digits


def figure(units: int, digits: int) -> str:
    """Minor units as text, whatever the locale.

    >>> figure(123456, 2), figure(-5, 2), figure(1234, 0), figure(0, 3)
    ('1234.56', '-0.05', '1234', '0.000')
    """
    sign, plain = "-" if units < 0 else "", str(abs(units)).rjust(digits + 1, "0")
    return f"{sign}{plain[:-digits]}.{plain[-digits:]}" if digits else sign + plain


def signed(document: JournalDocument, line: JournalLine) -> str:
    """A line's amount, debit above zero and credit below."""
    return figure(line.signed, minor_digits(document.currency))


def unsigned(document: JournalDocument, line: JournalLine) -> str:
    """A line's amount without its side."""
    return figure(line.units, minor_digits(document.currency))


def two_columns(document: JournalDocument, line: JournalLine, none: str = "") -> tuple[str, str]:
    """Debit and credit; the side that isn't the line's is `none`."""
    amount = unsigned(document, line)
    return (amount, none) if line.side is Side.DEBIT else (none, amount)
