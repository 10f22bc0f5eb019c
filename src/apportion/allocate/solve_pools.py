"""Third pass: what each pool costs in full, once pools have charged each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from apportion.allocate.gather_costs import Costs
from apportion.allocate.pool_answer import PoolAnswer, passed_by
from apportion.allocate.solve_loops import ClosedLoop, solve_loops
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.errors import ConfigurationError, Place

Full = Mapping[tuple[str, str], Amounts]
"""By currency and pool, its own cost and what other pools charge it."""


def solve_pools(
    costs: Costs, answers: Iterable[PoolAnswer], places: Mapping[str, Place]
) -> dict[tuple[str, str], Amounts]:
    """The full cost of every pool, exact, on all four cost bases.

    In a step-down or a chain this is substitution, in a reciprocal model a
    system of linear equations. Invariant: what leaves the pools for teams, or
    stays in them, sums to what came in (see prove_allocation).

    Raises ConfigurationError that names the loop where pools charge only each
    other, so that nobody is left to pay.
    """
    by_currency: dict[str, list[PoolAnswer]] = defaultdict(list)
    for answer in answers:
        by_currency[answer.currency].append(answer)
    full: dict[tuple[str, str], Amounts] = {}
    for currency, own in by_currency.items():
        passed = passed_by(own)
        charged = {one.pool: costs.pools.get((currency, one.pool), Amounts()) for one in own}
        solved = _solve(passed, charged, places) if passed else charged
        full |= {(currency, pool): amounts for pool, amounts in solved.items()}
    return full


def _solve(
    passed: Mapping[str, Mapping[str, Fraction]],
    own: Mapping[str, Amounts],
    places: Mapping[str, Place],
) -> dict[str, Amounts]:
    columns = {
        pool: dict(zip(COSTS, amounts.values(), strict=True)) for pool, amounts in own.items()
    }
    try:
        solved = solve_loops(passed, columns)
    except ClosedLoop as loop:
        raise ConfigurationError(
            f"pools charge each other in a closed loop: {loop}",
            place=places.get(loop.path[0]),
            why="all of their cost goes round among them, and no team is left to pay",
            hint="give one of them a team among its receivers, or `excluding: [POOL]`",
        ) from loop
    return {pool: Amounts(*(found[cost] for cost in COSTS)) for pool, found in solved.items()}
