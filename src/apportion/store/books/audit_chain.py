"""The audit log as a chain: each line holds a digest of itself and of the line before.

An edit, a deletion, a swap or an insertion breaks the chain at its place. Cutting off the
tail doesn't: keep the head's digest elsewhere (`apportion audit head`, or a statement's foot).

Source: SHA-256 chain over canonical JSON, as Formance's ledger keeps its log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from apportion.store.books.schema import audit_log

GENESIS = "0" * 64
"""What stands before the first line."""


_GAP = "a line before it is missing, or was put elsewhere"
_EDITED = "it doesn't say what it said when it was written"


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


def verify(connection: Connection) -> tuple[int, str, Broken | None]:
    """How many lines hold, the digest of the last of them, and where the chain breaks."""
    previous, count = GENESIS, 0
    for row in connection.execute(select(audit_log).order_by(audit_log.c.id)):
        own = digest_of_line(previous, row.at, row.actor, row.action, row.subject, row.detail)
        if row.previous != previous:
            return (
                count,
                previous,
                Broken(row.id, _GAP),
            )
        if row.hash != own:
            return (
                count,
                previous,
                Broken(row.id, _EDITED),
            )
        previous, count = own, count + 1
    return count, previous, None
