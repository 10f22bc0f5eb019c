"""The audit log as a chain: each line holds a digest of itself and of the line before.

An edit, a deletion, a swap or an insertion breaks the chain at its place. Cutting off the
tail doesn't: keep the head's digest elsewhere (`apportion audit head`).

Source: SHA-256 chain over canonical JSON, as Formance's ledger keeps its log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from apportion.store.books.people import misnamed, nobody_known
from apportion.store.books.schema import audit_log

GENESIS = "0" * 64
"""What stands before the first line."""

_GAP = "a line before it is missing, or was put elsewhere"
_CUT = "the head that was kept elsewhere isn't in the chain: lines were cut off or written anew"
_EDITED = "it doesn't say what it said when it was written"


PSEUDONYMISE = "pseudonymise"
"""The act by which somebody's name leaves the books."""


@dataclass(frozen=True)
class Broken:
    """Where a chain breaks: the number of the line, and how."""

    line: int
    why: str


def digest_of_line(
    previous: str,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, str],
) -> str:
    """The digest of a line that follows on `previous`."""
    moment = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    said = [previous, moment.isoformat(), actor, action, subject, dict(sorted(detail.items()))]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def head(connection: Connection) -> str:
    """The digest of the last line, which the next one follows on."""
    newest = select(audit_log.c.hash).order_by(audit_log.c.id.desc()).limit(1)
    return connection.execute(newest).scalar() or GENESIS


def link_all(connection: Connection) -> None:
    """Chain lines that were written before there was a chain."""
    previous = GENESIS
    for row in connection.execute(select(audit_log).order_by(audit_log.c.id)).all():
        own = digest_of_line(previous, row.at, row.actor, row.action, row.subject, row.detail)
        connection.execute(
            audit_log.update().where(audit_log.c.id == row.id).values(previous=previous, hash=own)
        )
        previous = own


def verify(connection: Connection, anchor: str = "") -> tuple[int, str, Broken | None]:
    """How many lines hold, the digest of the last of them, and where the chain breaks.

    `anchor` is a head that was kept elsewhere: without it in the chain, its tail was cut off
    or the whole was written anew. A person whose name isn't the one that their pseudonym was
    made for breaks it at the first line that they wrote, or that is about them: a role of theirs.
    """
    previous, count, met = GENESIS, 0, anchor in {"", GENESIS}
    with nobody_known():
        rows = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
        said_of = {row.id: _person_of(row.subject) for row in rows}
        others = misnamed(connection, {*(row.actor for row in rows), *said_of.values()})
    for row in rows:
        if row.action == PSEUDONYMISE:
            others.pop(row.subject.strip("{}"), None)
    for row in rows:
        own = digest_of_line(previous, row.at, row.actor, row.action, row.subject, row.detail)
        why = _GAP if row.previous != previous else _EDITED if row.hash != own else ""
        if why := why or others.get(row.actor) or others.get(said_of[row.id], ""):
            return count, previous, Broken(row.id, why)
        previous, count, met = own, count + 1, met or own == anchor
    if not met:
        return count, previous, Broken(rows[-1].id + 1 if rows else 1, _CUT)
    return count, previous, None


def _person_of(subject: str) -> str:
    """The pseudonym of whom a line is about; empty where it is about no person."""
    named = subject.startswith("{") and subject.endswith("}")
    return subject[1:-1] if named else ""


def set_back(connection: Connection) -> tuple[int, ...]:
    """The lines whose time lies before that of the line before: the clock was set back.

    They are written all the same, in the order in which things were done.
    """
    found, latest = [], None
    rows = connection.execute(select(audit_log.c.id, audit_log.c.at).order_by(audit_log.c.id))
    for row in rows:
        if latest is not None and row.at < latest:
            found.append(row.id)
        latest = row.at
    return tuple(found)
