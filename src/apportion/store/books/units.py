"""Units as rows of the books, and back, exactly. Snapshots share the units that they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from apportion.domain.snapshot import LakeFile, Quarantined, Totals, Unit
from apportion.store.books import schema
from apportion.store.books.findings import finding_row, read_finding
from apportion.store.books.rows import Part, fields, without_known, write_rows

_MEASURES = ("read", "loaded", "quarantined", "unread")
_HEAD = ("id", "input", "content", "config", "version", "bases", "columns", "period")
_TOTALS = ("currency", "read_rows", "loaded_rows", "quarantined_rows")


def _head_row(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in _HEAD}


def _totals_row(totals: Totals) -> dict[str, Any]:
    return {name: getattr(totals, name) for name in _TOTALS}


PARTS = {
    "files": Part(schema.unit_files, fields(LakeFile), lambda row: LakeFile(*row)),
    "totals": Part(schema.unit_totals, _totals_row, lambda row: Totals(*row)),
    "quarantined": Part(schema.quarantined, fields(Quarantined), lambda row: Quarantined(*row)),
    "findings": Part(schema.findings, finding_row, read_finding),
}
"""The parts by the names of the unit's fields; the amounts of totals come on top of them."""


def write_units(connection: Connection, found: Sequence[Unit]) -> None:
    """Write the units that aren't in the books yet; an id stands for the unit's content."""
    new = without_known(connection, schema.units, {unit.id: unit for unit in found})
    write_rows(connection, schema.units, [_head_row(unit) for unit in new])
    for name, part in PARTS.items():
        rows = [row for unit in new for row in part.rows(unit.id, getattr(unit, name))]
        write_rows(connection, part.table, rows)
    amounts = [row for unit in new for row in _amount_rows(unit)]
    write_rows(connection, schema.unit_amounts, amounts)


def replace_files(connection: Connection, found: Sequence[Unit]) -> None:
    """Put other files of the same content in the place of those of units that are in the books."""
    part = PARTS["files"]
    for unit in found:
        connection.execute(part.table.delete().where(part.table.c.unit == unit.id))
        write_rows(connection, part.table, part.rows(unit.id, unit.files))


def _amount_rows(unit: Unit) -> list[dict[str, Any]]:
    """A row per totals and basis; a measure that lacks the basis is NULL."""
    rows = []
    for n, totals in enumerate(unit.totals):
        measures = {name: getattr(totals, name) for name in _MEASURES}
        for basis in sorted({basis for held in measures.values() for basis in held}):
            amounts = {name: held.get(basis) for name, held in measures.items()}
            rows.append({"unit": unit.id, "position": n, "basis": basis, **amounts})
    return rows


def read_units(
    connection: Connection, ids: Select[Any], *, quarantined: bool = True
) -> tuple[Unit, ...]:
    """The units that a query names by id, sorted by input and period.

    Without `quarantined`, the rows that were set aside are left out.
    """
    parts = {
        name: _read_part(connection, ids, part)
        for name, part in PARTS.items()
        if quarantined or name != "quarantined"
    }
    amounts = _read_amounts(connection, ids)
    for unit, found in parts["totals"].items():
        parts["totals"][unit] = [
            replace(totals, **amounts.get((unit, n), {})) for n, totals in enumerate(found)
        ]
    heads = connection.execute(select(schema.units).where(schema.units.c.id.in_(ids))).all()
    units = (
        _read_unit(row, {name: part.get(row.id, []) for name, part in parts.items()})
        for row in heads
    )
    return tuple(sorted(units, key=lambda unit: (unit.input, unit.period, unit.id)))


def _read_unit(row: Row[Any], parts: Mapping[str, list[Any]]) -> Unit:
    values: dict[str, Any] = {name: getattr(row, name) for name in _HEAD}
    lists = {"bases": row.bases, "columns": row.columns, **parts}
    return Unit(**{**values, **{name: tuple(held) for name, held in lists.items()}})


def _read_part(connection: Connection, ids: Select[Any], part: Part) -> dict[str, list[Any]]:
    table = part.table
    wanted = select(table.c.unit, *part.columns).where(table.c.unit.in_(ids))
    found: dict[str, list[Any]] = defaultdict(list)
    for unit, *value in connection.execute(wanted.order_by(table.c.position)).all():
        found[unit].append(part.read(value))
    return found


def _read_amounts(
    connection: Connection, ids: Select[Any]
) -> dict[tuple[str, int], dict[str, dict[str, Any]]]:
    """By unit and place of the totals: measure → basis → amount."""
    table = schema.unit_amounts
    found: dict[tuple[str, int], dict[str, dict[str, Any]]] = {}
    for unit, n, basis, *values in connection.execute(select(table).where(table.c.unit.in_(ids))):
        held = found.setdefault((unit, n), {name: {} for name in _MEASURES})
        for name, value in zip(_MEASURES, values, strict=True):
            if value is not None:
                held[name][basis] = value
    return found
