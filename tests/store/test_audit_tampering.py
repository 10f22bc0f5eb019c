"""Whoever goes past the guards of the database is found out, on either database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from apportion.store.books import AuditEntry, Books
from apportion.store.books.audit import add_entry
from apportion.store.books.audit_chain import GENESIS, set_back
from apportion.store.books.connect import connect, read_url, writing

LINES = 6


@pytest.fixture
def filled(books: Books) -> Books:
    for number in range(LINES):
        books.log(f"p{number % 2}", f"act{number}", f"s{number}", {"because": f"b{number}"})
    assert books.verify_audit()[2] is None
    return books


def past_the_guards(url: str, *acts: str) -> None:
    engine = connect(read_url(url))
    with writing(engine) as connection:
        _unguard(connection)
        for act in acts:
            connection.execute(text(act))
    engine.dispose()


def _unguard(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        return
    for act in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER audit_log_no_{act}"))


FLIPPED = "'~' || substr({0}, 2)"
"""A text with another first byte."""

EDITS = {
    "actor": FLIPPED.format("actor"),
    "action": FLIPPED.format("action"),
    "subject": FLIPPED.format("subject"),
    "detail": "replace(detail, 'b3', 'b4')",
    "previous": FLIPPED.format("previous"),
    "hash": FLIPPED.format("hash"),
}


@pytest.mark.parametrize("column", [*EDITS, "at"])
def test_one_byte_in_any_column_is_found_at_its_line(
    filled: Books, books_url: str, column: str
) -> None:
    later = "datetime(at, '+1 second')" if "sqlite" in books_url else "at + interval '1 second'"
    value = EDITS.get(column, later)
    past_the_guards(books_url, f"UPDATE audit_log SET {column} = {value} WHERE id = 4")
    count, _, broken = filled.verify_audit()
    assert broken is not None
    assert (count, broken.line) == (3, 4)


SWAP = (
    "UPDATE audit_log SET id = -1 WHERE id = 2",
    "UPDATE audit_log SET id = 2 WHERE id = 3",
    "UPDATE audit_log SET id = 3 WHERE id = -1",
)
INSERT = (
    "UPDATE audit_log SET id = id + 100 WHERE id > 3",
    "INSERT INTO audit_log SELECT 4, at, 'x', action, subject, detail, hash, hash "  # noqa: ISC004
    "FROM audit_log WHERE id = 3",
)
WHOLE = {
    "a line deleted": (("DELETE FROM audit_log WHERE id = 3",), 4),
    "the first deleted": (("DELETE FROM audit_log WHERE id = 1",), 2),
    "two lines swapped": (SWAP, 2),
    "a line put between": (INSERT, 4),
}


@pytest.mark.parametrize(("acts", "line"), WHOLE.values(), ids=WHOLE.keys())
def test_lines_deleted_swapped_or_put_between_are_found(
    filled: Books, books_url: str, acts: tuple[str, ...], line: int
) -> None:
    past_the_guards(books_url, *acts)
    _, _, broken = filled.verify_audit()
    assert broken is not None
    assert broken.line == line


def test_a_tail_cut_off_is_found_by_a_head_that_was_kept(filled: Books, books_url: str) -> None:
    _, head, _ = filled.verify_audit()
    past_the_guards(books_url, "DELETE FROM audit_log WHERE id > 4")
    assert filled.verify_audit()[2] is None
    _, _, broken = filled.verify_audit(head)
    assert broken is not None
    assert (broken.line, "cut off" in broken.why) == (5, True)


def test_a_head_that_was_kept_stays_good_while_lines_are_added(filled: Books) -> None:
    _, head, _ = filled.verify_audit()
    filled.log("ann", "more", "x", {})
    assert filled.verify_audit(head)[2] is None
    assert filled.verify_audit(GENESIS)[2] is None
    _, _, broken = filled.verify_audit("f" * 64)
    assert broken is not None


def test_a_clock_set_back_is_told_and_breaks_nothing(books: Books) -> None:
    noon = datetime(2026, 11, 3, 12, tzinfo=UTC)
    for hours in (0, 1, -5, -4, 2):
        with books.writing() as connection:
            at = noon + timedelta(hours=hours)
            add_entry(connection, AuditEntry(at, "ann", "note", f"{hours}", {}))
    assert [one.subject for one in books.audit()] == ["0", "1", "-5", "-4", "2"]
    assert books.verify_audit()[2] is None
    with books.reading() as connection:
        assert set_back(connection) == (3,)


FULL_DISK = """
import resource, signal, sys
from apportion.errors import BooksError
from apportion.store.books import Books
books = Books.open(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    for number in range(10000):
        books.log("ann", "note", f"s{number}", {"because": "x" * 500})
except BooksError as fault:
    print(fault)
    sys.exit(2)
"""


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    """The file may not grow beyond a bound: a line is written with all that is its, or not."""
    url = new_database("sqlite")
    books = Books.open(url)
    books.log("ann", "note", "first", {})
    books.close()
    size = max(path.stat().st_size for path in tmp_path.iterdir())
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, url, str(size + 60_000)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "disk" in done.stdout
    again = Books.open(url)
    count, _, broken = again.verify_audit()
    assert broken is None
    assert count == len(again.audit()) >= 1
    again.log("ann", "note", "after", {})
    assert again.verify_audit()[0] == count + 1
    again.close()
