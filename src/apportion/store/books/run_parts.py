"""The parts of a run as rows, and back: teams, attributions, shares, lines, proofs, findings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.rate import Rate, RateType
from apportion.domain.result import (
    Attributed,
    ClassCost,
    Line,
    LineKind,
    PoolShare,
    Proof,
    TeamFacts,
)
from apportion.store.books import schema
from apportion.store.books.findings import finding_row, read_finding
from apportion.store.books.rows import Part, fields

_KINDS = {str(kind): kind for kind in LineKind}
_EVIDENCE = {str(evidence): evidence for evidence in Evidence}


def _owner_columns(owner: Owner) -> dict[str, str]:
    return {"owner_kind": str(owner.kind), "owner": owner.name}


@lru_cache(maxsize=1 << 12)
def _owner(kind: str, name: str) -> Owner:
    return Owner(OwnerKind(kind), name)


def _cost_columns(amounts: Amounts) -> dict[str, Any]:
    return dict(zip(COSTS, amounts.values(), strict=True))


def _attributed_row(part: Attributed) -> dict[str, Any]:
    return {
        "source": part.source,
        "currency": part.currency,
        **_owner_columns(part.owner),
        "rule": part.rule,
        "evidence": str(part.evidence),
        "service": part.service,
        "charges": part.charges,
        **_cost_columns(part.amounts),
        **_converted_columns(part.converted),
        "meant": part.meant,
    }


def _converted_columns(amounts: Amounts | None) -> dict[str, Any]:
    values = amounts.values() if amounts else [None] * len(COSTS)
    return {f"Converted{name}": value for name, value in zip(COSTS, values, strict=True)}


def _read_attributed(row: Sequence[Any]) -> Attributed:
    source, currency, kind, owner, rule, evidence, service, charges, *costs, meant = row
    return Attributed(
        source,
        currency,
        _owner(kind, owner),
        rule,
        _EVIDENCE[evidence],
        service,
        charges,
        Amounts(*costs[: len(COSTS)]),
        None if costs[-1] is None else Amounts(*costs[len(COSTS) :]),
        meant,
    )


def _class_row(part: ClassCost) -> dict[str, Any]:
    return {
        "source": part.source,
        "currency": part.currency,
        **_owner_columns(part.owner),
        "rule": part.rule,
        "evidence": str(part.evidence),
        "service": part.service,
        "cost_class": part.cost_class,
        **_cost_columns(part.amounts),
    }


def _read_class(row: Sequence[Any]) -> ClassCost:
    source, currency, kind, owner, rule, evidence, service, cost_class, *costs = row
    carrier = _owner(kind, owner)
    strength = _EVIDENCE[evidence]
    return ClassCost(
        source, currency, carrier, rule, strength, service, cost_class, Amounts(*costs)
    )


def _share_row(share: PoolShare) -> dict[str, Any]:
    return {
        "pool": share.pool,
        "currency": share.currency,
        **_owner_columns(share.receiver),
        "fraction": share.fraction,
        "method": share.method,
        "kind": str(share.kind),
        "note": share.note,
    }


def _read_share(row: Sequence[Any]) -> PoolShare:
    pool, currency, owner_kind, name, fraction, method, kind, note = row
    owner = _owner(owner_kind, name)
    return PoolShare(pool, currency, owner, fraction, method, kind=_kind(kind, owner), note=note)


def _kind(kind: str, receiver: Owner) -> LineKind:
    """The kind of a share; runs of old had none but shared and kept."""
    if kind:
        return _KINDS[kind]
    return LineKind.SHARED if receiver.kind is OwnerKind.TEAM else LineKind.KEPT


def _rate_row(rate: Rate) -> dict[str, Any]:
    return {
        "source": rate.source,
        "currency": rate.currency,
        "into": rate.into,
        "type": str(rate.type),
        "value": rate.value,
        "missing": rate.missing,
    }


def _read_rate(row: Sequence[Any]) -> Rate:
    source, currency, into, kind, value, missing = row
    return Rate(source, currency, into, RateType(kind), value, missing=missing)


def _line_row(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "currency": line.currency,
        **_owner_columns(line.owner),
        "kind": str(line.kind),
        "pool": line.pool,
        "service": line.service,
        **_cost_columns(line.amounts),
        "mode": line.mode,
    }


def _read_line(row: Sequence[Any]) -> Line:
    line_id, currency, owner_kind, owner, kind, pool, service, *costs, mode = row
    carrier = _owner(owner_kind, owner)
    return Line(line_id, currency, carrier, _KINDS[kind], pool, service, Amounts(*costs), mode)


PARTS = {
    "teams": Part(schema.run_teams, fields(TeamFacts), lambda row: TeamFacts(*row)),
    "attributed": Part(schema.run_attributed, _attributed_row, _read_attributed),
    "classes": Part(schema.run_classes, _class_row, _read_class),
    "shares": Part(schema.run_shares, _share_row, _read_share),
    "lines": Part(schema.run_lines, _line_row, _read_line),
    "proofs": Part(schema.run_proofs, fields(Proof), lambda row: Proof(*row)),
    "rates": Part(schema.run_rates, _rate_row, _read_rate),
    "findings": Part(schema.run_findings, finding_row, read_finding),
}
"""The parts by the names of the run's fields; a share's driver uses and a rate's
quotes come on top of it."""
