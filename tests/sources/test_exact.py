"""Exact arithmetic: what plain Decimals and Fractions say, or the mark; never something near it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.sources.amount import UNREADABLE
from apportion.sources.exact import (
    exact_difference,
    exact_product,
    exact_quotient,
    exact_round,
    exact_sum,
    monthly_part,
    part_of,
)

WIDE = Context(prec=120)
HELD = pa.decimal128(38, 18)
PLACES = Decimal(1).scaleb(-18)

amounts = st.one_of(
    st.decimals(-(10**12) + 1, 10**12 - 1, places=18, allow_nan=False),
    st.decimals(-(10**6), 10**6, places=6, allow_nan=False),
    st.just(UNREADABLE),
    st.none(),
)


def column(*values: Decimal | None) -> pa.Array:
    return pa.array(values, HELD)


def expected(value: Decimal) -> Decimal:
    with localcontext(WIDE):
        if abs(value) >= UNREADABLE or value.quantize(PLACES) != value:
            return UNREADABLE
    return value


@pytest.mark.parametrize("name", ["add", "subtract", "multiply"])
@given(left=amounts, right=amounts)
def test_arithmetic_is_that_of_decimals(
    name: str, left: Decimal | None, right: Decimal | None
) -> None:
    function = {"add": exact_sum, "subtract": exact_difference, "multiply": exact_product}[name]
    (found,) = function(column(left), column(right)).to_pylist()
    if left is None or right is None:
        assert found is None
    elif UNREADABLE in {left, right}:
        assert found == UNREADABLE
    else:
        assert found == expected(getattr(WIDE, name)(left, right))


@given(value=amounts, places=st.integers(0, 18))
def test_rounding_is_half_away_from_zero(value: Decimal | None, places: int) -> None:
    (found,) = exact_round(column(value), pa.array([places], pa.int32())).to_pylist()
    if value is None or value == UNREADABLE:
        assert found == value
        return
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    assert found == expected(rounded)


@given(left=amounts, right=amounts, places=st.integers(0, 6))
def test_a_quotient_is_rounded_once(
    left: Decimal | None, right: Decimal | None, places: int
) -> None:
    (found,) = exact_quotient(
        column(left), column(right), pa.array([places], pa.int32())
    ).to_pylist()
    if left is None or right is None:
        assert found is None
    elif UNREADABLE in {left, right} or not right:
        assert found == UNREADABLE
    elif found != UNREADABLE:
        error = abs(Fraction(found) - Fraction(left) / Fraction(right))
        assert error <= Fraction(1, 2 * 10**places)
    else:
        assert abs(Fraction(left) / Fraction(right)) >= 10**11


@given(
    total=st.decimals(-(10**9), 10**9, places=18, allow_nan=False),
    count=st.integers(1, 600),
    digits=st.sampled_from([0, 2, 3]),
)
def test_parts_are_even_to_a_minor_unit_and_sum_to_the_total(
    total: Decimal, count: int, digits: int
) -> None:
    parts = [part_of(Fraction(total), month, count, digits) for month in range(1, count + 1)]
    with localcontext(WIDE):
        assert sum(parts, Decimal(0)) == total
    unit = Fraction(1, 10**digits)
    assert all(abs(Fraction(part) - Fraction(total) / count) <= unit for part in parts)


def test_a_part_in_a_currency_without_minor_unit_is_unreadable() -> None:
    def one(total: Decimal | None, currency: str | None) -> Decimal | None:
        month, count = pa.array([1], pa.int32()), pa.array([3], pa.int32())
        parts = monthly_part(column(total), month, count, pa.array([currency], pa.string()))
        found: Decimal | None = parts.to_pylist()[0]
        return found

    assert one(Decimal(100), "EUR") == Decimal("33.33")
    assert one(Decimal(100), "JPY") == Decimal(33)
    assert one(Decimal(100), "XAU") == UNREADABLE
    assert one(UNREADABLE, "EUR") == UNREADABLE
    assert one(None, "EUR") is None
