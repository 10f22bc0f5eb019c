"""Allocation: the cost of shared pools becomes lines of the teams that carry it.

The way of the data is the tuple of passes, in order::

    gather_costs   attributed charges → direct cost, pools, unallocated
    share_pools    pools              → exact fractions by each pool's method
    solve_pools    own cost of pools  → full cost, once pools have charged each other
    settle_shares  fractions          → fractions, by terms that are stated in money
    draw_lines     cost and fractions → statement lines, exact

Each method of splitting is a file of its own (see `methods`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from apportion.allocate.draw_lines import ModeOf, draw_lines
from apportion.allocate.gather_costs import Costs, PoolDays, gather_costs
from apportion.allocate.known import Known
from apportion.allocate.policy_pools import NO_POLICIES, Policies
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.prove_allocation import prove_allocation
from apportion.allocate.settle_shares import settle_shares
from apportion.allocate.share_pools import share_pools
from apportion.allocate.solve_pools import Full, solve_pools
from apportion.allocate.stated_cost import compare_stated
from apportion.domain.commitments import NO_COMMITMENTS, CommitmentUse
from apportion.domain.finding import Finding
from apportion.domain.period import Span
from apportion.domain.result import Attributed, Line, PoolShare
from apportion.domain.usage_cells import UsageCells
from apportion.model.project import Model

PASSES = (gather_costs, share_pools, solve_pools, settle_shares, draw_lines)


@dataclass(frozen=True)
class Allocation:
    """What each pool's method answered, and the exact lines that follow from it.

    Lines and shares are drawn when they are asked for: many pools among many
    teams make many.
    """

    costs: Costs
    answers: tuple[PoolAnswer, ...]
    full: Full
    findings: tuple[Finding, ...] = ()
    mode_of: ModeOf = lambda team, pool: ""

    @cached_property
    def shares(self) -> tuple[PoolShare, ...]:
        return tuple(share for answer in self.answers for share in answer.shares())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return draw_lines(self.costs, self.full, self.shares, self.mode_of)


def allocate(  # noqa: PLR0913
    attributed: Iterable[Attributed],
    model: Model,
    span: Span,
    policies: Policies = NO_POLICIES,
    *,
    reporting: str = "",
    basis: str = "EffectiveCost",
    commitments: CommitmentUse = NO_COMMITMENTS,
    by_day: PoolDays | None = None,
    usage: UsageCells | None = None,
) -> Allocation:
    """Carry attributed charges to the teams: money in equals money out, exactly.

    Pools are shared in the currencies that they came in. `reporting` is the
    currency that the run converts to, in which cost of several currencies is weighed.
    `by_day` is the cost of pools that are split day by day.
    `basis` is the cost basis that terms in money are meant in.
    `policies` are the pools that policies filled, and what each is shared by;
    `commitments` whose the charges of commitments would be without their pools, and
    `usage` who used what pools' charges are for.

    Raises ConfigurationError where a pool can't be split and the model says
    error, ProofError if a unit of money were lost (a fault of the program).
    """
    costs = gather_costs(attributed, reporting, by_day)
    known = Known(policies, commitments, usage or {})
    answers, findings = share_pools(costs, model, span, known, basis)
    full = solve_pools(costs, answers, {pool.name: pool.place for pool in model.pools})
    settled, told = settle_shares(answers, full, model, span, basis)
    prove_allocation(costs, settled, full)
    compared = compare_stated(settled, full, model, basis)
    return Allocation(
        costs,
        settled,
        full,
        (*findings, *told, *compared),
        cache(lambda team, pool: str(model.line_mode(team, pool, span.start))),
    )
