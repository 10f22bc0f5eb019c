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
    """Each player's exact Shapley value, from the cost of each of the 2^n sets."""
    found = [
        cost([name for place, name in enumerate(players) if members >> place & 1])
        for members in range(1 << len(players))
    ]
    return dict(zip(players, values_of_sets(found), strict=True))


def values_of_sets(worths: Sequence[Fraction]) -> list[Fraction]:
    """Shapley values of n players, from what each of the 2^n sets of them is worth.

    The number of a set has a bit for each player in it. Sums are in whole numbers:
    worths by their common denominator, weights by n!. Invariant: the values sum to
    what all are worth less what nobody is.

    >>> values_of_sets([Fraction(0), Fraction(1), Fraction(2), Fraction(5)])
    [Fraction(2, 1), Fraction(3, 1)]
    """
    count = len(worths).bit_length() - 1
    scale = lcm(*{one.denominator for one in worths})
    whole = [one.numerator * (scale // one.denominator) for one in worths]
    weights = [factorial(size) * factorial(count - size - 1) for size in range(count)]
    size = [members.bit_count() for members in range(1 << count)]
    return [
        Fraction(
            sum(
                weights[size[members]] * (whole[members | 1 << place] - whole[members])
                for members in range(1 << count)
                if not members >> place & 1
            ),
            scale * factorial(count),
        )
        for place in range(count)
    ]
