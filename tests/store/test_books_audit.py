"""The audit log: lines are added in order, and can't be changed or removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from apportion.store.books import AuditEntry, Books
from apportion.store.books.connect import connect, read_url


def test_lines_are_read_in_the_order_in_which_they_were_written(books: Books) -> None:
    started = datetime.now(UTC)
    for number in range(3):
        books.log("ann", "run", f"2026-{number + 1:02d}", {"number": str(number)})

    found = books.audit()

    assert [entry.subject for entry in found] == ["2026-01", "2026-02", "2026-03"]
    assert found[1] == AuditEntry(found[1].at, "ann", "run", "2026-02", {"number": "1"})
    assert started <= found[0].at <= datetime.now(UTC)


def test_lines_are_found_by_subject_action_and_time(books: Books) -> None:
    books.log("ann", "run", "2026-10", {})
    books.log("ben", "close", "2026-10", {})
    books.log("ben", "close", "2026-11", {})
    moment = books.audit()[1].at

    assert [entry.action for entry in books.audit(subject="2026-10")] == ["run", "close"]
    assert [entry.subject for entry in books.audit(action="close")] == ["2026-10", "2026-11"]
    assert [entry.actor for entry in books.audit(since=moment)] == ["ben", "ben"]
    assert books.audit(since=moment + timedelta(days=1)) == ()


@pytest.mark.parametrize(
    "change", ["UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log"]
)
def test_the_database_itself_refuses_to_change_the_log(books_url: str, change: str) -> None:
    books = Books.open(books_url)
    books.log("ann", "run", "2026-10", {})
    engine = connect(read_url(books_url))

    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))

    assert [entry.actor for entry in books.audit()] == ["ann"]
    engine.dispose()
    books.close()
