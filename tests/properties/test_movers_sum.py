"""Price, volume and mix: whatever changed, the parts are the change, and each is what it says."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apportion.insight.price_volume_mix import Effects, Sold, price_volume_mix, summed

NUMBERS = st.fractions(min_value=-1000, max_value=1000, max_denominator=60)
POSITIVE = st.fractions(min_value=Fraction(1, 60), max_value=1000, max_denominator=60)
KINDS = st.sampled_from("abcd")
ANYTHING = st.dictionaries(KINDS, st.builds(Sold, NUMBERS, NUMBERS))


def amount(kinds: dict[str, Sold]) -> Fraction:
    return sum((one.amount for one in kinds.values()), Fraction(0))


@given(ANYTHING, ANYTHING)
def test_the_effects_are_the_change_whatever_it_is(
    before: dict[str, Sold], after: dict[str, Sold]
) -> None:
    assert price_volume_mix(before, after).total == amount(after) - amount(before)


@given(ANYTHING, ANYTHING)
def test_the_order_of_kinds_means_nothing(before: dict[str, Sold], after: dict[str, Sold]) -> None:
    backwards = (dict(reversed(one.items())) for one in (before, after))
    assert price_volume_mix(*backwards) == price_volume_mix(before, after)


@given(st.dictionaries(KINDS, st.tuples(POSITIVE, POSITIVE, POSITIVE), min_size=1))
def test_equal_prices_have_no_price_effect(kinds: dict[str, tuple[Fraction, ...]]) -> None:
    before = {name: Sold(was, was * price) for name, (price, was, _) in kinds.items()}
    after = {name: Sold(now, now * price) for name, (price, _, now) in kinds.items()}
    assert price_volume_mix(before, after).price == 0


@given(st.dictionaries(KINDS, st.tuples(POSITIVE, POSITIVE, POSITIVE), min_size=1))
def test_equal_quantities_have_a_price_effect_only(kinds: dict[str, tuple[Fraction, ...]]) -> None:
    before = {name: Sold(n, was) for name, (n, was, _) in kinds.items()}
    after = {name: Sold(n, now) for name, (n, _, now) in kinds.items()}
    found = price_volume_mix(before, after)
    assert found == Effects(price=found.total)


@given(
    st.dictionaries(KINDS, st.tuples(POSITIVE, POSITIVE), min_size=1),
    st.fractions(min_value=0, max_value=9, max_denominator=7),
)
def test_so_much_more_of_everything_is_volume_only(
    kinds: dict[str, tuple[Fraction, ...]], times: Fraction
) -> None:
    before = {name: Sold(n, cost) for name, (n, cost) in kinds.items()}
    after = {name: Sold(n * times, cost * times) for name, (n, cost) in kinds.items()}
    found = price_volume_mix(before, after)
    assert found == Effects(volume=found.total)


def test_what_is_new_has_no_price_effect_and_money_without_quantity_is_price() -> None:
    new = price_volume_mix({}, {"a": Sold(Fraction(2), Fraction(6))})
    assert new == Effects(volume=Fraction(6))
    bare = price_volume_mix(
        {"a": Sold(Fraction(0), Fraction(1))}, {"a": Sold(Fraction(0), Fraction(4))}
    )
    assert summed([new, bare]) == Effects(volume=Fraction(6), price=Fraction(3))
