"""The audit log: who did what, to what, and when. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from apportion.store.books.audit_chain import digest_of_line, head
from apportion.store.books.schema import audit_log


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit log; `subject` names what was acted on, `detail` says the rest."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)


def add_entry(connection: Connection, entry: AuditEntry) -> None:
    """Write a line in the transaction of what it speaks of, so that neither is there alone."""
    row = {
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
    }
    before = head(connection)
    row["previous"] = before
    row["hash"] = digest_of_line(
        before, entry.at, entry.actor, entry.action, entry.subject, entry.detail
    )
    connection.execute(audit_log.insert(), row)


def read_entries(
    connection: Connection,
    subject: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
) -> tuple[AuditEntry, ...]:
    """Lines in the order in which they were written."""
    wanted = select(audit_log).order_by(audit_log.c.id)
    if subject is not None:
        wanted = wanted.where(audit_log.c.subject == subject)
    if action is not None:
        wanted = wanted.where(audit_log.c.action == action)
    if since is not None:
        wanted = wanted.where(audit_log.c.at >= since)
    return tuple(
        AuditEntry(row.at, row.actor, row.action, row.subject, row.detail)
        for row in connection.execute(wanted)
    )


def now() -> datetime:
    """The moment of an act, in UTC."""
    return datetime.now(UTC)
