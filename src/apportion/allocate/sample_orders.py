"""The Shapley value of many players from a sample of the orders in which they may arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from math import lcm, log, sqrt
from random import Random

from apportion.allocate.cost_game import VolumeGame
from apportion.allocate.question import Answer, Question
from apportion.domain.finding import Finding, Level
from apportion.domain.result import DriverUse
from apportion.model.terms.games import VolumeCost, by_tiers

NORMAL = 1.959963985
"""Standard errors within which 95 % of means of many lie."""


def students(degrees: int) -> float:
    """Standard errors within which 95 % of means lie, by Student's t.

    The expansion of Cornish and Fisher, right to three places from 14 degrees of freedom.
    Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.5.

    >>> round(students(14), 3)
    2.145
    """
    z, n = NORMAL, degrees
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3


@dataclass(frozen=True)
class Sample:
    """Exact sums over pairs of orders, by player, of what it added in both; and their squares."""

    pairs: int
    sums: Mapping[str, int]
    squares: Mapping[str, int]


def sample_orders(question: Question, game: VolumeGame, permutations: int) -> Answer:
    """Shapley values from a sample of permutations, each with its reverse (antithetic).

    What is exact stays exact: in each order the added costs sum to c(N), so the mean does;
    a fixed cost is shared equally by all who use anything (the value is additive); players of
    equal quantity get the same (their mean). Only which orders are drawn is left to chance,
    and that is seeded by the pool's name and the days, so the same inputs give the same.
    The error is stated: that of Student's t for the mean of so many pairs, and Hoeffding's
    bound, which holds whatever the costs are like. Invariant: the fractions sum to 1.

    Source: Castro, Gómez & Tejada, Polynomial calculation of the Shapley value based on
    sampling, 2009; Hoeffding, Probability Inequalities, 1963.
    """
    used = {name: quantity for name, quantity in game.used.items() if quantity}
    whole = game.cost(tuple(used))
    units, cost, scale = _in_whole_numbers(used, game.price)
    sample = draw(units, cost, _seed(question), (permutations + 1) // 2)
    alike: dict[Fraction, list[str]] = defaultdict(list)
    for name, quantity in used.items():
        alike[quantity].append(name)
    parts = dict.fromkeys(game.used, Fraction(0))
    for names in alike.values():
        total = sum(sample.sums[name] for name in names)
        variable = Fraction(total, 2 * sample.pairs * len(names)) / scale
        parts |= dict.fromkeys(names, (variable + game.price.fixed / len(used)) / whole)
    errors = {name: _error(sample, alike[q], float(scale * whole)) for name, q in used.items()}
    bounds = {name: _bound(sample, game.price, q) / float(whole) for name, q in used.items()}
    named = f"Shapley value of {game.driver.name}"
    return Answer(
        parts,
        {
            name: (DriverUse(named, question.currency, part * whole, whole),)
            for name, part in parts.items()
        },
        findings=(_finding(question, sample, errors, bounds),),
        notes={
            name: f"sampled from {2 * sample.pairs} orders: ± {percent_text(errors[name])} of the "
            f"pool (95 %), at most ± {percent_text(bounds[name])} (95 %, Hoeffding)"
            for name in used
        },
    )


def draw(units: Mapping[str, int], cost: Callable[[int], int], seed: int, pairs: int) -> Sample:
    """Pairs of an order and its reverse, in whole numbers."""
    chance = Random(seed)  # noqa: S311 (nothing here is secret)
    names = sorted(units)
    order = [(place, units[name]) for place, name in enumerate(names)]
    sums, squares = [0] * len(names), [0] * len(names)
    for _ in range(pairs):
        _shuffle(order, chance)
        added = [0] * len(names)
        for one in (order, reversed(order)):
            arrived, paid = 0, 0
            for place, quantity in one:
                arrived += quantity
                due = cost(arrived)
                added[place] += due - paid
                paid = due
        for place, amount in enumerate(added):
            sums[place] += amount
            squares[place] += amount * amount
    return Sample(
        pairs,
        dict(zip(names, sums, strict=True)),
        dict(zip(names, squares, strict=True)),
    )


def _shuffle(order: list[tuple[int, int]], chance: Random) -> None:
    """Fisher-Yates on bits, so that no other version of Python draws another order."""
    for last in range(len(order) - 1, 0, -1):
        other = chance.getrandbits(64) * (last + 1) >> 64
        order[last], order[other] = order[other], order[last]


def _seed(question: Question) -> int:
    named = f"{question.pool}\n{question.span.start}\n{question.span.until}"
    return int.from_bytes(sha256(named.encode()).digest())


def _in_whole_numbers(
    used: Mapping[str, Fraction], price: VolumeCost
) -> tuple[Mapping[str, int], Callable[[int], int], int]:
    """Quantities and the variable cost in whole numbers, and by what the cost is multiplied."""
    prices = [tier.price for tier in price.tiers]
    unit = lcm(*(one.denominator for one in (*used.values(), *price.limits)))
    cent = lcm(*(one.denominator for one in prices))

    def whole(values: Sequence[Fraction], by: int) -> list[int]:
        return [int(value * by) for value in values]

    cost = by_tiers(whole(price.limits, unit), whole(prices, cent), price.pricing)
    return {name: int(quantity * unit) for name, quantity in used.items()}, cost, unit * cent


def _error(sample: Sample, names: Sequence[str], whole: float) -> float:
    """The error of the mean of pairs at 95 %, as a part of the whole cost."""
    if sample.pairs < 2:
        return 1.0
    spread = Fraction(0)
    for name in names:
        mean = Fraction(sample.sums[name] ** 2, sample.pairs)
        spread += (sample.squares[name] - mean) / (sample.pairs - 1) / len(names)
    return students(sample.pairs - 1) * sqrt(spread / sample.pairs) / 2 / whole


def _bound(sample: Sample, price: VolumeCost, quantity: Fraction) -> float:
    """Hoeffding's bound at 95 %: what a player adds can't vary by more than its range."""
    prices = [tier.price for tier in price.tiers]
    jumps = [
        limit * abs(after - before)
        for limit, (before, after) in zip(price.limits, pairwise(prices), strict=False)
    ]
    leap = sum(jumps, Fraction(0)) if price.pricing == "volume" else Fraction(0)
    range_ = quantity * (max(prices) - min(prices)) + leap
    return float(range_) * sqrt(log(2 / 0.05) / (2 * sample.pairs))


def _finding(
    question: Question,
    sample: Sample,
    errors: Mapping[str, float],
    bounds: Mapping[str, float],
) -> Finding:
    worst = max(sorted(errors), key=lambda name: errors[name])
    return Finding(
        "shapley-sampled",
        Level.NOTE,
        f"pool {question.pool}: Shapley values of {len(errors)} receivers from "
        f"{2 * sample.pairs} sampled orders; the total is exact, and with 95 % probability a "
        f"share is off by at most {percent_text(errors[worst])} of the pool ({worst}; "
        f"{percent_text(max(bounds.values()))} whatever the prices, by Hoeffding)",
        question.split.place,
        "state more `permutations` for a smaller error: four times as many halve it",
    )


def percent_text(part: float) -> str:
    """An error in percent to two digits, never as a power of ten; nothing is off by more than all.

    >>> percent_text(0.9999), percent_text(0.0123)
    ('100 %', '1.2 %')
    """
    shown = min(max(part * 100, 0.001), 100)
    return f"{Decimal(f'{shown:.2g}'):f} %"
