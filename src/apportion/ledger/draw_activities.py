"""From a run to quantities: how much of an activity each cost centre took.

Where a controlling system knows the price of an activity, chargeback is a matter of
quantities: it charges quantity × its planned price, and what was spent beside that stays
with the sender as a variance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from apportion.domain.finding import Finding, Level
from apportion.domain.mode import Mode
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import LineKind, PoolShare, Run
from apportion.model.pools import Method
from apportion.model.project import Model

_MEASURED = frozenset(map(str, (Method.DRIVER, Method.STANDARD_RATE, Method.PRACTICAL_CAPACITY)))
"""Methods whose shares rest on the quantity of one driver."""


@dataclass(frozen=True)
class Activity:
    """What one cost centre took of a pool: an exact quantity in the unit of the pool's driver."""

    pool: str
    receiver: str
    sender: str
    quantity: Fraction
    unit: str
    period: Period
    posted_on: date
    run: str

    @property
    def id(self) -> str:
        """An external id: the same quantity of the same run has the same one, for good."""
        return f"cb-{self.period}-{self.run[:8]}-{self.pool}-{self.receiver}"


@dataclass(frozen=True)
class Activities:
    """Quantities of a run, and what keeps some from being posted."""

    activities: tuple[Activity, ...]
    findings: tuple[Finding, ...] = ()


def draw_activities(run: Run, model: Model, pools: Collection[str]) -> Activities:
    """What teams in chargeback took of pools that are split by one driver.

    Quantities of teams that share a cost centre are added up. A pool that isn't split by
    one driver has no quantity to post, which is an error.

    Source: internal activity allocation (direct), SAP Controlling.
    """
    day = run.span.until - timedelta(days=1)
    sender = model.accounting.sender(day)
    sums: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    findings: list[Finding] = []
    facts = {one.team: one for one in run.teams}
    for share in _shares(run, pools, findings):
        team = share.receiver.name
        if model.line_mode(team, share.pool, run.span.start) is not Mode.CHARGEBACK:
            continue
        center = facts[team].cost_center if team in facts else ""
        if not center:
            findings.append(
                Finding(
                    "team-not-bookable",
                    Level.ERROR,
                    f"team {team} has no cost centre: its part of {share.pool} can't be booked",
                    hint="give it a cost centre in `organisation`",
                )
            )
            continue
        sums[share.pool, center, share.uses[0].unit] += share.uses[0].quantity
    return Activities(
        tuple(
            Activity(
                pool=pool,
                receiver=center,
                sender=sender.cost_center if sender else "",
                quantity=quantity,
                unit=unit,
                period=run.period,
                posted_on=day,
                run=run.id,
            )
            for (pool, center, unit), quantity in sorted(sums.items())
            if quantity
        ),
        tuple(findings),
    )


def _shares(run: Run, pools: Collection[str], findings: list[Finding]) -> Iterator[PoolShare]:
    """Each team's share of each pool once: those in other currencies rest on the same quantity."""
    seen: set[tuple[str, str]] = set()
    faulty: set[str] = set()
    found: set[str] = set()
    for share in run.shares:
        key = (share.pool, share.receiver.name)
        if share.pool not in pools or key in seen or share.kind is not LineKind.SHARED:
            continue
        if share.receiver.kind is not OwnerKind.TEAM:
            continue
        seen.add(key)
        found.add(share.pool)
        if len(share.uses) == 1 and share.method in _MEASURED:
            yield share
        else:
            faulty.add(share.pool)
    findings.extend(
        Finding(
            "activity-without-quantity",
            Level.ERROR,
            f"pool {pool} has no quantities of one driver in {run.period}",
            hint="post quantities only of pools that are split by one driver",
        )
        for pool in sorted(faulty | set(pools) - found)
    )
