"""LiteLLM's spend logs straight from its PostgreSQL: a file for each month.

The path of the source is ``env:NAME``, where that environment variable holds the address as
LiteLLM itself has it (``DATABASE_URL``), or an address without a password. Everything is read in
one read-only transaction, by a cursor of the server, some thousand rows at a time. Only what usage
needs leaves the database: of `metadata` the usage and who it was, and never `messages`, `response`
or `proxy_server_request`.

Months are written in the order of their requests, so that a month in which nothing changed is the
same file again, and isn't loaded anew. What LiteLLM has deleted (`maximum_spend_logs_retention_
period`) is missing here: read months before that, and then no more (`options: {from: …}`).

Source: LiteLLM 1.109, `schema.prisma`: times are `timestamp(3)` in UTC.
"""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apportion.domain.period import Period
from apportion.errors import ConfigurationError, SourceError, UsageError
from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.litellm_connection import connected

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

TABLE = "LiteLLM_SpendLogs"
OPTIONS = ("from", "month")
ROWS = 5_000
"""Rows that are held at a time."""

_COLUMNS = (
    "request_id call_type api_key spend prompt_tokens completion_tokens startTime endTime model "
    "model_id model_group custom_llm_provider user cache_hit request_tags team_id "
    "organization_id end_user status session_id agent_id"
).split()
_NEEDED = ("request_id", "startTime", "prompt_tokens", "completion_tokens")
_METADATA = (
    "usage_object additional_usage_values status user_api_key_alias user_api_key_team_alias "
    "user_api_key_org_id user_api_key_project_id project_id spend_logs_metadata"
).split()


def gather_spend_logs(spec: UsageSpec, folder: Path) -> tuple[InputFile, ...]:
    """Copy the table into a file for each month of it that is wanted, and say which they are."""
    folder.mkdir(parents=True, exist_ok=True)
    with connected(spec) as connection:
        columns = _columns_there(connection, spec)
        months = _months(connection, spec)
        return tuple(_written(connection, columns, month, folder) for month in months)


def _columns_there(connection: Connection, spec: UsageSpec) -> set[str]:
    """The columns of the table; LiteLLM's releases differ in them."""
    found = connection.exec_driver_sql(
        "SELECT attname FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        (f'"{TABLE}"',),
    )
    there = {str(name) for name in found.scalars()}
    lacking = [name for name in _NEEDED if name not in there]
    if lacking:
        raise SourceError(
            f'usage {spec.name!r}: the database has no table "{TABLE}" with {lacking[0]!r}',
            place=spec.place,
            hint="give the address of LiteLLM's own database, with its `schema` if it has one",
        )
    return there


def _months(connection: Connection, spec: UsageSpec) -> list[Period]:
    """The months of the table, as far as they are wanted."""
    first, last = connection.exec_driver_sql(
        f'SELECT min("startTime"), max("startTime") FROM "{TABLE}"'  # noqa: S608 -- a constant
    ).one()
    if first is None:
        return []
    months = [Period(first.year, first.month)]
    while months[-1] < Period(last.year, last.month):
        months.append(months[-1].next())
    only, since = (_month(spec, name) for name in ("month", "from"))
    return [
        one for one in months if (only is None or one == only) and (since is None or one >= since)
    ]


def _month(spec: UsageSpec, name: str) -> Period | None:
    given = spec.options.get(name)
    try:
        return Period.parse(given) if given else None
    except UsageError as fault:
        raise ConfigurationError(
            f"usage {spec.name!r}: `{name}` is no month: {given!r}",
            place=spec.place,
            hint=f"options: {{{name}: 2026-10}}",
        ) from fault


def _written(connection: Connection, columns: set[str], month: Period, folder: Path) -> InputFile:
    path = folder / f"{month}.jsonl.gz"
    query = _selected(columns, month).execution_options(yield_per=ROWS)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
        for part in connection.execute(query).scalars().partitions(ROWS):
            packed.write("".join(f"{row}\n" for row in part).encode())
    return InputFile(f"{TABLE} {month}", path)


def _selected(columns: set[str], month: Period) -> Select[Any]:
    """A month's rows, each as the text of a JSON object."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.postgresql import JSONB

    start: sa.ColumnClause[Any] = sa.column("startTime", sa.DateTime)
    pairs: list[Any] = []
    for name in _COLUMNS:
        if name in columns:
            pairs += [name, sa.column(name)]
    if "metadata" in columns:
        metadata = sa.cast(sa.column("metadata"), JSONB)
        inner = [one for name in _METADATA for one in (name, metadata[name])]
        pairs += ["metadata", sa.func.jsonb_build_object(*inner)]
    first, until = (datetime(one.year, one.month, 1) for one in (month, month.next()))  # noqa: DTZ001
    return (
        sa.select(sa.cast(sa.func.json_build_object(*pairs), sa.Text))
        .select_from(sa.table(TABLE))
        .where(start >= first, start < until)
        .order_by(start, sa.column("request_id"))
    )
