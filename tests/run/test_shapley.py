"""What several causes do together is shared equally, sums exactly, and knows no order."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from apportion.run.shapley import sampled, shapley

Worths = Mapping[frozenset[int], Mapping[str, Fraction]]
numbers = st.fractions(min_value=-100, max_value=100, max_denominator=7)


@st.composite
def games(draw: st.DrawFn, most: int = 4) -> tuple[list[int], Worths]:
    causes = list(range(1, draw(st.integers(0, most)) + 1))
    subsets = [
        frozenset(cause for n, cause in enumerate(causes) if mask >> n & 1)
        for mask in range(1 << len(causes))
    ]
    figures = st.dictionaries(st.sampled_from("ab"), numbers)
    return causes, {taken: draw(figures) for taken in subsets}


def test_what_two_causes_do_only_together_is_shared_equally() -> None:
    """A new driver is worth nothing without the split that uses it, and the other way round."""
    worth = {frozenset({1, 2}): {"nlp": Fraction(90)}}
    parts = shapley([1, 2], lambda taken: worth.get(taken, {}))
    assert parts == {1: {"nlp": Fraction(45)}, 2: {"nlp": Fraction(45)}}


def test_by_hand_three_causes() -> None:
    """1 alone moves 6; 2 only after 1, another 4; 3 nothing. 1: 6 + 4/2, 2: 4/2."""

    def worth(taken: frozenset[int]) -> dict[str, Fraction]:
        return {"x": Fraction(6 * (1 in taken) + 4 * ({1, 2} <= taken))}

    assert shapley([1, 2, 3], worth) == {1: {"x": Fraction(8)}, 2: {"x": Fraction(2)}, 3: {}}


@given(games())
def test_parts_are_the_mean_over_all_orders(game: tuple[list[int], Worths]) -> None:
    causes, worths = game
    parts = shapley(causes, worths.__getitem__)
    orders = list(permutations(causes))
    for figure in "ab":
        for cause in causes:
            added = Fraction(0)
            for order in orders:
                before = frozenset(order[: order.index(cause)])
                added += worths[before | {cause}].get(figure, 0) - worths[before].get(figure, 0)
            assert parts[cause].get(figure, 0) == added / len(orders)


@given(games())
def test_parts_sum_to_the_difference(game: tuple[list[int], Worths]) -> None:
    causes, worths = game
    whole, nothing = worths[frozenset(causes)], worths[frozenset()]
    for parts in (
        shapley(causes, worths.__getitem__),
        sampled(causes, worths.__getitem__, "seed")[0],
    ):
        for figure in "ab":
            total = sum((own.get(figure, Fraction(0)) for own in parts.values()), Fraction(0))
            assert total == whole.get(figure, 0) - nothing.get(figure, 0)


@given(games())
def test_the_order_of_listing_changes_nothing(game: tuple[list[int], Worths]) -> None:
    causes, worths = game
    other = causes[::-1]
    assert shapley(causes, worths.__getitem__) == shapley(other, worths.__getitem__)
    assert sampled(causes, worths.__getitem__, "s") == sampled(other, worths.__getitem__, "s")


def test_a_sample_is_near_and_says_how_near() -> None:
    """Eleven causes in pairs that need each other, and one by itself: their parts are known."""
    causes = list(range(11))

    def worth(taken: frozenset[int]) -> dict[str, Fraction]:
        pairs = sum({n, n + 1} <= taken for n in range(0, 10, 2))
        return {"x": Fraction(10 * pairs + 7 * (10 in taken))}

    parts, bound = sampled(causes, worth, "seed")
    assert parts[10] == {"x": Fraction(7)}
    assert 0 <= bound <= 10
    assert all(abs(parts[n]["x"] - 5) <= bound for n in range(10))
