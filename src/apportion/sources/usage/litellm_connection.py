"""A connection to LiteLLM's PostgreSQL, by an address as LiteLLM itself has it; it only reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from apportion.errors import ConfigurationError, SourceError
from apportion.model.usage_spec import UsageSpec

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

_PRISMA = (
    "schema connection_limit pool_timeout pgbouncer socket_timeout statement_cache_size sslaccept "
    "sslidentity"
).split()
"""What LiteLLM's own client takes in an address and the driver here doesn't know."""


def _url(spec: UsageSpec) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    address = spec.path
    if address.startswith("env:"):
        name = address.removeprefix("env:")
        if not (address := os.environ.get(name, "")):
            raise ConfigurationError(
                f"usage {spec.name!r}: the environment variable {name!r} is not set",
                place=spec.place,
                hint="set it to the address of LiteLLM's database, its DATABASE_URL",
            )
    try:
        url = make_url(address)
    except ArgumentError as fault:
        raise _no_address(spec) from fault
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise _no_address(spec)
    if url.password and not spec.path.startswith("env:"):
        raise ConfigurationError(
            f"usage {spec.name!r}: the path holds a password",
            place=spec.place,
            hint="say `path: env:NAME`, and set that environment variable",
        )
    return url


def _no_address(spec: UsageSpec) -> ConfigurationError:
    return ConfigurationError(
        f"usage {spec.name!r}: its path is no address of a PostgreSQL database",
        place=spec.place,
        hint="postgresql://USER@HOST/DATABASE, or env:NAME",
    )


@contextmanager
def connected(spec: UsageSpec) -> Iterator[Connection]:
    """A connection that can't write, in one transaction; times are told in UTC."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError

    url = _url(spec)
    schema = url.query.get("schema")
    plain = url.set(drivername="postgresql+psycopg").difference_update_query(_PRISMA)
    try:
        engine = create_engine(
            plain,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
        with engine.connect() as connection:
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
            if schema:
                connection.exec_driver_sql(
                    "SELECT set_config('search_path', quote_ident(%s), false)", (str(schema),)
                )
            yield connection
    except ModuleNotFoundError as fault:
        raise ConfigurationError(
            f"usage {spec.name!r}: PostgreSQL needs its driver",
            place=spec.place,
            hint="pip install 'apportion[postgres]'",
        ) from fault
    except DBAPIError as fault:
        raise SourceError(
            f"usage {spec.name!r}: LiteLLM's database can't be read",
            place=spec.place,
            why=str(fault.orig).strip(),
            hint="see the address, and that its user may read the table",
        ) from fault
