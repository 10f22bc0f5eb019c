"""Journals and the audit log in the books: booked once, balanced, chained, never edited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from apportion.domain.journal import Assignment, DocumentKind, JournalDocument, JournalLine, Side
from apportion.domain.period import Period
from apportion.errors import BooksError, JournalConflict, ProofError
from apportion.store.books import Books
from apportion.store.books.connect import connect, read_url, writing

OCTOBER = Period(2026, 10)

REFUSED = (BooksError, IntegrityError)


def document(name: str = "cb-1", units: int = 500) -> JournalDocument:
    lines = (
        JournalLine(Assignment("600100", "CC-1"), Side.DEBIT, units, "AI cost"),
        JournalLine(Assignment("659900", "CC-9", partner="US"), Side.CREDIT, units, "relief"),
    )
    return JournalDocument(
        name, "DE", OCTOBER, date(2026, 10, 31), "USD", DocumentKind.CHARGEBACK, "AI", lines, "r1"
    )


@pytest.fixture
def books(books_url: str) -> Iterator[Books]:
    opened = Books.open(books_url)
    yield opened
    opened.close()


def test_a_document_comes_back_as_it_was_booked(books: Books) -> None:
    assert books.book([document()], "ann") == (document(),)
    assert books.journal(OCTOBER) == (document(),)
    assert books.journal(Period(2026, 11)) == ()


def test_the_same_again_does_nothing_and_another_content_is_refused(books: Books) -> None:
    books.book([document()], "ann")
    assert books.book([document(), document("cb-2")], "ann") == (document("cb-2"),)
    with pytest.raises(JournalConflict, match="cb-1 is booked with another content"):
        books.book([document("cb-3"), document(units=501)], "ann")
    assert [one.id for one in books.journal()] == ["cb-1", "cb-2"]


def test_an_unbalanced_document_is_refused_by_code(books: Books) -> None:
    wrong = replace(document(), lines=document().lines[:1])
    with pytest.raises(ProofError, match=r"off by 5\.00"):
        books.book([wrong], "ann")


ACTS = {
    "edits a line": "UPDATE journal_lines SET units = 1",
    "deletes a line": "DELETE FROM journal_lines",
    "edits a document": "UPDATE journal_documents SET text = 'other'",
    "opens a document": "DELETE FROM journal_seals",
    "adds a line": "INSERT INTO journal_lines VALUES ('cb-1', 9, '1', '', '', '', '', '', 5, '')",
    "edits the audit log": "UPDATE audit_log SET actor = 'eve'",
    "deletes from the audit log": "DELETE FROM audit_log",
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_the_database_itself_refuses_whoever(books: Books, books_url: str, act: str) -> None:
    books.book([document()], "ann")
    engine = connect(read_url(books_url))
    with pytest.raises(REFUSED), writing(engine) as connection:
        connection.execute(text(act))
    engine.dispose()
    assert books.journal() == (document(),)


def test_the_database_seals_nothing_that_is_unbalanced(books: Books, books_url: str) -> None:
    books.book([document()], "ann")
    engine = connect(read_url(books_url))
    with pytest.raises(REFUSED) as caught:
        _seal_what_is_off(engine)
    assert "sums to zero" in f"{caught.value} {getattr(caught.value, 'why', '')}"
    engine.dispose()
    assert [one.id for one in books.journal()] == ["cb-1"]


def _seal_what_is_off(engine: Engine) -> None:
    copied = (
        "INSERT INTO journal_documents SELECT 'x', entity, period, posted_on, currency, kind, "
        "text, run, reverses, original, content FROM journal_documents"
    )
    line = "INSERT INTO journal_lines VALUES ('x', :p, '1', '', '', '', '', '', :u, '')"
    with writing(engine) as connection:
        connection.execute(text(copied))
        for position, units in enumerate((5, -4)):
            connection.execute(text(line), {"p": position, "u": units})
        connection.execute(
            text("INSERT INTO journal_seals SELECT 'x', at, actor FROM journal_seals")
        )


def test_the_audit_log_is_a_chain_that_tells_where_it_breaks(books: Books, books_url: str) -> None:
    for number in range(4):
        books.log("ann", "note", f"s{number}", {"because": "why not"})
    count, _, broken = books.verify_audit()
    assert (count, broken) == (4, None)
    engine = connect(read_url(books_url))
    with writing(engine) as connection:
        unguard(connection)
        connection.execute(text("UPDATE audit_log SET actor = 'eve' WHERE id = 3"))
    count, _, broken = books.verify_audit()
    assert broken is not None
    assert (count, broken.line) == (2, 3)
    with writing(engine) as connection:
        connection.execute(text("UPDATE audit_log SET actor = 'ann' WHERE id = 3"))
        connection.execute(text("DELETE FROM audit_log WHERE id = 2"))
    _, _, broken = books.verify_audit()
    assert broken is not None
    assert (broken.line, "missing" in broken.why) == (3, True)
    engine.dispose()


def unguard(connection: object) -> None:
    """What somebody with the keys to the database can do: take the guards away."""
    from sqlalchemy import Connection

    assert isinstance(connection, Connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        return
    for act in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER audit_log_no_{act}"))


def test_two_documents_of_one_id_in_one_call_are_refused_in_plain_words(books: Books) -> None:
    with pytest.raises(ProofError, match="two documents of a journal have the id cb-1"):
        books.book([document("cb-1"), document("cb-1")], "ann")
    assert books.journal() == ()
