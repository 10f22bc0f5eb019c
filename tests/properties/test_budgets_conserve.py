"""Months of a phased year sum to it to the cent, and transfers leave the sum of budgets alone."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.domain.budget import (
    BudgetDocument,
    BudgetKind,
    BudgetLine,
    BudgetOwner,
    units_by_month,
    with_transfers,
)
from apportion.domain.period import Period
from apportion.domain.phase import even, phase, year_from
from apportion.errors import UsageError
from apportion.govern.transfer_budget import move

YEAR = year_from(Period(2027, 1))
OWNERS = [
    BudgetOwner.parse(one)
    for one in ("team:nlp", "team:cv", "pool:shared", "product:assistant", "central:platform")
]
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
units = st.integers(-(10**12), 10**12)
weights = st.lists(
    st.fractions(min_value=0, max_value=1000, max_denominator=100), min_size=12, max_size=12
).filter(any)


@given(units, weights)
def test_months_sum_to_the_year_and_each_is_within_a_cent_of_its_part(
    amount: int, shape: list[Fraction]
) -> None:
    found = phase(amount, YEAR, shape)
    assert sum(found.values()) == amount
    assert list(found) == list(YEAR)
    for month, weight in zip(YEAR, shape, strict=True):
        assert abs(found[month] - amount * weight / sum(shape)) < 1


@given(units)
def test_an_even_year_differs_by_a_cent_at_most(amount: int) -> None:
    found = phase(amount, YEAR, even(YEAR)).values()
    assert max(found) - min(found) <= 1


@given(units, weights, st.fractions(min_value=Fraction(1, 9), max_value=9, max_denominator=9))
def test_only_the_shape_counts(amount: int, shape: list[Fraction], scale: Fraction) -> None:
    assert phase(amount, YEAR, shape) == phase(amount, YEAR, [one * scale for one in shape])


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(OWNERS), st.sampled_from(YEAR)), st.integers(0, 10**9)
    ),
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(OWNERS), min_size=2, max_size=2, unique=True),
            st.integers(1, 10**9),
            st.lists(st.sampled_from(YEAR), min_size=1, unique=True),
        ),
        max_size=6,
    ),
)
def test_transfers_leave_each_months_sum_as_it_was(
    held: dict[tuple[BudgetOwner, Period], int],
    moved: list[tuple[list[BudgetOwner], int, list[Period]]],
) -> None:
    lines = tuple(BudgetLine(owner, month, much) for (owner, month), much in held.items())
    version = document(lines, 1)
    transfers = [
        document(tuple(BudgetLine(*one) for one in move(giver, receiver, much, months)), n, 1)
        for n, ((giver, receiver), much, months) in enumerate(moved, 1)
    ]
    after = with_transfers(version, transfers)
    before = units_by_month(lines)
    assert {m: u for m, u in units_by_month(after).items() if u} == {
        m: u for m, u in before.items() if u
    }


@given(st.lists(st.tuples(st.sampled_from(OWNERS), st.sampled_from(YEAR), units), max_size=5))
def test_no_transfer_is_made_that_doesnt_balance_in_each_month(
    moved: list[tuple[BudgetOwner, Period, int]],
) -> None:
    lines = tuple({(o, m): BudgetLine(o, m, u) for o, m, u in moved}.values())
    if any(units_by_month(lines).values()):
        with pytest.raises(UsageError, match="doesn't balance"):
            document(lines, 1, 1)
    else:
        assert document(lines, 1, 1).total == 0


def document(lines: tuple[BudgetLine, ...], number: int, amends: int = 0) -> BudgetDocument:
    kind = BudgetKind.TRANSFER if amends else BudgetKind.VERSION
    return BudgetDocument("2027", kind, number, "USD", lines, "ann", "", NOON, amends)
