"""Nested needs: each increment of capacity is paid by all who need at least that much."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from apportion.allocate.cost_game import NestedGame
from apportion.allocate.question import Answer
from apportion.domain.result import DriverUse

SHOWN = 12
"""Increments that are told one by one; where there are more, a share tells the need alone."""


def nested_needs(game: NestedGame) -> Answer:
    """The Shapley value of an airport game in closed form, for any number of teams.

    With costs of needs sorted, 0 = k_0 < k_1 < … < k_m, the increment k_j - k_(j-1) is shared
    equally by the n_j whose need costs at least k_j. (The runway for the largest plane serves
    all; small planes pay nothing of the last metres.) Invariant: the parts sum to 1.

    Source: Littlechild & Owen, A Simple Expression for the Shapley Value in a Special Case,
    Management Science 20 (1973).
    """
    levels = sorted({Fraction(0), *game.costs.values()})
    whole = levels[-1]
    sharing = {level: sum(cost >= level for cost in game.costs.values()) for level in levels}
    carried = {Fraction(0): Fraction(0)}
    for low, high in pairwise(levels):
        carried[high] = carried[low] + (high - low) / sharing[high] / whole
    return Answer(
        {name: carried[cost] for name, cost in game.costs.items()},
        {name: tuple(_uses(game, name, levels, sharing)) for name in game.costs},
    )


def _uses(
    game: NestedGame, name: str, levels: list[Fraction], sharing: dict[Fraction, int]
) -> Iterator[DriverUse]:
    """One of so many who share each increment, weighed by what of the cost it is."""
    driver, whole = game.driver, levels[-1]
    if len(levels) > SHOWN + 1:
        yield DriverUse(driver.name, driver.unit, game.needs[name], max(game.needs.values()))
        return
    top = {Fraction(0): Fraction(0)}
    for who, cost in game.costs.items():
        top[cost] = max(top.get(cost, Fraction(0)), game.needs[who])
    for low, high in pairwise(levels):
        if high <= game.costs[name]:
            label = f"{driver.name} from {float(top[low]):g} to {float(top[high]):g}"
            count = Fraction(sharing[high])
            yield DriverUse(label, "receivers", Fraction(1), count, (high - low) / whole)
