"""Exact money: reading amounts from text, the currency's minor unit, rounding that adds up.

Amounts live as DECIMAL(38,18) in files and engines and as `Decimal` or
`Fraction` in Python, never as float. Places and magnitude are checked in the
*text* before any cast, because casts cut digits silently and one engine wraps
around on overflow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from apportion.errors import ConfigurationError

K = TypeVar("K")

SCALE = 18
"""Decimal places that are kept. FOCUS leaves the precision to the provider; 18 covers all seen."""

INTEGER_DIGITS = 12
"""Digits before the point: below one trillion a row, so that 10^8 rows can't overflow a sum."""

PRECISION = 38

_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation])

WIDE = Context(prec=120)
"""For sums of amounts: Python's usual context would round them to 28 digits."""

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST = 120


def plain_text(value: Decimal) -> str:
    """An exact amount as plain decimal text: no exponent, and no zeros that say nothing.

    >>> plain_text(Decimal("20.280226728990000000")), plain_text(Decimal("0E-10"))
    ('20.28022672899', '0')
    >>> plain_text(Decimal("1E+3"))
    '1000'
    """
    return format(value.normalize(_EXACT) if value else Decimal(0), "f")


class AmountFault(ValueError):
    """A text that is no amount, or one that can't be held exactly; the message says why."""


def parse_amount(text: str) -> Decimal:
    """Read an amount exactly, or say why it can't be read.

    Signs, decimal points and exponents are read; thousands separators, comma
    decimals, NaN and infinities are refused. Raises AmountFault.

    >>> parse_amount("-12.50"), parse_amount("5e-06")
    (Decimal('-12.50'), Decimal('0.000005'))
    >>> parse_amount("1,50")
    Traceback (most recent call last):
        ...
    apportion.domain.money.AmountFault: a comma: write a point, and no thousands separator
    """
    text = text.strip(" \t")
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text):
        raise AmountFault(_why_not(text))
    value = Decimal(text)
    digits = value.as_tuple()
    exponent = int(digits.exponent)
    if (
        value
        and len(digits.digits) + exponent > INTEGER_DIGITS
        and value.adjusted() >= INTEGER_DIGITS
    ):
        raise AmountFault(f"beyond the bound of {INTEGER_DIGITS} digits before the point")
    plain = "".join(map(str, digits.digits)).rstrip("0")
    places = -exponent - (len(digits.digits) - len(plain))
    if value and places > SCALE:
        raise AmountFault(f"more than {SCALE} decimal places")
    if not value:
        return Decimal(0)
    if -exponent > SCALE or "e" in text.lower():
        value = value.quantize(Decimal(1).scaleb(-max(0, places)), context=_EXACT)
    return value


def _why_not(text: str) -> str:
    lowered = text.lower().lstrip("+-")
    if not text:
        return "empty"
    if "," in text:
        return "a comma: write a point, and no thousands separator"
    if lowered in {"nan", "inf", "infinity"}:
        return "not a finite number"
    if len(text) > _LONGEST or re.search(r"[eE][+-]?\d{4,}$", text):
        return f"beyond the bound of {INTEGER_DIGITS} digits before and {SCALE} after the point"
    return "not a number"


_DIGITS: Mapping[str, int] = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
"""Currencies whose minor unit isn't two places (ISO 4217, which is what ERPs post by).

CLDR, and so babel, gives fewer places to some currencies of small value; those
are habits of display, not of books.
"""

_NO_MINOR_UNIT = frozenset(
    ["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"]
)


def minor_digits(currency: str) -> int:
    """Decimal places of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217).

    Raises ConfigurationError for a code that has no minor unit (XAU, unknown codes).

    >>> minor_digits("USD"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    if not is_currency(currency):
        raise ConfigurationError(
            f"{currency!r} is not a currency with a minor unit",
            why="amounts are rounded to the minor unit of ISO 4217, and this code has none",
            hint="use a code such as USD, EUR or JPY",
        )
    return _DIGITS.get(currency, 2)


@lru_cache
def is_currency(code: str) -> bool:
    """Whether a code is an ISO 4217 currency with a minor unit.

    >>> is_currency("EUR"), is_currency("XAU"), is_currency("dollars")
    (True, False, False)
    """
    from babel.core import Locale

    known: Mapping[str, str] = Locale("en").currencies
    return code in known and code not in _NO_MINOR_UNIT


def places(value: Decimal) -> int:
    """Decimal places that a value has, without zeros that say nothing.

    >>> places(Decimal("0.0250")), places(Decimal("1E+3"))
    (3, 0)
    """
    exponent = value.normalize(_EXACT).as_tuple().exponent
    return max(0, -int(exponent))


def exact(value: Decimal | int | Fraction) -> Fraction:
    """The rational that an amount stands for."""
    return Fraction(value)


def to_units(amount: Fraction, digits: int) -> int:
    """Round an exact amount to whole minor units, half away from zero.

    >>> to_units(Fraction("2.675"), 2), to_units(Fraction("-2.675"), 2)
    (268, -268)
    """
    scaled = abs(amount) * Fraction(10) ** digits
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return units if amount >= 0 else -units


def from_units(units: int, digits: int) -> Decimal:
    """Minor units as a decimal amount with the currency's places: 12345 → 123.45.

    Exact however many digits there are: the usual context would round to 28.

    >>> from_units(10**28 + 1, 18)
    Decimal('10000000000.000000000000000001')
    """
    return Decimal(f"{units}E-{digits}")


def largest_remainder(
    total: int, parts: Mapping[K, Fraction], order: Mapping[K, str]
) -> dict[K, int]:
    """Round parts to whole units so that they add up to `total` (Hamilton's method).

    Every part is rounded down, and the units left over go to the largest
    remainders; ties are settled by `order`, a stable text for each part, never
    by the order of input. A negative total is the mirror of the positive one.
    `total` must lie within one unit a part of the exact sum, which holds for a
    total that is itself rounded from that sum.

    >>> largest_remainder(100, {k: Fraction(100, 3) for k in "abc"}, {k: k for k in "abc"})
    {'a': 34, 'b': 33, 'c': 33}
    """
    if total < 0:
        mirror = largest_remainder(-total, {key: -part for key, part in parts.items()}, order)
        return {key: -units for key, units in mirror.items()}
    floors = {key: part.numerator // part.denominator for key, part in parts.items()}
    left = total - sum(floors.values())
    if not 0 <= left <= len(parts):
        raise ValueError(f"{left} units left over for {len(parts)} parts")
    ranked = sorted(parts, key=lambda key: (floors[key] - parts[key], order[key]))
    lifted = set(ranked[:left])
    return {key: floor + (key in lifted) for key, floor in floors.items()}
