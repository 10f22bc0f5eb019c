"""The outbox in the books: what ERPs are sent, claimed by one process at a time.

Each step is one transaction with its line in the audit log, and is committed before what it
speaks of is done. Who is at a posting has it until a moment; another takes it up only after
that, or once the process is known to have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from apportion.domain.journal import JournalDocument
from apportion.domain.period import Period
from apportion.domain.posting import Attempt, Posting, PostingState, PostingStatus
from apportion.errors import JournalConflict
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.audit_rows import rows_said
from apportion.store.books.schema import (
    journal_documents,
    journal_seals,
    posting_attempts,
    postings,
)


def add_postings(connection: Connection, wanted: Sequence[Posting]) -> tuple[Posting, ...]:
    """Put postings into the outbox, within a writing transaction; those that are there stay.

    Gives those that are new. Raises JournalConflict where another content has the id, and
    where a part is in another posting already, or a document in another target's outbox: it
    would be booked twice.
    """
    for one in wanted:
        refuse_elsewhere(connection, one.documents, one.target)
    held = {(one.posting.target, one.posting.id): one.posting for one in read_postings(connection)}
    holder = {(key[0], part): one for key, one in held.items() for part in one.parts}
    new = []
    for one in wanted:
        known = held.get((one.target, one.id))
        others = [holder.get((one.target, part), one).id for part in one.parts]
        if (known and known.content != one.content) or any(name != one.id for name in others):
            raise JournalConflict(
                f"{one.id} is in the outbox of {one.target} with another content",
                why="what may have been sent is never sent in another form: it would be doubled",
                hint="set `lines` and `entities` of the format as they were when it was posted",
            )
        if known is None:
            new.append(one)
            connection.execute(postings.insert(), _row(one))
    return tuple(new)


def refuse_elsewhere(connection: Connection, documents: Iterable[str], target: str) -> None:
    """Refuse documents that are in another target's outbox; raises JournalConflict."""
    others = {
        document: row.target
        for row in connection.execute(
            select(postings.c.target, postings.c.documents).where(postings.c.target != target)
        )
        for document in row.documents
    }
    for document in documents:
        if other := others.get(document):
            raise JournalConflict(
                f"{document} is in the outbox of {other}: it isn't posted to {target} as well",
                why="its money would be in the accounts of two ERPs",
                hint=f"post it to {other}; where entities have ERPs of their own, say which with "
                "`entities` of each format",
            )


def documents_in_outboxes(connection: Connection) -> frozenset[str]:
    """Documents that are in the outbox of any target."""
    rows = connection.execute(select(postings.c.documents)).scalars()
    return frozenset(document for row in rows for document in row)


def add_attempt(connection: Connection, posting: Posting, attempt: Attempt) -> None:
    """Add a step of a posting, and its line in the audit log, within a writing transaction."""
    before = last_attempt(connection, posting)
    if before and not before.state.may_become(attempt.state):
        raise ValueError(f"{posting.id} can't become {attempt.state} from {before.state}")
    row = {
        "target": posting.target,
        "posting": posting.id,
        "state": str(attempt.state),
        "number": attempt.number,
        "reasons": list(attempt.reasons),
        "request": attempt.request,
        "actor": attempt.actor,
        "claim": attempt.claim,
        "until": attempt.until,
        "at": attempt.at,
    }
    added = connection.execute(posting_attempts.insert(), row).inserted_primary_key
    assert added is not None
    said = {
        "target": posting.target,
        "before": str(before.state) if before else "",
        "after": str(attempt.state),
        "number": attempt.number,
        "because": "; ".join(attempt.reasons),
    }
    detail = {name: value for name, value in said.items() if value}
    detail |= rows_said(connection, (posting_attempts, added))
    add_entry(connection, AuditEntry(attempt.at, attempt.actor, "post", posting.id, detail))


def last_attempt(connection: Connection, posting: Posting) -> Attempt | None:
    """Where a posting is."""
    mine = (posting_attempts.c.target == posting.target) & (
        posting_attempts.c.posting == posting.id
    )
    wanted = select(posting_attempts).where(mine).order_by(posting_attempts.c.id.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    return _attempt(row) if row else None


def attempts_of(connection: Connection, posting: Posting) -> tuple[Attempt, ...]:
    """Every step of a posting, the oldest first."""
    mine = (posting_attempts.c.target == posting.target) & (
        posting_attempts.c.posting == posting.id
    )
    wanted = select(posting_attempts).where(mine).order_by(posting_attempts.c.id)
    return tuple(_attempt(row) for row in connection.execute(wanted))


def holder_of(
    last: Attempt | None, claim: str, now: datetime, ended: Callable[[str], bool]
) -> Attempt | None:
    """The step by which another process holds a posting now, or None where it is free.

    `ended` says of a claim whether its process is known to be no more.
    """
    if last is None or last.until is None or last.claim == claim or last.until <= now:
        return None
    return None if ended(last.claim) else last


def read_postings(
    connection: Connection, period: Period | None = None, target: str = ""
) -> tuple[PostingStatus, ...]:
    """Postings with where they are, of a period and target or all, by target and id."""
    wanted = select(postings).order_by(postings.c.target, postings.c.id)
    if period is not None:
        wanted = wanted.where(postings.c.period == period)
    if target:
        wanted = wanted.where(postings.c.target == target)
    last = {(row.target, row.posting): _attempt(row) for row in connection.execute(_lasts())}
    return tuple(
        PostingStatus(_posting(row), last.get((row.target, row.id)))
        for row in connection.execute(wanted)
    )


def posted_documents(connection: Connection, period: Period) -> frozenset[str]:
    """Documents of a period whose every part is posted in some target."""
    states: dict[tuple[str, str], list[bool]] = {}
    for one in read_postings(connection, period):
        for document in one.posting.documents:
            states.setdefault((one.posting.target, document), []).append(one.is_posted)
    return frozenset(document for (_, document), done in states.items() if all(done))


def sealed_by(
    connection: Connection, documents: Iterable[JournalDocument]
) -> dict[str, tuple[str, str]]:
    """Who booked each document, and the digest of what it said then."""
    wanted = (
        select(journal_seals.c.document, journal_seals.c.actor, journal_documents.c.content)
        .join(journal_documents, journal_documents.c.id == journal_seals.c.document)
        .where(journal_seals.c.document.in_([one.id for one in documents]))
    )
    return {row.document: (row.actor, row.content) for row in connection.execute(wanted)}


def _lasts() -> Select[Any]:
    newest = select(func.max(posting_attempts.c.id)).group_by(
        posting_attempts.c.target, posting_attempts.c.posting
    )
    return select(posting_attempts).where(posting_attempts.c.id.in_(newest))


def _row(one: Posting) -> dict[str, Any]:
    return {
        "target": one.target,
        "id": one.id,
        "period": one.period,
        "documents": list(one.documents),
        "parts": list(one.parts),
        "content": one.content,
        "currency": one.currency,
        "lines": one.lines,
        "debits": one.debits,
    }


def _posting(row: Any) -> Posting:
    return Posting(
        target=row.target,
        id=row.id,
        period=row.period,
        documents=tuple(row.documents),
        parts=tuple(row.parts),
        content=row.content,
        currency=row.currency,
        lines=row.lines,
        debits=row.debits,
    )


def _attempt(row: Any) -> Attempt:
    return Attempt(
        state=PostingState(row.state),
        actor=row.actor,
        at=row.at,
        number=row.number,
        reasons=tuple(row.reasons),
        request=row.request,
        claim=row.claim,
        until=row.until,
    )
