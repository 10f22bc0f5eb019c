"""How much each of several causes adds, whatever the order in which they are thought of.

A cause that is thought of first may seem to do all that two causes do together.
So its part is the mean of what it adds over all orders: what two causes do only
together is shared by them equally, and the parts sum to the whole.

Source: L. S. Shapley, "A value for n-person games", 1953; antithetic pairs of
orders: R. Mitchell et al., "Sampling permutations for Shapley value estimation", 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

from apportion.allocate.enumerate_coalitions import values_of_sets

K = TypeVar("K", bound=Hashable)

Taken = frozenset[int]
Worth = Callable[[Taken], Mapping[K, Fraction]]
"""What all figures are when some of the causes are there; a figure that is absent is zero."""

EXACT = 8
"""Up to so many causes every subset is looked at."""

PAIRS = 8
"""Beyond, so many random orders, and the reverse of each."""

NOTHING = Fraction(0)


Parts = dict[int, dict[K, Fraction]]
"""By cause and figure, its part; figures that it doesn't move are absent."""


def shapley(causes: Sequence[int], worth: Worth[K]) -> Parts[K]:
    """The exact part of each cause in each figure.

    Invariant: the parts of a figure sum to its difference between all causes and none.
    """
    count = len(causes)
    subsets = [
        frozenset(cause for n, cause in enumerate(causes) if mask >> n & 1)
        for mask in range(1 << count)
    ]
    worths = [worth(taken) for taken in subsets]
    parts: Parts[K] = {cause: {} for cause in causes}
    for figure in dict.fromkeys(key for found in worths for key in found):
        values = [found.get(figure, NOTHING) for found in worths]
        if values.count(values[0]) == len(values):
            continue
        for cause, part in zip(causes, values_of_sets(values), strict=True):
            if part:
                parts[cause][figure] = part
    return parts


def sampled(causes: Sequence[int], worth: Worth[K], seed: str) -> tuple[Parts[K], Fraction]:
    """The mean over seeded orders and their reverses, and how far it may be from all orders' mean.

    The same causes and seed give the same orders, however they are listed. The
    sum is exact all the same. The bound is Hoeffding's at 95 %, for the widest
    spread of any part that was seen.
    """
    chance = Random(seed)  # noqa: S311 - reproducible on purpose, and no secret
    ordered = sorted(causes)
    sums: Parts[K] = {cause: {} for cause in ordered}
    ends: dict[tuple[int, K], tuple[Fraction, Fraction, int]] = {}
    for _ in range(PAIRS):
        order = chance.sample(ordered, len(ordered))
        pair: dict[tuple[int, K], Fraction] = {}
        for way in (order, order[::-1]):
            taken: Taken = frozenset()
            before = worth(taken)
            for cause in way:
                taken |= {cause}
                after = worth(taken)
                for figure in before.keys() | after.keys():
                    added = after.get(figure, NOTHING) - before.get(figure, NOTHING)
                    if added:
                        key = (cause, figure)
                        pair[key] = pair.get(key, NOTHING) + added / 2
                before = after
        for (cause, figure), part in pair.items():
            sums[cause][figure] = sums[cause].get(figure, NOTHING) + part
            low, high, seen = ends.get((cause, figure), (part, part, 0))
            ends[cause, figure] = (min(low, part), max(high, part), seen + 1)
    widest = max((_range(*found) for found in ends.values()), default=NOTHING)
    means = {
        cause: {figure: part / PAIRS for figure, part in own.items() if part}
        for cause, own in sums.items()
    }
    return means, widest * HOEFFDING


HOEFFDING = Fraction((Decimal(40).ln() / (2 * PAIRS)).sqrt())
"""The mean of so many pairs is off by at most this much of their range, with 95 % confidence."""


def _range(low: Fraction, high: Fraction, seen: int) -> Fraction:
    """How far the pairs lie apart; in pairs where a cause wasn't seen to add, it added nothing."""
    return high - low if seen == PAIRS else max(high, NOTHING) - min(low, NOTHING)
