"""A product in the engine is the exact one, rounded once, whichever way it is computed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.load.workbench import Workbench
from apportion.sources.azure.functions import FUNCTIONS
from apportion.sources.product import product
from apportion.store.relation import sql
from apportion.store.relation import text as literal

WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
PLACES = Decimal("1e-18")

numbers = st.one_of(
    [
        st.decimals(-(10**7), 10**7, allow_nan=False, places=places)
        for places in (0, 2, 9, 10, 12, 18)
    ]
).map(lambda number: format(number, "f"))


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    with TemporaryDirectory() as folder, Workbench(Path(folder)) as made:
        made.lend(FUNCTIONS)
        yield made


def computed(bench: Workbench, *factors: str) -> Decimal | None:
    query = sql("SELECT _p AS p", _p=product(*(literal(factor) for factor in factors)))
    found: Decimal | None = bench.rows(query)[0]["p"]
    return found


@given(one=numbers, other=numbers)
@settings(max_examples=150, deadline=None)
def test_products_are_exact_and_rounded_half_away_from_zero(
    bench: Workbench, one: str, other: str
) -> None:
    exact = WIDE.multiply(Decimal(one), Decimal(other)).quantize(PLACES, context=WIDE)
    expected = exact if abs(exact) < 10**12 else None
    assert computed(bench, one, other) in {expected, exact}
    assert computed(bench, one, other, "1") == expected


@pytest.mark.parametrize("odd", ["", "NaN", "1,5", "two", "1*2"])
def test_what_is_no_number_has_no_product(bench: Workbench, odd: str) -> None:
    expected = Decimal(2) if odd == "1*2" else None
    assert computed(bench, odd, "1") == expected


def test_rounding_is_half_away_from_zero_on_both_ways(bench: Workbench) -> None:
    fast = ("0.000000000005", "0.0000001")
    assert computed(bench, *fast) == Decimal("0.000000000000000001")
    assert computed(bench, f"-{fast[0]}", fast[1]) == Decimal("-0.000000000000000001")
