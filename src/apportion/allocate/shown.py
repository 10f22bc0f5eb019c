"""Quantities as people read them."""

from __future__ import annotations

from fractions import Fraction

PLACES = 10**4


def shown(value: Fraction) -> str:
    """A quantity to four places, half away from zero.

    >>> shown(Fraction(1234)), shown(Fraction(-20, 3)), shown(Fraction(5, 2))
    ('1,234', '-6.6667', '2.5')
    """
    if value.denominator == 1:
        return f"{value.numerator:,}"
    scaled = 2 * abs(value.numerator) * PLACES + value.denominator
    whole, rest = divmod(scaled // (2 * value.denominator), PLACES)
    text = f"{whole:,}.{rest:04d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text
