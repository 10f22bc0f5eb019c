"""What may leave the books by age: loads, with the runs that rest on nothing else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, select

from apportion.domain.period import Period
from apportion.domain.snapshot import SnapshotKind
from apportion.store.books import schema


@dataclass(frozen=True)
class KeptLoad:
    """A load as retention sees it; `held` is what rests on it, in words, and empty where nothing.

    `runs` are those that rest on it and stand for nothing.
    """

    snapshot: str
    source: str
    period: Period
    kind: SnapshotKind
    loaded_at: datetime
    current: bool
    held: str
    runs: tuple[str, ...]


def read_loads(connection: Connection) -> tuple[KeptLoad, ...]:
    """Every load in the books, the oldest first, with what rests on it."""
    standing = _standing_runs(connection)
    links = schema.run_snapshots
    rests: dict[str, list[str]] = {}
    for row in connection.execute(select(links.c.snapshot, links.c.run)):
        rests.setdefault(row.snapshot, []).append(row.run)
    pointed = frozenset(connection.execute(select(schema.pointers.c.snapshot)).scalars())
    heads = select(schema.snapshots).order_by(schema.snapshots.c.loaded_at, schema.snapshots.c.id)
    return tuple(
        KeptLoad(
            row.id,
            row.source,
            row.period,
            SnapshotKind(row.kind),
            row.loaded_at,
            row.id in pointed,
            next((standing[run] for run in rests.get(row.id, ()) if run in standing), ""),
            tuple(sorted(rests.get(row.id, ()))),
        )
        for row in connection.execute(heads).all()
    )


def _parts(parent: str) -> tuple[Table, ...]:
    """The tables of the parts of a run or a unit: their rows go with it."""
    return tuple(
        table
        for table in reversed(schema.metadata.sorted_tables)
        if table.primary_key.columns.keys()[0] == parent and "position" in table.columns
    )


def _standing_runs(connection: Connection) -> dict[str, str]:
    """Runs that something stands on: a close, a journal, a latest run, or anything that names one.

    Any table with a column `run`, but for the parts of runs themselves.
    """
    parts = {table.name for table in _parts("run")}
    found: dict[str, str] = {}
    for table in schema.metadata.sorted_tables:
        if "run" in table.columns and table.name not in {*parts, "shadow_runs"}:
            why = _WHY.get(table.name, f"{table.name.replace('_', ' ')} rest on it")
            for run in connection.execute(select(table.c.run).distinct()).scalars():
                found.setdefault(run, why)
    shadows = schema.shadow_runs
    for row in connection.execute(select(shadows.c.run, shadows.c.shadow)):
        if row.run in found:
            found.setdefault(row.shadow, found[row.run])
    return found


_WHY = {
    "period_states": "a close rests on it",
    "journal_documents": "a journal rests on it",
    "run_pointers": "the latest run of a month rests on it",
}


def remove_loads(
    connection: Connection, loads: Sequence[KeptLoad]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove loads that nothing holds, and their runs; gives those runs, and the lake's files
    that nothing refers to any more.
    """
    before = frozenset(connection.execute(select(schema.unit_files.c.path)).scalars())
    snapshots = [one.snapshot for one in loads]
    runs = sorted({run for one in loads for run in one.runs})
    shadows = schema.shadow_runs
    for table, column in (
        *((table, "run") for table in _parts("run")),
        (shadows, "run"),
        (shadows, "shadow"),
        (schema.runs, "id"),
    ):
        _delete(connection, table, column, runs)
    for name in ("acknowledgements", "snapshot_findings", "snapshot_units", "pointers"):
        _delete(connection, schema.metadata.tables[name], "snapshot", snapshots)
    _delete(connection, schema.snapshots, "id", snapshots)
    linked = select(schema.snapshot_units.c.unit)
    loose = list(
        connection.execute(select(schema.units.c.id).where(schema.units.c.id.not_in(linked)))
        .scalars()
        .all()
    )
    for table in _parts("unit"):
        _delete(connection, table, "unit", loose)
    _delete(connection, schema.units, "id", loose)
    after = frozenset(connection.execute(select(schema.unit_files.c.path)).scalars())
    return tuple(runs), tuple(sorted(before - after))


_AT_ONCE = 500


def _delete(connection: Connection, table: Table, column: str, values: Collection[str]) -> None:
    wanted = sorted(values)
    for start in range(0, len(wanted), _AT_ONCE):
        some = table.c[column].in_(wanted[start : start + _AT_ONCE])
        connection.execute(delete(table).where(some))
