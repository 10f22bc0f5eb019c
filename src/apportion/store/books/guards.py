"""What the database itself refuses: a document that doesn't balance, and any edit of the past.

Code checks the same before it writes. These guards are for whoever comes by another way.
"""

from __future__ import annotations

from collections.abc import Iterator

KEPT = (
    "journal_documents",
    "journal_lines",
    "journal_seals",
    "period_states",
)
"""Tables to which rows are only ever added; the audit log has had guards from the beginning."""


def guards(dialect: str) -> tuple[str, ...]:
    """The statements that set the guards up, in the words of SQLite or PostgreSQL."""
    return tuple(_postgresql() if dialect == "postgresql" else _sqlite())


def keep(dialect: str, *tables: str) -> tuple[str, ...]:
    """The statements by which rows of further tables are only ever added, never changed."""
    kept = _kept_postgresql if dialect == "postgresql" else _kept_sqlite
    return tuple(statement for table in tables for statement in kept(table))


def _kept_sqlite(table: str) -> Iterator[str]:
    for act in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
        )


def _kept_postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION books_kept()"
    )
    yield (
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION books_kept()"
    )


def _sqlite() -> Iterator[str]:
    yield from keep("sqlite", *KEPT)
    yield (
        "CREATE TRIGGER journal_lines_open BEFORE INSERT ON journal_lines "
        "WHEN EXISTS (SELECT 1 FROM journal_seals WHERE document = NEW.document) "
        "BEGIN SELECT RAISE(ABORT, 'a sealed journal document takes no more lines'); END"
    )
    yield (
        "CREATE TRIGGER journal_seals_balanced BEFORE INSERT ON journal_seals "
        "WHEN (SELECT coalesce(sum(units), 1) FROM journal_lines WHERE document = NEW.document) "
        "<> 0 OR (SELECT count(*) FROM journal_lines WHERE document = NEW.document) < 2 "
        "BEGIN SELECT RAISE(ABORT, 'a journal document has two lines or more, and sums to zero'); "
        "END"
    )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION books_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'rows of the journal are never changed'; END $$"
    )
    yield from keep("postgresql", *KEPT)
    yield (
        "CREATE FUNCTION journal_lines_open() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM journal_seals WHERE document = NEW.document) THEN "
        "RAISE EXCEPTION 'a sealed journal document takes no more lines'; END IF; "
        "RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER journal_lines_open BEFORE INSERT ON journal_lines "
        "FOR EACH ROW EXECUTE FUNCTION journal_lines_open()"
    )
    yield (
        "CREATE FUNCTION journal_seals_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT coalesce(sum(units), 1) FROM journal_lines WHERE document = NEW.document) "
        "<> 0 OR (SELECT count(*) FROM journal_lines WHERE document = NEW.document) < 2 THEN "
        "RAISE EXCEPTION 'a journal document has two lines or more, and sums to zero'; END IF; "
        "RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER journal_seals_balanced BEFORE INSERT ON journal_seals "
        "FOR EACH ROW EXECUTE FUNCTION journal_seals_balanced()"
    )
