"""Exact arithmetic for formulas: sums and products that hold to the last digit, or are UNREADABLE.

DuckDB would round a product to the places of its result, and fail on large ones.
Here a result is exact within 18 places and 12 digits before the point, or it is
the mark of what can't be read, which sets its row aside. The mark passes on
from an operand to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from apportion.domain.money import (
    INTEGER_DIGITS,
    PRECISION,
    SCALE,
    from_units,
    is_currency,
    minor_digits,
    to_units,
)
from apportion.model.formula import DIFFERENCE, PRODUCT, QUOTIENT, ROUNDED, SUM
from apportion.sources.amount import UNREADABLE

MONTHLY_PART = "monthly_part"
"""Lent as well: of a total, a month from 1, the number of months, and a currency."""

_HELD = pa.decimal128(PRECISION, SCALE)
_OPERAND = pa.decimal256(PRECISION - 1, SCALE)
_WIDE = pa.decimal256(2 * PRECISION, 2 * SCALE)
_MARK = pa.scalar(UNREADABLE, _WIDE)


def exact_sum(left: pa.Array, right: pa.Array) -> pa.Array:
    """Each left operand plus its right one."""
    return _bounded(pc.add(left.cast(_OPERAND), right.cast(_OPERAND)), left, right)


def exact_difference(left: pa.Array, right: pa.Array) -> pa.Array:
    """Each left operand less its right one."""
    return _bounded(pc.subtract(left.cast(_OPERAND), right.cast(_OPERAND)), left, right)


def exact_product(left: pa.Array, right: pa.Array) -> pa.Array:
    """Each left operand times its right one."""
    return _bounded(pc.multiply(left.cast(_OPERAND), right.cast(_OPERAND)), left, right)


def _bounded(wide: pa.Array, *operands: pa.Array) -> pa.Array:
    """Results that are exact within the bounds, UNREADABLE in the place of all others."""
    wide = wide.cast(_WIDE)
    kept = pc.round(wide, ndigits=SCALE)
    sound = pc.and_(pc.equal(kept, wide), pc.less(pc.abs(wide), _MARK))
    for operand in operands:
        sound = pc.and_(sound, pc.less(operand.cast(_WIDE), _MARK))
    return pc.if_else(sound, kept, _MARK).cast(_HELD)


def exact_round(values: pa.Array, places: pa.Array) -> pa.Array:
    """Values rounded half away from zero, to places from 0 to 18."""
    return _each(_rounded, values, places)


def exact_quotient(left: pa.Array, right: pa.Array, places: pa.Array) -> pa.Array:
    """Quotients rounded once, half away from zero; UNREADABLE where it would divide by zero."""
    return _each(_quotient, left, right, places)


def monthly_part(
    totals: pa.Array, months: pa.Array, counts: pa.Array, currencies: pa.Array
) -> pa.Array:
    """One month's part of a total; see `part_of`. UNREADABLE for a currency without minor unit."""
    return _each(_part, totals, months, counts, currencies)


def part_of(total: Fraction, month: int, count: int, digits: int) -> Decimal:
    """The part of `month`, from 1, of a total in `count` equal months, in minor units.

    What has accrued up to a month is rounded, and a month's part is what that
    grew by: parts differ by a minor unit at most. The last takes the rest, so
    that the parts are the total to the last digit.

    >>> [f"{part_of(Fraction(100), month, 3, 2):.2f}" for month in (1, 2, 3)]
    ['33.33', '33.34', '33.33']
    """
    before = from_units(to_units(total * (month - 1) / count, digits), digits)
    if month == count:
        rest = total - Fraction(before)
        return Decimal(rest.numerator * 10**SCALE // rest.denominator).scaleb(-SCALE)
    return from_units(to_units(total * month / count, digits), digits) - before


def _rounded(value: Decimal, places: int) -> Decimal:
    if value >= UNREADABLE:
        return UNREADABLE
    return _held(from_units(to_units(Fraction(value), places), places))


def _quotient(left: Decimal, right: Decimal, places: int) -> Decimal:
    if left >= UNREADABLE or right >= UNREADABLE or not right:
        return UNREADABLE
    return _held(from_units(to_units(Fraction(left) / Fraction(right), places), places))


def _part(total: Decimal, month: int, count: int, currency: str) -> Decimal:
    if total >= UNREADABLE or not 1 <= month <= count or not is_currency(currency):
        return UNREADABLE
    return part_of(Fraction(total), month, count, minor_digits(currency))


def _held(value: Decimal) -> Decimal:
    return value if value.adjusted() < INTEGER_DIGITS else UNREADABLE


def _each(function: Callable[..., Decimal], *arguments: pa.Array) -> pa.Array:
    rows = zip(*(argument.to_pylist() for argument in arguments), strict=True)
    return pa.array([None if None in row else function(*row) for row in rows], _HELD)


FUNCTIONS: Mapping[str, tuple[Callable[..., pa.Array], tuple[str, ...]]] = {
    # name: function, the DuckDB types of its arguments
    SUM: (exact_sum, ("DECIMAL", "DECIMAL")),
    DIFFERENCE: (exact_difference, ("DECIMAL", "DECIMAL")),
    PRODUCT: (exact_product, ("DECIMAL", "DECIMAL")),
    ROUNDED: (exact_round, ("DECIMAL", "INTEGER")),
    QUOTIENT: (exact_quotient, ("DECIMAL", "DECIMAL", "INTEGER")),
    MONTHLY_PART: (monthly_part, ("DECIMAL", "INTEGER", "INTEGER", "VARCHAR")),
}
"""What loading lends to the engine; DECIMAL is (38,18), and so is every result."""
