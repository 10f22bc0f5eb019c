"""Before the passes: charges whose evidence is too weak to be charged go to suspense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from apportion.allocate.charged_pools import charged_pools
from apportion.allocate.gather_costs import PoolDays
from apportion.domain.amounts import Amounts
from apportion.domain.mode import Mode
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Span
from apportion.domain.result import Attributed
from apportion.model.project import Model

DaysByEvidence = Mapping[tuple[str, str, Evidence], Mapping[date, Amounts]]
"""By currency, pool and strength of evidence, what was charged to the pool on each day."""

SUSPENSE = "suspense"
"""The line where charges wait for evidence when no team clears them."""


def suspend_weak(
    attributed: Iterable[Attributed], model: Model, span: Span
) -> tuple[Attributed, ...]:
    """Give to suspense what rests on weaker evidence than chargeback asks for.

    Only charges of teams and pools in chargeback are weighed: in showback a guess
    informs, in chargeback it would be booked. A pool counts as a whole as soon as any
    of it may be charged. Each part remembers whom it was
    meant for. Invariant: no amount changes. Modes and terms are those of the
    first day of the span.

    Source: suspense account, held until the entry can be classified (accounting).
    """
    weak = too_weak(model, span)
    if not weak:
        return tuple(attributed)
    charged, to = charged_owners(model, span), suspense_owner(model, span)
    return tuple(
        replace(part, owner=to, meant=str(part.owner))
        if part.evidence in weak and part.owner in charged
        else part
        for part in attributed
    )


def suspend_days(days: DaysByEvidence, model: Model, span: Span) -> PoolDays:
    """What pools cost day by day, less what is suspended of it: days weigh by what is shared."""
    weak = too_weak(model, span)
    charged = charged_owners(model, span) if weak else frozenset()
    made: dict[tuple[str, str], dict[date, Amounts]] = {}
    for (currency, pool, evidence), amounts in days.items():
        if evidence in weak and Owner(OwnerKind.POOL, pool) in charged:
            continue
        own = made.setdefault((currency, pool), {})
        for day, part in amounts.items():
            own[day] = own[day] + part if day in own else part
    return made


def too_weak(model: Model, span: Span) -> tuple[Evidence, ...]:
    """The strengths of evidence on which nobody in chargeback is charged."""
    order = tuple(Evidence)
    return order[order.index(model.terms(span.start).least_evidence) + 1 :]


def charged_owners(model: Model, span: Span) -> frozenset[Owner]:
    """The teams in chargeback, and the pools of which any may be charged."""
    teams = (
        Owner(OwnerKind.TEAM, team.name)
        for team in model.organisation.teams
        if model.organisation.mode(team.name, span.start) is Mode.CHARGEBACK
    )
    pools = (Owner(OwnerKind.POOL, name) for name in charged_pools(model, span))
    return frozenset((*teams, *pools))


def suspense_owner(model: Model, span: Span) -> Owner:
    """Who holds what is suspended: the team that clears it, or a line of its own."""
    team = model.terms(span.start).suspense
    return Owner(OwnerKind.TEAM, team) if team else Owner(OwnerKind.POOL, SUSPENSE)
