"""Allocation: the cost of shared pools becomes lines of the teams that carry it.

The way of the data is the tuple of passes, in order::

    gather_costs   attributed charges → direct cost, pools, unallocated
    share_pools    pools              → exact fractions by each pool's method
    draw_lines     cost and fractions → statement lines, exact

Each method of splitting is a file of its own: even, fixed, direct_cost,
head_count, driver, weighted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apportion.allocate.draw_lines import draw_lines
from apportion.allocate.gather_costs import gather_costs
from apportion.allocate.policy_pools import NO_POLICIES, Policies
from apportion.allocate.share_pools import share_pools
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.domain.result import Attributed, Line, PoolShare
from apportion.errors import ProofError
from apportion.model.project import Model

PASSES = (gather_costs, share_pools, draw_lines)


@dataclass(frozen=True)
class Allocation:
    """Exact lines and the shares they rest on."""

    lines: tuple[Line, ...]
    shares: tuple[PoolShare, ...]
    findings: tuple[Finding, ...] = ()


def allocate(
    attributed: Iterable[Attributed],
    model: Model,
    span: Span,
    policies: Policies = NO_POLICIES,
    *,
    reporting: str = "",
) -> Allocation:
    """Carry attributed charges to the teams: money in equals money out, exactly.

    Pools are shared in the currencies that they came in. `reporting` is the
    currency that the run converts to, in which cost of several currencies is weighed.
    `policies` are the pools that policies filled, and what each is shared by.

    Raises ConfigurationError where a pool can't be split and the model says
    error, ProofError if a unit of money were lost (a fault of the program).
    """
    costs = gather_costs(attributed, reporting)
    shares, findings = share_pools(costs, model, span, policies)
    lines = draw_lines(costs, shares)
    for currency, total in costs.total.items():
        out = Amounts.total(line.amounts for line in lines if line.currency == currency)
        if out != total:
            raise ProofError(
                f"allocation lost {total - out} {currency}",
                why="the lines don't sum to the charges that came in",
                hint="this is a fault of apportion: please report it with the model",
            )
    return Allocation(lines, shares, findings)
