"""Say where an anomaly stands: somebody looks into it, it is explained, or it is none."""

from __future__ import annotations

from apportion.domain.anomaly_state import AnomalyNote, AnomalyState
from apportion.errors import UsageError
from apportion.insight.anomaly.anomalies import Standing
from apportion.store.books import Books
from apportion.store.books.anomalies import note_anomaly
from apportion.store.books.audit import now


def answer_anomaly(
    books: Books,
    standing: Standing,
    state: AnomalyState,
    *,
    actor: str,
    because: str,
    owner: str = "",
) -> AnomalyNote:
    """Add a step to an anomaly's life, with its line in the audit log, and return it.

    `owner` looks after it from now on; who did before goes on where it is left out. Raises
    UsageError without a reason.
    """
    if not because.strip():
        raise UsageError("an anomaly isn't answered without a reason", hint="say --because")
    one = standing.anomaly
    note = AnomalyNote(
        one.id,
        str(one.channel),
        one.owner,
        one.service,
        one.noticed,
        state,
        owner or standing.owner,
        because.strip(),
        actor,
        now(),
    )
    with books.writing() as connection:
        note_anomaly(connection, note)
    return note
