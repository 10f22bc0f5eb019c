"""The tables, the migrations that make them, and the page that describes them say the same."""

from __future__ import annotations

import re
from fractions import Fraction
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from apportion.errors import BooksError
from apportion.store.books import Books
from apportion.store.books.connect import connect, read_url, reading, writing
from apportion.store.books.migrate import revision
from apportion.store.books.schema import REVISION, VERSION_TABLE, metadata
from book_values import OCTOBER, run

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "books.md"


def test_migrations_from_nothing_make_the_very_tables_that_the_code_knows(books_url: str) -> None:
    Books.open(books_url).close()
    engine = connect(read_url(books_url))

    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        differences = compare_metadata(context, metadata)
        made = set(inspect(connection).get_table_names())

    assert differences == []
    assert made == set(metadata.tables) | {VERSION_TABLE}
    engine.dispose()


def test_the_revision_that_the_code_names_is_the_newest_migration() -> None:
    with as_file(files("apportion.store").joinpath("migrations")) as folder:
        assert ScriptDirectory(str(folder)).get_heads() == [REVISION]


def test_opening_again_leaves_the_books_alone(books_url: str) -> None:
    books = Books.open(books_url)
    books.save_run(run("1"))
    books.close()

    again = Books.open(books_url)

    assert again.run(OCTOBER) == run("1")
    again.close()


def test_books_of_a_newer_version_are_refused_and_left_alone(books_url: str) -> None:
    Books.open(books_url).close()
    engine = connect(read_url(books_url))
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))

    with pytest.raises(BooksError, match="newer version") as told:
        Books.open(books_url)

    assert "pip install --upgrade apportion" in str(told.value)
    with reading(engine) as connection:
        assert revision(connection) == "9999"
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(
    books_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(read_url(books_url))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE run_lines (mine INTEGER)"))

    with pytest.raises(BooksError, match="run_lines"):
        Books.open(books_url)

    with reading(engine) as connection:
        assert inspect(connection).get_table_names() == ["run_lines"]
    engine.dispose()


def described() -> dict[str, set[str]]:
    """The tables of the page (## headings) and their columns (first cells of the rows)."""
    found: dict[str, set[str]] = {}
    for part in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name = part.split("\n", 1)[0].strip().strip("`")
        cells = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", part, flags=re.MULTILINE)
        found[name] = {column for cell in cells for column in re.findall(r"`([^`]+)`", cell)}
    return found


@pytest.mark.parametrize("name", [*sorted(metadata.tables), VERSION_TABLE])
def test_each_table_and_column_is_described_in_the_reference(name: str) -> None:
    columns = set(metadata.tables[name].columns.keys()) if name in metadata.tables else None

    assert name in described(), f"docs/reference/books.md has no part on {name}"
    assert described()[name] == (columns or {"version_num"})


def test_the_reference_describes_no_table_that_is_not_there() -> None:
    assert set(described()) <= set(metadata.tables) | {VERSION_TABLE}


def test_a_run_from_before_there_were_rates_is_kept_as_it_was(books_url: str) -> None:
    engine = connect(read_url(books_url))
    with as_file(files("apportion.store").joinpath("migrations")) as folder:
        script = ScriptDirectory(str(folder))
        first = script.get_revision("0001")
        assert first is not None
        with writing(engine) as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            with Operations.context(context):
                first.module.upgrade()
            context.stamp(script, "0001")
            for statement in OLD_RUN:
                connection.execute(text(statement))
    engine.dispose()

    books = Books.open(books_url)
    found = books.run(OCTOBER)
    books.close()

    assert found is not None
    assert (found.id, found.currency, found.rates) == ("old", "", ())
    assert [(part.amounts.BilledCost, part.converted) for part in found.attributed] == [
        (Fraction(1, 3), None)
    ]


OLD_RUN = (
    (
        "INSERT INTO runs VALUES ('old', '2026-10', '2026-10-01', '2026-11-01', 'model', "
        "'BilledCost', '2026-11-03 12:00:00')"
    ),
    "INSERT INTO run_pointers VALUES ('2026-10', 'old', '2026-11-03 12:00:00')",
    (
        "INSERT INTO run_attributed VALUES ('old', 0, 'aws', 'USD', 'team', 'nlp', 'by tag', "
        "'tagged', 'EC2', 9, '1/3', '1/3', '1/3', '1/3')"
    ),
)
