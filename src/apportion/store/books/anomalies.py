"""Where anomalies stand, as rows of the books: added, never changed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from apportion.domain.anomaly_state import AnomalyNote, AnomalyState
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import anomaly_states


def note_anomaly(connection: Connection, note: AnomalyNote) -> None:
    """Add a step, within a writing transaction, with a line in the audit log."""
    row = {name: getattr(note, name) for name in AnomalyNote.__dataclass_fields__}
    before = state_of_anomaly(connection, note.anomaly)
    connection.execute(anomaly_states.insert(), row | {"state": str(note.state)})
    detail = {
        "before": str(before),
        "state": str(note.state),
        "team": note.team,
        "service": note.service,
        "owner": note.owner,
        "because": note.because,
    }
    said = {name: value for name, value in detail.items() if value}
    add_entry(connection, AuditEntry(note.at, note.actor, "anomaly", note.anomaly, said))


def state_of_anomaly(connection: Connection, anomaly: str) -> AnomalyState:
    """Where an anomaly stands; open where nobody ever said anything."""
    newest = (
        select(anomaly_states.c.state)
        .where(anomaly_states.c.anomaly == anomaly)
        .order_by(anomaly_states.c.id.desc())
        .limit(1)
    )
    found = connection.execute(newest).scalar()
    return AnomalyState(found) if found else AnomalyState.OPEN


def read_anomaly_notes(
    connection: Connection, anomaly: str | None = None
) -> tuple[AnomalyNote, ...]:
    """The steps of one anomaly, or of all, the oldest first."""
    wanted = select(anomaly_states).order_by(anomaly_states.c.id)
    if anomaly is not None:
        wanted = wanted.where(anomaly_states.c.anomaly == anomaly)
    return tuple(
        AnomalyNote(
            row.anomaly,
            row.channel,
            row.team,
            row.service,
            row.noticed,
            AnomalyState(row.state),
            row.owner,
            row.because,
            row.actor,
            row.at,
        )
        for row in connection.execute(wanted)
    )
