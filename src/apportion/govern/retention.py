"""Retention: what is older than the project wants to keep it, and may go."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from apportion.domain.snapshot import SnapshotKind
from apportion.model.retention import Retention
from apportion.run.open_project import OpenProject
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.retention import KeptLoad, read_loads, remove_loads


@dataclass(frozen=True)
class Due:
    """A load that is older than it need be; `held` says what keeps it all the same."""

    load: KeptLoad
    age: str
    held: str


@dataclass(frozen=True)
class Removed:
    """What retention took away: loads, runs that stood for nothing, and files of the lake."""

    loads: tuple[KeptLoad, ...]
    runs: tuple[str, ...]
    files: tuple[str, ...]


def due_loads(project: OpenProject, today: date | None = None) -> tuple[Due, ...]:
    """The loads whose age is over, with what holds those that stay. Changes nothing.

    A superseded load ages from its loading, current usage from the end of its month; the
    current load of a bill never goes.
    """
    with project.books.reading() as connection:
        loads = read_loads(connection)
    return _due(loads, project.settings.retention, today or datetime.now(UTC).date())


def apply_retention(
    project: OpenProject, *, actor: str, because: str = "", today: date | None = None
) -> Removed:
    """Remove what is due and nothing holds, with a line in the audit log; files go for good.

    A file that a load renews at this very moment stays.
    """
    day, started = today or datetime.now(UTC).date(), time.time()
    with project.books.writing() as connection:
        found = read_loads(connection)
        going = tuple(
            one.load for one in _due(found, project.settings.retention, day) if not one.held
        )
        if not going:
            return Removed((), (), ())
        runs, files = remove_loads(connection, going)
        said = {
            "before": f"{len(found)} loads",
            "after": f"{len(found) - len(going)} loads",
            "removed": ", ".join(one.snapshot for one in going),
            "runs": ", ".join(runs),
            "files": str(len(files)),
            "because": because or "older than retention keeps it",
        }
        add_entry(connection, AuditEntry(datetime.now(UTC), actor, "retention", "loads", said))
    removed = project.lake.remove(files, started)
    project.books.compact()
    return Removed(going, runs, removed)


def _due(loads: Sequence[KeptLoad], kept: Retention, today: date) -> tuple[Due, ...]:
    found = []
    for load in loads:
        usage = load.kind is SnapshotKind.USAGE
        age = kept.ages.get("usage" if usage else "snapshots")
        if age is None or (load.current and not usage):
            continue
        since = load.period.until if load.current else load.loaded_at.date()
        if since <= age.before(today):
            found.append(Due(load, str(age), load.held or _hold(load, kept)))
    return tuple(found)


def _hold(load: KeptLoad, kept: Retention) -> str:
    named = {load.source, str(load.period), load.snapshot} & set(kept.legal_hold)
    return f"a legal hold on {min(named)}" if named else ""
