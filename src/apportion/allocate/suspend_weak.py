"""Before the passes: charges whose evidence is too weak to be charged go to suspense."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from apportion.domain.mode import Mode
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Span
from apportion.domain.result import Attributed
from apportion.model.project import Model

SUSPENSE = "suspense"
"""The line where charges wait for evidence when no team clears them."""

_STRENGTH = {evidence: rank for rank, evidence in enumerate(Evidence)}


def suspend_weak(
    attributed: Iterable[Attributed], model: Model, span: Span
) -> tuple[Attributed, ...]:
    """Give to suspense what rests on weaker evidence than chargeback asks for.

    Only charges of teams and pools in chargeback are weighed: in showback a guess
    informs, in chargeback it would be booked. Each part remembers whom it was
    meant for. Invariant: no amount changes. Modes and terms are those of the
    first day of the span.

    Source: suspense account, held until the entry can be classified (accounting).
    """
    terms = model.terms(span.start)
    limit = _STRENGTH[terms.least_evidence]
    to = (
        Owner(OwnerKind.TEAM, terms.suspense) if terms.suspense else Owner(OwnerKind.POOL, SUSPENSE)
    )
    return tuple(
        replace(part, owner=to, meant=str(part.owner))
        if _STRENGTH[part.evidence] > limit and _charged(part.owner, model, span)
        else part
        for part in attributed
    )


def _charged(owner: Owner, model: Model, span: Span) -> bool:
    if owner.kind is OwnerKind.TEAM:
        return model.organisation.mode(owner.name, span.start) is Mode.CHARGEBACK
    own = model.pool_mode(owner.name, span.start)
    return owner.kind is OwnerKind.POOL and own is Mode.CHARGEBACK
