"""Runs as rows of the books, and back, exactly; as a whole or only the parts that are needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from apportion.domain.amounts import Amounts
from apportion.domain.charge import COSTS
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period, Span
from apportion.domain.result import (
    Attributed,
    DriverUse,
    Line,
    LineKind,
    PoolShare,
    Proof,
    Run,
    TeamFacts,
)
from apportion.store.books import schema
from apportion.store.books.audit import now
from apportion.store.books.findings import finding_row, read_finding
from apportion.store.books.snapshots import write_rows

_TEAM = tuple(TeamFacts.__dataclass_fields__)
_PROOF = tuple(Proof.__dataclass_fields__)
_USE = tuple(DriverUse.__dataclass_fields__)


@dataclass(frozen=True)
class RunHead:
    """A run in a listing; `latest` says that its period's statements are drawn from it."""

    id: str
    period: Period
    span: Span
    model: str
    basis: str
    made_at: datetime
    latest: bool


@dataclass(frozen=True)
class Part:
    """One tuple of a run: its table, and the way of a value to a row and back."""

    table: Table
    write: Callable[[Any], dict[str, Any]]
    read: Callable[[Row[Any]], Any]


def _owner(owner: Owner) -> dict[str, str]:
    return {"owner_kind": str(owner.kind), "owner": owner.name}


def _costs(amounts: Amounts) -> dict[str, Any]:
    return dict(zip(COSTS, amounts.values(), strict=True))


def _read_owner(row: Row[Any]) -> Owner:
    return Owner(OwnerKind(row.owner_kind), row.owner)


def _read_costs(row: Row[Any]) -> Amounts:
    return Amounts(row.BilledCost, row.EffectiveCost, row.ListCost, row.ContractedCost)


def _attributed_row(part: Attributed) -> dict[str, Any]:
    return {
        "source": part.source,
        "currency": part.currency,
        **_owner(part.owner),
        "rule": part.rule,
        "evidence": str(part.evidence),
        "service": part.service,
        "charges": part.charges,
        **_costs(part.amounts),
    }


def _read_attributed(row: Row[Any]) -> Attributed:
    return Attributed(
        row.source,
        row.currency,
        _read_owner(row),
        row.rule,
        Evidence(row.evidence),
        row.service,
        row.charges,
        _read_costs(row),
    )


def _share_row(share: PoolShare) -> dict[str, Any]:
    return {
        "pool": share.pool,
        "currency": share.currency,
        **_owner(share.receiver),
        "fraction": share.fraction,
        "method": share.method,
    }


def _read_share(row: Row[Any]) -> PoolShare:
    return PoolShare(row.pool, row.currency, _read_owner(row), row.fraction, row.method)


def _line_row(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "currency": line.currency,
        **_owner(line.owner),
        "kind": str(line.kind),
        "pool": line.pool,
        "service": line.service,
        **_costs(line.amounts),
    }


def _read_line(row: Row[Any]) -> Line:
    return Line(
        row.id,
        row.currency,
        _read_owner(row),
        LineKind(row.kind),
        row.pool,
        row.service,
        _read_costs(row),
    )


def _named(names: tuple[str, ...], value: object) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


PARTS: dict[str, Part] = {
    "teams": Part(
        schema.run_teams,
        lambda team: _named(_TEAM, team),
        lambda row: TeamFacts(*(getattr(row, name) for name in _TEAM)),
    ),
    "attributed": Part(schema.run_attributed, _attributed_row, _read_attributed),
    "shares": Part(schema.run_shares, _share_row, _read_share),
    "lines": Part(schema.run_lines, _line_row, _read_line),
    "proofs": Part(
        schema.run_proofs,
        lambda proof: _named(_PROOF, proof),
        lambda row: Proof(*(getattr(row, name) for name in _PROOF)),
    ),
    "findings": Part(schema.run_findings, finding_row, read_finding),
}

ALL_PARTS = frozenset(PARTS)
"""The parts of a run that can be read by themselves: they are named like its fields."""


def write_run(connection: Connection, run: Run) -> None:
    """Write a run unless it is there already: its id stands for all that it depends on."""
    held = connection.execute(select(schema.runs.c.id).where(schema.runs.c.id == run.id)).scalar()
    if held is not None:
        return
    head = {
        "id": run.id,
        "period": run.period,
        "span_start": run.span.start,
        "span_until": run.span.until,
        "model": run.model,
        "basis": run.basis,
        "made_at": run.made_at,
    }
    write_rows(connection, schema.runs, [head])
    links = [{"run": run.id, "position": n, "snapshot": s} for n, s in enumerate(run.snapshots)]
    write_rows(connection, schema.run_snapshots, links)
    for name, part in PARTS.items():
        values = enumerate(getattr(run, name))
        rows = [{"run": run.id, "position": n, **part.write(value)} for n, value in values]
        write_rows(connection, part.table, rows)
    uses = [
        {"run": run.id, "share": n, "position": m, **_named(_USE, use)}
        for n, share in enumerate(run.shares)
        for m, use in enumerate(share.uses)
    ]
    write_rows(connection, schema.run_driver_uses, uses)


def point_to_run(connection: Connection, run: Run) -> None:
    """Make a run the latest of its period."""
    table = schema.run_pointers
    connection.execute(table.delete().where(table.c.period == run.period))
    connection.execute(table.insert(), {"period": run.period, "run": run.id, "pointed_at": now()})


def read_run(connection: Connection, run_id: str, parts: Collection[str] = ALL_PARTS) -> Run | None:
    """A run by its id; of the parts, only those asked for are filled."""
    head = connection.execute(select(schema.runs).where(schema.runs.c.id == run_id)).one_or_none()
    if head is None:
        return None
    links = schema.run_snapshots
    held = select(links.c.snapshot).where(links.c.run == run_id).order_by(links.c.position)
    read = {
        name: _read_part(connection, run_id, part) for name, part in PARTS.items() if name in parts
    }
    if "shares" in read:
        read["shares"] = _with_uses(connection, run_id, read["shares"])
    return Run(
        id=head.id,
        period=head.period,
        span=Span(head.span_start, head.span_until),
        model=head.model,
        basis=head.basis,
        snapshots=tuple(connection.execute(held).scalars()),
        made_at=head.made_at,
        **{name: read.get(name, ()) for name in PARTS},
    )


def _read_part(connection: Connection, run_id: str, part: Part) -> tuple[Any, ...]:
    table = part.table
    wanted = select(table).where(table.c.run == run_id).order_by(table.c.position)
    return tuple(part.read(row) for row in connection.execute(wanted))


def _with_uses(
    connection: Connection, run_id: str, shares: tuple[PoolShare, ...]
) -> tuple[PoolShare, ...]:
    table = schema.run_driver_uses
    wanted = select(table).where(table.c.run == run_id).order_by(table.c.share, table.c.position)
    uses: dict[int, list[DriverUse]] = defaultdict(list)
    for row in connection.execute(wanted):
        uses[row.share].append(DriverUse(*(getattr(row, name) for name in _USE)))
    return tuple(
        PoolShare(s.pool, s.currency, s.receiver, s.fraction, s.method, tuple(uses.get(n, ())))
        for n, s in enumerate(shares)
    )


def latest_run(connection: Connection, period: Period) -> str | None:
    """The id of the run that a period's statements are drawn from."""
    table = schema.run_pointers
    return connection.execute(select(table.c.run).where(table.c.period == period)).scalar()


def list_runs(connection: Connection, period: Period | None = None) -> tuple[RunHead, ...]:
    """All runs, or those of a period, the oldest first."""
    table, pointers = schema.runs, schema.run_pointers
    wanted = select(table, pointers.c.run.label("pointed")).outerjoin(
        pointers, pointers.c.run == table.c.id
    )
    if period is not None:
        wanted = wanted.where(table.c.period == period)
    heads = (
        RunHead(
            row.id,
            row.period,
            Span(row.span_start, row.span_until),
            row.model,
            row.basis,
            row.made_at,
            row.pointed is not None,
        )
        for row in connection.execute(wanted)
    )
    return tuple(sorted(heads, key=lambda head: (head.period, head.made_at, head.id)))
