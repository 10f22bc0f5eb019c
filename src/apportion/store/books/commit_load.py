"""The one moment at which a load takes effect: all its pointers flip together, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot
from apportion.errors import LoadConflict
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.schema import pointers
from apportion.store.books.snapshots import write_snapshots


@dataclass(frozen=True)
class Pointer:
    """Which snapshot of a source and period is current, since when, and by whose act."""

    snapshot: str
    version: int
    committed_at: datetime
    actor: str


def commit_load(
    connection: Connection,
    source: str,
    snapshots: Sequence[Snapshot],
    seen: Mapping[Period, str | None],
    actor: str,
) -> tuple[Snapshot, ...]:
    """Make snapshots current by compare-and-swap, within a writing transaction.

    `seen` says which snapshot was current for each period when the load began
    (None for none). A period that points to the very snapshot already is no
    change, whoever committed it. Raises LoadConflict where it points to a third
    one. Returns the snapshots that became current, by period.
    """
    _check(source, snapshots)
    held = _pointers(connection, source)
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.period)
    flipped = [s for s in ordered if s.period not in held or held[s.period].snapshot != s.id]
    for snapshot in flipped:
        found = held.get(snapshot.period)
        if (found.snapshot if found else None) != seen.get(snapshot.period):
            raise _conflict(source, snapshot.period, found)
    write_snapshots(connection, flipped)
    at = now()
    for snapshot in flipped:
        _flip(connection, snapshot, held.get(snapshot.period), at, actor)
    return tuple(replace(snapshot, current=True) for snapshot in flipped)


def _check(source: str, snapshots: Sequence[Snapshot]) -> None:
    """A load is of one source, and has one snapshot a period; else the program is wrong."""
    periods: set[Period] = set()
    for snapshot in snapshots:
        if snapshot.source != source:
            raise ValueError(f"a load of {source} has a snapshot of {snapshot.source}")
        if snapshot.period in periods:
            raise ValueError(f"a load of {source} has two snapshots of {snapshot.period}")
        periods.add(snapshot.period)


def _pointers(connection: Connection, source: str) -> dict[Period, Pointer]:
    rows = connection.execute(select(pointers).where(pointers.c.source == source))
    return {
        row.period: Pointer(row.snapshot, row.version, row.committed_at, row.actor) for row in rows
    }


def _flip(
    connection: Connection, snapshot: Snapshot, before: Pointer | None, at: datetime, actor: str
) -> None:
    now_current = {
        "snapshot": snapshot.id,
        "version": before.version + 1 if before else 1,
        "committed_at": at,
        "actor": actor,
    }
    key = {"source": snapshot.source, "period": snapshot.period}
    if before is None:
        connection.execute(pointers.insert(), {**key, **now_current})
    else:
        held = (pointers.c.source == snapshot.source) & (pointers.c.period == snapshot.period)
        connection.execute(pointers.update().where(held), now_current)
    detail = {"snapshot": snapshot.id, **({"replaces": before.snapshot} if before else {})}
    subject = f"{snapshot.source} {snapshot.period}"
    add_entry(connection, AuditEntry(at, actor, "load", subject, detail))


def _conflict(source: str, period: Period, found: Pointer | None) -> LoadConflict:
    if found is None:
        why = "the snapshot that was current when this load began has been taken back since"
    else:
        who = found.actor or "somebody"
        when = found.committed_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        why = f"{who} committed another content for it at {when}, after this load had begun"
    return LoadConflict(
        f"source {source}, period {period}: another load was first, so nothing was changed",
        why=why,
        hint="look at what is current now, and load again if this bill is the newer one",
    )
