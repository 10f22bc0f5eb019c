"""Bring the books to the schema of this version, whether they are new or old.

Alembic is imported only where there is something to do.
"""

from __future__ import annotations

from importlib.resources import as_file, files

from sqlalchemy import Connection, Engine, inspect, text

from apportion.errors import BooksError
from apportion.store.books.connect import reading, shown, writing
from apportion.store.books.people import nobody_known
from apportion.store.books.schema import REVISION, VERSION_TABLE


def migrate(engine: Engine) -> None:
    """Create the tables or change them, in one transaction, alone among writers.

    Raises BooksError for books that a newer version has written.
    """
    with reading(engine) as connection:
        if revision(connection) == REVISION:
            return
    with writing(engine) as connection, nobody_known():
        # Another process may have done it while this one waited to write.
        found = revision(connection)
        if found != REVISION:
            _upgrade(connection, found, shown(engine.url))


def revision(connection: Connection) -> str | None:
    """The migration that the books are at, or None for a database without books."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def _upgrade(connection: Connection, found: str | None, where: str) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    with as_file(files("apportion.store").joinpath("migrations")) as folder:
        script = ScriptDirectory(str(folder))
        if found is not None and found not in {step.revision for step in script.walk_revisions()}:
            raise BooksError(
                f"the books at {where} were written by a newer version of apportion",
                why=f"their schema is {found}, and this version knows schemas up to {REVISION}",
                hint="install the newer version: pip install --upgrade apportion",
            )
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        with Operations.context(context):
            for step in reversed(list(script.iterate_revisions("head", found or "base"))):
                step.module.upgrade()
        context.stamp(script, "head")
