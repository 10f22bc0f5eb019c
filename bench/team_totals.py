"""What each receiver carries of all pools, without a line for each: for large models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.solve_pools import Full
from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS


def team_totals(answers: Iterable[PoolAnswer], full: Full, currency: str) -> dict[str, Amounts]:
    """Each team's shares of all pools in a currency, summed exactly on all four cost bases.

    Pools that have one answer in common are summed before they are shared. The
    sums are of whole numbers over one denominator for each cost basis.
    """
    alike: dict[int, list[PoolAnswer]] = defaultdict(list)
    for one in answers:
        if one.currency == currency:
            alike[id(one.answer)].append(one)
    shared = [
        (own[0], Amounts.total(full[currency, one.pool] for one in own)) for own in alike.values()
    ]
    units = [
        lcm(*(part.denominator for part in one.answer.fractions.values())) for one, _ in shared
    ]
    found: dict[str, list[Fraction]] = defaultdict(list)
    for basis in COSTS:
        per_unit = [cost.of(basis) / unit for (_, cost), unit in zip(shared, units, strict=True)]
        below = lcm(*(rate.denominator for rate in per_unit))
        sums: dict[str, int] = defaultdict(int)
        for (one, _), unit, rate in zip(shared, units, per_unit, strict=True):
            money = rate.numerator * (below // rate.denominator)
            for name, part in one.answer.fractions.items():
                if name not in one.passes:
                    sums[name] += part.numerator * (unit // part.denominator) * money
        for name, amount in sums.items():
            found[name].append(Fraction(amount, below))
    return {name: Amounts(*amounts) for name, amounts in found.items()}
