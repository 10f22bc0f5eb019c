"""Disputed charges that wait on an account of suspense, and how they leave it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from apportion.domain.dispute import Dispute
from apportion.domain.journal import JournalDocument, reversal
from apportion.domain.period import Period
from apportion.ledger.draw_moves import SUSPENSE, is_of
from apportion.store.books.journals import read_documents, write_documents
from apportion.store.books.period_steps import open_month


def release(
    connection: Connection, found: Dispute, into: Period | None, actor: str
) -> tuple[JournalDocument, ...]:
    """Take back what waits in suspense, in an open month; nothing where nothing does."""
    journal = read_documents(connection)
    taken_back = {one.reverses for one in journal if one.reverses}
    held = [one for one in journal if is_of(one, SUSPENSE, found) and one.id not in taken_back]
    if not held:
        return ()
    month = open_month(connection, found.period, into)
    day = month.until - timedelta(days=1)
    return write_documents(connection, [reversal(one, month, day) for one in held], actor)
