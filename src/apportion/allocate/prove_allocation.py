"""The proof of an allocation: what leaves the pools is what came into them, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from apportion.allocate.gather_costs import Costs
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.solve_pools import Full
from apportion.domain.amounts import Amounts
from apportion.errors import ProofError


def prove_allocation(costs: Costs, answers: Iterable[PoolAnswer], full: Full) -> None:
    """Raise ProofError unless each pool is answered for as a whole, and no money was lost.

    A line is a fraction of a pool's full cost, so the lines of a currency sum to
    the charges if the fractions of each pool sum to 1, and if full costs less
    what pools pass among themselves sum to the pools' own costs.
    """
    left: dict[str, list[Amounts]] = defaultdict(list)
    answered = set()
    for one in answers:
        passed = sum(one.passed.values(), Fraction(0))
        amounts = full[one.currency, one.pool]
        left[one.currency].append(amounts.times(1 - passed) if passed else amounts)
        answered.add((one.currency, one.pool))
        if one.answer.whole != 1:
            raise _lost(f"pool {one.pool} is charged by {one.answer.whole} of its cost")
    own: dict[str, list[Amounts]] = defaultdict(list)
    for (currency, pool), amounts in costs.pools.items():
        own[currency].append(amounts)
        if (currency, pool) not in answered and not amounts.is_zero:
            raise _lost(f"nobody was asked about pool {pool} in {currency}")
    for currency in {*own, *left}:
        missing = Amounts.total(own[currency]) - Amounts.total(left[currency])
        if not missing.is_zero:
            raise _lost(f"allocation lost {missing.EffectiveCost} {currency} between pools")


def _lost(what: str) -> ProofError:
    return ProofError(
        what,
        why="the lines wouldn't sum to the charges that came in",
        hint="this is a fault of apportion: please report it with the model",
    )
