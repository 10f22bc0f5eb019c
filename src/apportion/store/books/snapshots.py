"""Snapshots and their units as rows of the books, and back, exactly.

A snapshot or unit that is in the books already is never written again: its id
stands for its content. Units are shared by the snapshots that hold them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, and_, insert, select

from apportion.domain.snapshot import LakeFile, Quarantined, Snapshot, Totals, Unit
from apportion.store.books import schema
from apportion.store.books.findings import finding_row, read_finding

T = TypeVar("T")
Rows = list[dict[str, Any]]
_MEASURES = ("read", "loaded", "quarantined", "unread")


def write_snapshots(connection: Connection, found: Sequence[Snapshot]) -> None:
    """Write what isn't there yet: snapshots, their units, and all parts of those."""
    new = _missing(connection, schema.snapshots, {s.id: s for s in found})
    units = {unit.id: unit for snapshot in new for unit in snapshot.units}
    _write_units(connection, _missing(connection, schema.units, units))
    heads = [
        {"id": s.id, "source": s.source, "period": s.period, "loaded_at": s.loaded_at} for s in new
    ]
    links = [
        {"snapshot": s.id, "position": n, "unit": unit.id}
        for s in new
        for n, unit in enumerate(s.units)
    ]
    write_rows(connection, schema.snapshots, heads)
    write_rows(connection, schema.snapshot_units, links)


def write_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows in one go; none is no fault."""
    if rows:
        connection.execute(insert(table), rows)


def _missing(connection: Connection, table: Table, found: dict[str, T]) -> list[T]:
    """The values whose ids aren't in a table yet."""
    ids = sorted(found)
    held: set[str] = set()
    for start in range(0, len(ids), 1000):
        asked = select(table.c.id).where(table.c.id.in_(ids[start : start + 1000]))
        held.update(connection.execute(asked).scalars())
    return [found[name] for name in ids if name not in held]


def _write_units(connection: Connection, units: Sequence[Unit]) -> None:
    write_rows(connection, schema.units, [_unit_row(unit) for unit in units])
    parts: tuple[tuple[Table, Callable[[Unit], Iterable[dict[str, Any]]]], ...] = (
        (schema.unit_files, _file_rows),
        (schema.unit_totals, _total_rows),
        (schema.unit_amounts, _amount_rows),
        (schema.quarantined, _quarantined_rows),
        (schema.findings, _finding_rows),
    )
    for table, rows_of in parts:
        rows = [{"unit": unit.id, **row} for unit in units for row in rows_of(unit)]
        write_rows(connection, table, rows)


def _unit_row(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "input": unit.input,
        "content": unit.content,
        "config": unit.config,
        "version": unit.version,
        "bases": list(unit.bases),
        "columns": list(unit.columns),
        "period": unit.period,
    }


def _file_rows(unit: Unit) -> Iterator[dict[str, Any]]:
    for n, file in enumerate(unit.files):
        yield {
            "position": n,
            "role": file.role,
            "path": file.path,
            "sha256": file.sha256,
            "rows": file.rows,
        }


def _total_rows(unit: Unit) -> Iterator[dict[str, Any]]:
    for n, totals in enumerate(unit.totals):
        yield {
            "position": n,
            "currency": totals.currency,
            "read_rows": totals.read_rows,
            "loaded_rows": totals.loaded_rows,
            "quarantined_rows": totals.quarantined_rows,
        }


def _amount_rows(unit: Unit) -> Iterator[dict[str, Any]]:
    for n, totals in enumerate(unit.totals):
        measures = {name: getattr(totals, name) for name in _MEASURES}
        for basis in sorted({basis for held in measures.values() for basis in held}):
            amounts = {name: held.get(basis) for name, held in measures.items()}
            yield {"position": n, "basis": basis, **amounts}


def _quarantined_rows(unit: Unit) -> Iterator[dict[str, Any]]:
    for n, row in enumerate(unit.quarantined):
        yield {
            "position": n,
            "file": row.file,
            "line": row.line,
            "column": row.column,
            "reason": row.reason,
            "hint": row.hint,
            "row": dict(row.row),
        }


def _finding_rows(unit: Unit) -> Iterator[dict[str, Any]]:
    for n, finding in enumerate(unit.findings):
        yield {"position": n, **finding_row(finding)}


def read_snapshots(connection: Connection, ids: Select[Any]) -> tuple[Snapshot, ...]:
    """The snapshots that a query names by id, by source and period, the oldest first."""
    table, pointers = schema.snapshots, schema.pointers
    current = and_(
        pointers.c.source == table.c.source,
        pointers.c.period == table.c.period,
        pointers.c.snapshot == table.c.id,
    )
    heads = connection.execute(
        select(table, pointers.c.snapshot.label("pointed"))
        .outerjoin(pointers, current)
        .where(table.c.id.in_(ids))
    ).all()
    links = connection.execute(
        select(schema.snapshot_units)
        .where(schema.snapshot_units.c.snapshot.in_(ids))
        .order_by(schema.snapshot_units.c.position)
    ).all()
    unit_ids = select(schema.snapshot_units.c.unit).where(schema.snapshot_units.c.snapshot.in_(ids))
    units = {unit.id: unit for unit in read_units(connection, unit_ids)}
    members: dict[str, list[Unit]] = defaultdict(list)
    for link in links:
        members[link.snapshot].append(units[link.unit])
    found = (
        Snapshot(
            row.id,
            row.source,
            row.period,
            tuple(members[row.id]),
            row.loaded_at,
            row.pointed is not None,
        )
        for row in heads
    )
    return tuple(sorted(found, key=lambda s: (s.source, s.period, s.loaded_at, s.id)))


def read_units(connection: Connection, ids: Select[Any]) -> tuple[Unit, ...]:
    """The units that a query names by id, sorted by input and period."""

    def parts(table: Table, read: Callable[[Row[Any]], T]) -> dict[str, tuple[T, ...]]:
        found: dict[str, list[T]] = defaultdict(list)
        wanted = select(table).where(table.c.unit.in_(ids)).order_by(table.c.position)
        for row in connection.execute(wanted):
            found[row.unit].append(read(row))
        return {unit: tuple(values) for unit, values in found.items()}

    files = parts(schema.unit_files, lambda r: LakeFile(r.role, r.path, r.sha256, r.rows))
    amounts = _read_amounts(connection, ids)
    totals = parts(schema.unit_totals, lambda r: _read_totals(r, amounts))
    quarantined = parts(
        schema.quarantined,
        lambda r: Quarantined(r.file, r.line, r.column, r.reason, r.hint, r.row),
    )
    findings = parts(schema.findings, read_finding)
    heads = connection.execute(select(schema.units).where(schema.units.c.id.in_(ids)))
    units = (
        Unit(
            id=row.id,
            input=row.input,
            content=row.content,
            config=row.config,
            version=row.version,
            bases=tuple(row.bases),
            columns=tuple(row.columns),
            period=row.period,
            files=files.get(row.id, ()),
            totals=totals.get(row.id, ()),
            quarantined=quarantined.get(row.id, ()),
            findings=findings.get(row.id, ()),
        )
        for row in heads
    )
    return tuple(sorted(units, key=lambda unit: (unit.input, unit.period, unit.id)))


def _read_amounts(
    connection: Connection, ids: Select[Any]
) -> dict[tuple[str, int], list[Row[Any]]]:
    table = schema.unit_amounts
    found: dict[tuple[str, int], list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.unit.in_(ids))):
        found[row.unit, row.position].append(row)
    return found


def _read_totals(row: Row[Any], amounts: dict[tuple[str, int], list[Row[Any]]]) -> Totals:
    held: dict[str, dict[str, Any]] = {name: {} for name in _MEASURES}
    for amount in amounts.get((row.unit, row.position), ()):
        for name in _MEASURES:
            value = getattr(amount, name)
            if value is not None:
                held[name][amount.basis] = value
    return Totals(row.currency, row.read_rows, row.loaded_rows, row.quarantined_rows, **held)
