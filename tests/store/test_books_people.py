"""People lie in the books as pseudonyms; a name can go, and the audit log still holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import NotLoaded
from apportion.store.books import Books
from apportion.store.books.audit import AuditEntry, add_entry, now, stored_lines
from apportion.store.books.audit_chain import PSEUDONYMISE
from apportion.store.books.column_types import Person
from apportion.store.books.connect import connect, read_url, writing
from apportion.store.books.people import erase
from apportion.store.books.roles import change_role
from apportion.store.books.schema import metadata


def forget(books: Books, name: str) -> str:
    with books.writing() as connection:
        gone = erase(connection, name)
        entry = AuditEntry(now(), "dpo", PSEUDONYMISE, f"{{{gone}}}", {"because": "asked"})
        add_entry(connection, entry)
    books.compact()
    return gone


def grant(books: Books, person: str, actor: str) -> None:
    with books.writing() as connection:
        given = Grant(person, Role.FINANCE)
        change_role(connection, RoleChange(given, True, actor, f"{actor} asked", now()))


def test_a_name_goes_from_everywhere_and_the_chain_holds(books: Books, books_url: str) -> None:
    books.log("annabel", "note", "nlp", {"because": "annabel said so, and Annabelle"})
    grant(books, "zoë the second", "annabel")
    books.log("ben", "note", "annabel", {"to": "zoë the second"})
    count, head, _ = books.verify_audit()

    gone = forget(books, "annabel")
    forget(books, "zoë the second")

    assert books.verify_audit(head) == (count + 2, books.verify_audit()[1], None)
    assert {one.actor for one in books.audit()} == {gone, "ben", "dpo"}
    said = [dict(one.detail) for one in books.audit()]
    assert said[0]["because"] == f"{gone} said so, and Annabelle"
    assert books.audit(subject=gone) == ()
    (held,) = books.roles().grants
    assert held.person.startswith("person-")
    everything = dump(books_url)
    assert "annabel said" not in everything
    assert "'annabel'" not in everything
    assert "zoë" not in everything


def test_no_byte_of_the_name_is_left_in_the_file(tmp_path: Path) -> None:
    books = Books.open(f"sqlite:///{tmp_path / 'books.sqlite'}")
    for number in range(50):
        books.log("annabel-lee", "note", f"s{number}", {})
    forget(books, "annabel-lee")
    books.close()
    found = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"annabel-lee" not in found


def test_who_comes_again_is_another_person(books: Books) -> None:
    books.log("ann", "note", "x", {})
    gone = forget(books, "ann")
    books.log("ann", "note", "y", {})
    first, _, last = books.audit()
    assert (first.actor, last.actor) == (gone, "ann")
    with pytest.raises(NotLoaded, match="nobody in the books is called 'eve'"):
        forget(books, "eve")
    assert books.verify_audit()[2] is None


def test_another_name_put_to_a_pseudonym_breaks_the_chain(books: Books, books_url: str) -> None:
    books.log("ann", "note", "x", {})
    books.log("ben", "note", "x", {})
    change(books_url, "UPDATE people SET name = 'eve' WHERE name = 'ben'")
    _, _, broken = books.verify_audit()
    assert broken is not None
    assert (broken.line, "another name" in broken.why) == (2, True)


@pytest.mark.parametrize(
    "act", ["UPDATE people SET name = NULL WHERE name = 'ben'", "DELETE FROM people"]
)
def test_a_name_taken_away_without_a_line_breaks_the_chain(
    books: Books, books_url: str, act: str
) -> None:
    books.log("ben", "note", "x", {})
    change(books_url, act)
    _, _, broken = books.verify_audit()
    assert broken is not None
    assert (broken.line, "taken away" in broken.why) == (1, True)


def test_stored_lines_have_the_name_beside_the_pseudonym(books: Books) -> None:
    books.log("ann", "note", "x", {})
    with books.reading() as connection:
        (line,) = stored_lines(connection)
    assert (line.actor_name, line.actor[:7]) == ("ann", "person-")


def change(url: str, act: str) -> None:
    engine = connect(read_url(url))
    with writing(engine) as connection:
        connection.execute(text(act))
    engine.dispose()


def dump(url: str) -> str:
    """Every row of every table as text."""
    from apportion.store.books.people import nobody_known

    engine = connect(read_url(url))
    with writing(engine) as connection, nobody_known():
        rows = [
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in connection.execute(text(f"SELECT * FROM {table.name}"))
        ]
    engine.dispose()
    return "\n".join(rows)


WHO = frozenset(
    {"actor", "asker", "author", "person", "decided_by", "asked_by", "approver", "reviewer"}
)


def test_every_column_that_says_who_keeps_pseudonyms() -> None:
    plain = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in WHO and not isinstance(column.type, Person)
    ]
    assert plain == [], "declare it with person_column, so that a name can leave the books"
