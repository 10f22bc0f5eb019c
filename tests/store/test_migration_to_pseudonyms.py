"""Books from before there were pseudonyms: names move to one table, and the chain is made anew."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import as_file, files

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import text

from apportion.store.books import Books
from apportion.store.books.audit_chain import link_all
from apportion.store.books.connect import connect, read_url, writing
from apportion.store.books.people import nobody_known
from apportion.store.books.schema import VERSION_TABLE

BEFORE = "0010"


def test_names_of_older_books_become_pseudonyms_and_the_chain_holds(books_url: str) -> None:
    engine = connect(read_url(books_url))
    with (
        as_file(files("apportion.store").joinpath("migrations")) as folder,
        writing(engine) as connection,
        nobody_known(),
    ):
        script = ScriptDirectory(str(folder))
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        with Operations.context(context):
            for step in reversed(list(script.iterate_revisions(BEFORE, "base"))):
                step.module.upgrade()
        context.stamp(script, BEFORE)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        at = datetime(2026, 11, 3, tzinfo=UTC)
        for n, person in enumerate(("annabel", "ben", "annabel"), 1):
            values = {"n": n, "a": person, "t": at.replace(tzinfo=None), "d": '{"to":"annabel"}'}
            connection.execute(
                text("INSERT INTO audit_log VALUES (:n, :t, :a, 'note', 'x', :d, '', '')"), values
            )
            connection.execute(
                text(
                    "INSERT INTO period_states VALUES (:n, '2026-10', 'closed', 'r', :a, "
                    "'annabel said so', :t)"
                ),
                {key: values[key] for key in ("n", "a", "t")},
            )
        if connection.dialect.name == "postgresql":
            link_all(connection)
            connection.execute(text("ALTER TABLE audit_log ENABLE TRIGGER USER"))
    engine.dispose()

    books = Books.open(books_url)

    assert [one.actor for one in books.audit()] == ["annabel", "ben", "annabel"]
    assert [one.detail["to"] for one in books.audit()] == ["annabel"] * 3
    assert [(one.actor, one.because) for one in books.steps()][1] == ("ben", "annabel said so")
    assert books.verify_audit()[0::2] == (3, None)
    with books.reading() as connection, nobody_known():
        lie = connection.execute(text("SELECT actor, because FROM period_states")).all()
        assert not any("annabel" in value for row in lie for value in row)
    books.close()
