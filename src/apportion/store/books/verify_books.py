"""Whether the books are what the audit log says of them: documents, and rows of acts.

The guards of the database refuse edits; whoever takes them away is found here. Each document's
content is computed anew from its lines and compared with what the log says was booked. Lines
of older books hold no digests of rows: their acts are compared by moment and person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from apportion.domain.journal import Assignment, DocumentKind, JournalDocument, JournalLine, Side
from apportion.store.books.audit_rows import ROWS, row_digest, row_key, rows_of
from apportion.store.books.column_types import PEOPLE
from apportion.store.books.people import nobody_known
from apportion.store.books.schema import (
    approval_decisions,
    approval_requests,
    audit_log,
    journal_documents,
    journal_lines,
    journal_seals,
    period_states,
    posting_attempts,
    postings,
    role_changes,
)

_ACTS = {
    period_states: ("actor", {"period"}),
    role_changes: ("actor", {"grant-role", "revoke-role"}),
    approval_requests: ("asker", {"ask"}),
    approval_decisions: ("actor", {"approve", "reject"}),
    posting_attempts: ("actor", {"post"}),
}
"""Tables of acts: the column of who did it, and the actions of their lines."""

_OTHERS = (journal_documents, journal_seals, postings)
_AT = ("account", "cost_center", "profit_center", "project", "partner", "tax_code")


@dataclass(frozen=True)
class Departure:
    """Where the books depart from the log: the table, the key of the row, and how."""

    table: str
    row: str
    why: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.why}"


def verify_books(connection: Connection) -> tuple[Departure, ...]:
    """Every document and row that isn't what the audit log says; nothing where all of it is."""
    people = PEOPLE.get()
    with nobody_known():
        lines = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
        booked = {}
        for line in lines:
            if line.action == "book":
                named = [key for table, key, _ in rows_of(line.detail) if table == "journal_seals"]
                subject = people.with_names(line.subject) if people else line.subject
                booked[named[0] if named else subject] = line.detail.get("content", "")
        return (*_documents(connection, booked), *_rows(connection, lines))


_CHANGED = "its lines aren't what was booked"
_UNSEALED = "it has no seal: its seal was deleted, or it was put there past apportion"
_NOT_BOOKED = "no line of the audit log says that it was booked"
_DELETED = "it was booked, and is gone"


def _documents(connection: Connection, booked: dict[str, str]) -> Iterator[Departure]:
    sealed = set(connection.execute(select(journal_seals.c.document)).scalars())
    lines = defaultdict(list)
    ordered = select(journal_lines).order_by(journal_lines.c.document, journal_lines.c.position)
    for row in connection.execute(ordered):
        lines[row.document].append(row)
    heads = connection.execute(select(journal_documents).order_by(journal_documents.c.id)).all()
    contents = Counter(booked.values())
    there = {head.id for head in heads}
    seen = set()
    for head in heads:
        content = _content(head, lines.pop(head.id, []))
        seen.add(content)
        said = booked.get(head.id)
        if head.id not in sealed:
            yield Departure("journal_documents", head.id, _UNSEALED)
        elif said is None and content not in contents:
            yield Departure("journal_documents", head.id, _NOT_BOOKED)
        elif content != head.content or (said is not None and said != content):
            yield Departure("journal_documents", head.id, _CHANGED)
    for document in lines:
        yield Departure("journal_lines", document, "lines of no document")
    for document, content in booked.items():
        if document not in there and content not in seen:
            yield Departure("journal_documents", document, _DELETED)


def _content(head: Row[Any], rows: list[Row[Any]]) -> str:
    """The content as the database has it now; an empty one where that is no document at all."""
    try:
        lines = tuple(
            JournalLine(
                Assignment(*(getattr(row, name) for name in _AT)),
                Side.DEBIT if row.units > 0 else Side.CREDIT,
                abs(row.units),
                row.text,
            )
            for row in rows
        )
        return JournalDocument(
            id=head.id,
            entity=head.entity,
            period=head.period,
            posted_on=head.posted_on,
            currency=head.currency,
            kind=DocumentKind(head.kind),
            text=head.text,
            lines=lines,
            reverses=head.reverses,
            original=head.original,
        ).content
    except ValueError:
        return ""


_EDITED = "it isn't what the audit log says of it"
_UNSAID = "no line of the audit log speaks of it"


def _rows(connection: Connection, lines: list[Row[Any]] | Any) -> Iterator[Departure]:
    said = {(table, key): digest for line in lines for table, key, digest in rows_of(line.detail)}
    for table in (*_ACTS, *_OTHERS):
        older = _older(table, lines)
        for row in connection.execute(select(table).order_by(*table.primary_key)):
            key = row_key(table, row)
            digest = said.pop((table.name, key), None)
            if digest is not None and digest != row_digest(table, row):
                yield Departure(table.name, key, _EDITED)
            elif digest is None and not _told(table, row, older):
                yield Departure(table.name, key, _UNSAID)
        for _ in older.elements() if table in _ACTS else ():
            yield Departure(table.name, "", "a row that the audit log speaks of is gone or edited")
    for table_name, key in said:
        yield Departure(table_name, key, "the audit log speaks of it, and it is gone")


def _older(table: Any, lines: list[Row[Any]]) -> Counter[Any]:
    """Acts whose lines hold no digests, by moment, person and what the detail says."""
    if table not in _ACTS:
        before = any(
            line.action in {"book", "prepare-post"} and ROWS not in line.detail for line in lines
        )
        return Counter({table.name: 1}) if before else Counter()
    _, actions = _ACTS[table]
    return Counter(
        (line.at, line.actor)
        for line in lines
        if line.action in actions and ROWS not in line.detail
    )


def _told(table: Any, row: Row[Any], older: Counter[Any]) -> bool:
    if table not in _ACTS:
        return bool(older)
    act = (row.at, getattr(row, _ACTS[table][0]))
    if older[act] > 0:
        older[act] -= 1
        return True
    return False
