"""Journal documents as rows of the books: written once, sealed, and read back exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from apportion.domain.journal import (
    Assignment,
    DocumentKind,
    JournalDocument,
    JournalLine,
    Side,
    unbalanced,
)
from apportion.domain.period import Period
from apportion.errors import JournalConflict, ProofError
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.audit_rows import rows_said
from apportion.store.books.schema import journal_documents, journal_lines, journal_seals

_AT = ("account", "cost_center", "profit_center", "project", "partner", "tax_code")


def write_documents(
    connection: Connection, documents: Sequence[JournalDocument], actor: str
) -> tuple[JournalDocument, ...]:
    """Write and seal documents, within a writing transaction; those that are there stay.

    Gives those that are new. The same document again does nothing. Raises JournalConflict
    where another content has the id already, ProofError for one that doesn't balance and for
    two of one id (faults of the program; the database refuses them, too).
    """
    if wrong := unbalanced(documents):
        raise ProofError(
            f"journal {wrong[0].id} is off by {wrong[0].amount(wrong[0].difference)}",
            hint="this is a fault of apportion: please report it; nothing was booked",
        )
    counted = Counter(one.id for one in documents)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise ProofError(
            f"two documents of a journal have the id {twice[0]}",
            why="each document is booked under an id of its own",
            hint="see whether two legal entities go by one code; nothing was booked",
        )
    held = dict(_contents(connection, [one.id for one in documents]))
    for one in documents:
        if one.id in held and held[one.id] != one.content:
            raise JournalConflict(
                f"journal {one.id} is booked with another content",
                why="a booked document is never edited",
                hint="reverse it, and book what is right under another run",
            )
    new = [one for one in documents if one.id not in held]
    at = now()
    for one in new:
        connection.execute(journal_documents.insert(), _head(one))
        connection.execute(journal_lines.insert(), _lines(one))
        seal = {"document": one.id, "at": at, "actor": actor}
        connection.execute(journal_seals.insert(), seal)
        said = {"content": one.content, "kind": str(one.kind), "total": str(one.amount(one.total))}
        said |= rows_said(connection, (journal_documents, [one.id]), (journal_seals, [one.id]))
        add_entry(connection, AuditEntry(at, actor, "book", one.id, said))
    return tuple(new)


def read_documents(
    connection: Connection, period: Period | None = None, ids: Iterable[str] | None = None
) -> tuple[JournalDocument, ...]:
    """Sealed documents of a period, or of some ids, or all, by id."""
    sealed = select(journal_seals.c.document)
    wanted = select(journal_documents).where(journal_documents.c.id.in_(sealed))
    if period is not None:
        wanted = wanted.where(journal_documents.c.period == period)
    if ids is not None:
        wanted = wanted.where(journal_documents.c.id.in_(tuple(ids)))
    heads = connection.execute(wanted.order_by(journal_documents.c.id)).all()
    names = [row.id for row in heads]
    lines: dict[str, list[JournalLine]] = defaultdict(list)
    for row in connection.execute(_lines_of(names)):
        side = Side.DEBIT if row.units > 0 else Side.CREDIT
        at = Assignment(*(getattr(row, name) for name in _AT))
        lines[row.document].append(JournalLine(at, side, abs(row.units), row.text))
    return tuple(
        JournalDocument(
            id=row.id,
            entity=row.entity,
            period=row.period,
            posted_on=row.posted_on,
            currency=row.currency,
            kind=DocumentKind(row.kind),
            text=row.text,
            lines=tuple(lines[row.id]),
            run=row.run,
            reverses=row.reverses,
            original=row.original,
        )
        for row in heads
    )


def _contents(connection: Connection, ids: Sequence[str]) -> Iterable[tuple[str, str]]:
    wanted = select(journal_documents.c.id, journal_documents.c.content).where(
        journal_documents.c.id.in_(tuple(ids))
    )
    return [(row.id, row.content) for row in connection.execute(wanted)]


def _lines_of(names: Sequence[str]) -> Select[Any]:
    return (
        select(journal_lines)
        .where(journal_lines.c.document.in_(tuple(names)))
        .order_by(journal_lines.c.document, journal_lines.c.position)
    )


def _head(one: JournalDocument) -> dict[str, Any]:
    return {
        "id": one.id,
        "entity": one.entity,
        "period": one.period,
        "posted_on": one.posted_on,
        "currency": one.currency,
        "kind": str(one.kind),
        "text": one.text,
        "run": one.run,
        "reverses": one.reverses,
        "original": one.original,
        "content": one.content,
    }


def _lines(one: JournalDocument) -> list[dict[str, Any]]:
    return [
        {
            "document": one.id,
            "position": position,
            **{name: getattr(line.at, name) for name in _AT},
            "units": line.signed,
            "text": line.text,
        }
        for position, line in enumerate(one.lines)
    ]
