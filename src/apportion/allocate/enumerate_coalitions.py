"""The Shapley value by its definition, over all sets of a few players."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from math import factorial, lcm

MOST = 12
"""Players up to which all 2^n sets are enumerated."""


def enumerate_coalitions(
    players: Sequence[str], cost: Callable[[Collection[str]], Fraction]
) -> dict[str, Fraction]:
    """Each player's exact Shapley value, from the cost of each of the 2^n sets.

    Sums are in whole numbers: costs by their common denominator, weights by n!.
    """
    count = len(players)
    found = [
        cost([name for place, name in enumerate(players) if members >> place & 1])
        for members in range(1 << count)
    ]
    scale = lcm(*(one.denominator for one in found))
    costs = [one.numerator * (scale // one.denominator) for one in found]
    weights = [factorial(size) * factorial(count - size - 1) for size in range(count)]
    size = [members.bit_count() for members in range(1 << count)]
    return {
        name: Fraction(
            sum(
                weights[size[members]] * (costs[members | 1 << place] - costs[members])
                for members in range(1 << count)
                if not members >> place & 1
            ),
            scale * factorial(count),
        )
        for place, name in enumerate(players)
    }
