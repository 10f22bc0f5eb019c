"""The way to the books: an engine for SQLite or PostgreSQL, and plain words for its faults.

On both databases one writer works at a time, and readers never wait for it:
SQLite by BEGIN IMMEDIATE in write-ahead mode, PostgreSQL by an advisory lock
that a writing transaction takes first. So a writer sees all that was committed
before it, and what it decides stays true until it commits.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from apportion.errors import BooksError
from apportion.store.books.people import known_people

PATIENCE = 30.0
"""Seconds that a writer waits for another one."""

WRITES = "writes"
_LOCK = 0x61_70_70_6F_72_74
"""The advisory lock of the books' writers: 'apport' in ASCII, in each database by itself."""

_SECRET = re.compile("pass|secret|token|options")
"""Settings of an address whose values aren't shown: passwords, and what may hold anything."""

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


def read_url(text: str) -> URL:
    """The address of the books; raises BooksError for one that isn't SQLite's or PostgreSQL's.

    >>> read_url("postgresql://ann@db/books").drivername
    'postgresql+psycopg'
    """
    try:
        url = make_url(text)
    except (SQLAlchemyError, ValueError):
        raise _unreadable() from None
    kind = url.get_backend_name()
    if kind not in _DRIVERS:
        raise BooksError(
            "the books can live in SQLite or in PostgreSQL only",
            hint="write sqlite:////dir/books.sqlite or postgresql://user:password@host/database",
        )
    if kind != "sqlite" and "@" in f"{url.host}{url.database}":
        raise _unreadable()  # the rest of a password with an @ in it
    return url.set(drivername=_DRIVERS[kind])


def _unreadable() -> BooksError:
    """The fault of an address of which not even a part is shown: a password may stand in it."""
    return BooksError(
        "the address of the books can't be read",
        why="it isn't a database URL; it isn't shown here, as a password may stand in it",
        hint="write sqlite:////dir/books.sqlite or postgresql://user:password@host/database; "
        "in a password, @ : / and % are written as %40 %3A %2F and %25",
    )


def shown(url: URL) -> str:
    """The address without password and without settings, which may hold secrets too."""
    kind = url.get_backend_name()
    return str(URL.create(kind, url.username, None, url.host, url.port, url.database))


def is_begun(text: str) -> bool:
    """Whether books may be at an address already: for SQLite, whether the file is there."""
    url = read_url(text)
    if url.get_backend_name() != "sqlite" or not url.database:
        return True
    return Path(url.database).exists()


def connect(url: URL, patience: float = PATIENCE) -> Engine:
    """An engine for the books. SQLite's folder is made; the database itself isn't touched yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, patience)
    return _postgresql(url, patience)


def _sqlite(url: URL, patience: float) -> Engine:
    path = Path(url.database) if url.database and url.database != ":memory:" else None
    if path is not None and may_only_read(path):
        engine = create_engine(url, hide_parameters=True, creator=lambda: _opened(path, patience))
        event.listen(engine, "connect", _leave_transactions_to_us)
    else:
        if path is not None:
            _make_folder(url, path.parent)
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": patience})
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def may_only_read(path: Path) -> bool:
    """Whether books are there that may be read here and not be written to.

    SQLite writes beside its file too, so both the file and its folder count.
    """
    return path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    """Open books to read them alone.

    Where nobody has them open, nothing lies beside them, and SQLite must be
    told not to look for it: it would have to make it.
    """
    alone = not path.with_name(path.name + "-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    return sqlite3.connect(address, timeout=patience, uri=True, check_same_thread=False)


def _postgresql(url: URL, patience: float) -> Engine:
    # Times are exchanged in UTC, whatever the server's own zone is.
    options = " ".join(["-c timezone=UTC", *url.normalized_query.get("options", ())])
    settings = {"options": options, "fallback_application_name": "apportion"}
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=settings)
    except ModuleNotFoundError as missing:
        raise BooksError(
            f"the books at {shown(url)} need the package {missing.name}, which isn't installed",
            hint="install it with: pip install 'apportion[postgres]'",
        ) from None
    wait = f"SET LOCAL lock_timeout = {int(patience * 1000)}"
    event.listen(engine, "begin", lambda connection: _begin_postgresql(connection, wait))
    return engine


def _make_folder(url: URL, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise BooksError(
            f"the folder of the books at {shown(url)} can't be made", why=str(fault)
        ) from fault


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: it begins them too late,
    # after the first read, and not at all for changes of the schema.
    connection.isolation_level = None


def _prepare_sqlite(connection: Any, record: object) -> None:
    _leave_transactions_to_us(connection, record)
    cursor = connection.cursor()
    for setting in (
        *("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL"),
        "secure_delete = ON",  # a name that goes leaves nothing behind in the file
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection, wait: str) -> None:
    if connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql(wait)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads; faults of the database become BooksError."""
    with (
        in_plain_words(engine.url),
        engine.connect() as connection,
        connection.begin(),
        known_people(connection),
    ):
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, alone among writers: all of it is committed, or nothing."""
    alone = engine.execution_options(**{WRITES: True})
    with (
        in_plain_words(engine.url),
        alone.connect() as connection,
        connection.begin(),
        known_people(connection, writes=True),
    ):
        yield connection


def compact(engine: Engine) -> None:
    """Write the database anew without what was deleted; other programs may go on meanwhile."""
    sqlite = engine.dialect.name == "sqlite"
    statements = ["VACUUM", *(["PRAGMA wal_checkpoint(TRUNCATE)"] if sqlite else [])]
    with in_plain_words(engine.url):
        raw = engine.raw_connection()
        try:
            _outside_transactions(raw.driver_connection)
            cursor = raw.cursor()
            for statement in statements:
                cursor.execute(statement)
            cursor.close()
        finally:
            raw.invalidate()


def _outside_transactions(connection: Any) -> None:
    """SQLite's connections are so already."""
    if hasattr(connection, "autocommit") and not isinstance(connection, sqlite3.Connection):
        connection.autocommit = True


@contextmanager
def in_plain_words(url: URL) -> Iterator[None]:
    """Say what a database's fault means and what to do, never with a password in it.

    Faults of the program, such as a broken reference, stay what they are.
    """
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except DBAPIError as fault:
        raise _told(url, str(fault.orig)) from None
    except (PoolTimeout, sqlite3.Error) as fault:
        raise _told(url, str(fault)) from None


def _told(url: URL, said: str) -> BooksError:
    lowered = said.lower()
    where = shown(url)
    if "database is locked" in lowered or "lock timeout" in lowered:
        return BooksError(
            f"the books at {where} are locked",
            why="another program has been writing to them all the while; nothing was changed",
            hint="wait until it is done (or end it, if it hangs), and try again",
        )
    if "readonly" in lowered or "read-only" in lowered:
        return BooksError(
            f"the books at {where} may only be read here, so nothing was changed",
            why=_harmless(url, said),
            hint="work on a copy of the project, or get the right to write to its folder",
        )
    if "not a database" in lowered or "malformed" in lowered:
        return BooksError(
            f"the books at {where} are not a sound SQLite database",
            why=said,
            hint="restore the file from a backup, or name another one under locations: books",
        )
    hint = "see that the server runs, and that host, user, password and database are right"
    if url.get_backend_name() == "sqlite":
        hint = (
            "see that the folder may be written to, that the disk isn't full, "
            "and that the file holds nothing but books"
        )
    return BooksError(f"the books at {where} can't be used", why=_harmless(url, said), hint=hint)


def _harmless(url: URL, said: str) -> str:
    """A driver's words, unless a secret of the address stands in them."""
    settings = (
        value
        for name, values in url.normalized_query.items()
        if _SECRET.search(name)
        for value in values
    )
    secrets = {str(secret) for secret in (url.password, *settings) if secret}
    forms = {form for secret in secrets for form in (secret, quote(secret, ""), quote_plus(secret))}
    if any(form in said for form in forms):
        return "the database's own words aren't shown, as a password of the address is in them"
    return said.strip()
