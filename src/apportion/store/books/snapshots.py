"""Snapshots as rows of the books, and back, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot, SnapshotKind
from apportion.store.books import schema
from apportion.store.books.findings import finding_row, read_finding
from apportion.store.books.rows import Part, without_known, write_rows
from apportion.store.books.units import read_units, write_units

FINDINGS = Part(schema.snapshot_findings, finding_row, read_finding)
"""What a snapshot's units say only together."""


def write_snapshots(connection: Connection, found: Sequence[Snapshot]) -> None:
    """Write the snapshots that aren't in the books yet, and their units."""
    new = without_known(connection, schema.snapshots, {s.id: s for s in found})
    write_units(connection, [unit for snapshot in new for unit in snapshot.units])
    heads = [
        {
            "id": s.id,
            "source": s.source,
            "period": s.period,
            "loaded_at": s.loaded_at,
            "kind": str(s.kind),
        }
        for s in new
    ]
    links = [
        {"snapshot": s.id, "position": n, "unit": unit.id}
        for s in new
        for n, unit in enumerate(s.units)
    ]
    write_rows(connection, schema.snapshots, heads)
    write_rows(connection, schema.snapshot_units, links)
    told = [row for s in new for row in FINDINGS.rows(s.id, s.findings)]
    write_rows(connection, schema.snapshot_findings, told)


def read_snapshots(
    connection: Connection, ids: Select[Any], *, quarantined: bool = True
) -> tuple[Snapshot, ...]:
    """The snapshots that a query names by id, by source and period, the oldest first."""
    table, pointers, links = schema.snapshots, schema.pointers, schema.snapshot_units
    current = and_(
        pointers.c.source == table.c.source,
        pointers.c.period == table.c.period,
        pointers.c.snapshot == table.c.id,
    )
    heads = connection.execute(
        select(table, pointers.c.snapshot.is_not(None))
        .outerjoin(pointers, current)
        .where(table.c.id.in_(ids))
    ).all()
    members = select(links).where(links.c.snapshot.in_(ids)).order_by(links.c.position)
    named = select(links.c.unit).where(links.c.snapshot.in_(ids))
    units = {unit.id: unit for unit in read_units(connection, named, quarantined=quarantined)}
    held: dict[str, list[Any]] = defaultdict(list)
    for snapshot, _, unit in connection.execute(members).all():
        held[snapshot].append(units[unit])
    told = _read_findings(connection, ids)
    found = [
        Snapshot(
            name,
            source,
            period,
            tuple(held[name]),
            loaded_at,
            bool(is_current),
            tuple(told.get(name, ())),
            SnapshotKind(kind),
        )
        for name, source, period, loaded_at, kind, is_current in heads
    ]
    return tuple(sorted(found, key=lambda s: (s.source, s.period, s.loaded_at, s.id)))


def current_ids(connection: Connection, period: Period) -> tuple[str, ...]:
    """The ids of what is current of a period, bills and usage, in order."""
    pointers = schema.pointers
    wanted = select(pointers.c.snapshot).where(pointers.c.period == period)
    return tuple(connection.execute(wanted.order_by(pointers.c.snapshot)).scalars())


def loaded_periods(connection: Connection) -> tuple[Period, ...]:
    """The months of which bills are loaded, in order."""
    pointers, heads, links = schema.pointers, schema.snapshots, schema.snapshot_units
    wanted = (
        select(pointers.c.period)
        .join(heads, heads.c.id == pointers.c.snapshot)
        .where(heads.c.kind == str(SnapshotKind.CHARGES))
        .where(select(links.c.unit).where(links.c.snapshot == heads.c.id).exists())
    )
    return tuple(sorted(set(connection.execute(wanted).scalars())))


def _read_findings(connection: Connection, ids: Select[Any]) -> dict[str, list[Finding]]:
    table = FINDINGS.table
    wanted = select(table.c.snapshot, *FINDINGS.columns).where(table.c.snapshot.in_(ids))
    found: dict[str, list[Finding]] = defaultdict(list)
    for snapshot, *value in connection.execute(wanted.order_by(table.c.position)).all():
        found[snapshot].append(FINDINGS.read(value))
    return found
