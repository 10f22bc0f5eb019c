"""The audit log: who did what, to what, and when. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select, type_coerce

from apportion.store.books.audit_chain import digest_of_line, head
from apportion.store.books.audit_rows import ROWS
from apportion.store.books.column_types import PEOPLE, AnyText
from apportion.store.books.people import nobody_known
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
    """Write a line in the transaction of what it speaks of, so that neither is there alone.

    People lie in it as pseudonyms, and the chain is over these.
    """
    actor, subject, detail = _without_names(entry)
    before = head(connection)
    row = {
        "at": entry.at,
        "actor": actor,
        "action": entry.action,
        "subject": subject,
        "detail": detail,
        "previous": before,
        "hash": digest_of_line(before, entry.at, actor, entry.action, subject, detail),
    }
    with nobody_known():
        connection.execute(audit_log.insert(), row)


def _without_names(entry: AuditEntry) -> tuple[str, str, dict[str, str]]:
    people = PEOPLE.get()
    if people is None:
        return entry.actor, entry.subject, dict(entry.detail)
    actor = people.id_of(entry.actor) if entry.actor else ""
    said = {
        name: value if name == ROWS else people.without_names(value)
        for name, value in entry.detail.items()
    }
    return actor, people.without_names(entry.subject), said


def read_entries(
    connection: Connection,
    subject: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
) -> tuple[AuditEntry, ...]:
    """Lines in the order in which they were written."""
    wanted = select(audit_log).order_by(audit_log.c.id)
    if subject is not None:
        # A name that became known later stands in older lines as it was written.
        plain = type_coerce(audit_log.c.subject, AnyText)
        wanted = wanted.where(or_(audit_log.c.subject == subject, plain == subject))
    if action is not None:
        wanted = wanted.where(audit_log.c.action == action)
    if since is not None:
        wanted = wanted.where(audit_log.c.at >= since)
    return tuple(
        AuditEntry(row.at, row.actor, row.action, row.subject, _with_names(row.detail))
        for row in connection.execute(wanted)
    )


def _with_names(detail: Mapping[str, str]) -> Mapping[str, str]:
    people = PEOPLE.get()
    if people is None:
        return detail
    return {name: people.with_names(value) for name, value in detail.items()}


@dataclass(frozen=True)
class StoredLine:
    """A line as it lies in the books: over these very values goes the chain.

    `actor_name` is whose pseudonym `actor` is, as far as that is known.
    """

    id: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    subject: str
    detail: Mapping[str, str]
    previous: str
    hash: str


def stored_lines(connection: Connection, since: datetime | None = None) -> tuple[StoredLine, ...]:
    """Lines with pseudonyms in the place of people, in the order of the chain.

    With `since` from the first line on that is as late: a chain has no holes.
    """
    people = PEOPLE.get()
    with nobody_known():
        rows = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    first = next((n for n, row in enumerate(rows) if since is None or row.at >= since), len(rows))
    return tuple(
        StoredLine(
            row.id,
            row.at,
            row.actor,
            people.name_of(row.actor) if people else row.actor,
            row.action,
            row.subject,
            row.detail,
            row.previous,
            row.hash,
        )
        for row in rows[first:]
    )


def now() -> datetime:
    """The moment of an act, in UTC."""
    return datetime.now(UTC)
