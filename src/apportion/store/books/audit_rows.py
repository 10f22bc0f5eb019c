"""What the audit log says of rows of the books: their digests, written with the act itself.

The chain shows that nobody changed the log; these digests show that nobody changed what the
log speaks of. They are over rows as they lie, with pseudonyms in the place of people. What is
empty is left out, so that a column that is added later changes no digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from apportion.store.books.people import nobody_known

ROWS = "rows"
"""The part of a line's detail that holds digests: `[[table, key, digest], …]` as JSON."""


def row_digest(table: Table, row: Row[Any]) -> str:
    """The digest of a row as it lies."""
    cells = zip(table.columns, row, strict=True)
    said = {column.name: _plain(value) for column, value in cells if value is not None}
    text = json.dumps([table.name, said], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def row_key(table: Table, row: Row[Any]) -> str:
    """What a row is called: its number, or the values of its key."""
    return " ".join(str(getattr(row, column.name)) for column in table.primary_key)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value


def rows_said(connection: Connection, *written: tuple[Table, Iterable[Any]]) -> dict[str, str]:
    """The detail of a line that speaks of rows just written, each given by its key."""
    found = []
    for table, key in written:
        with nobody_known():
            wanted = select(table)
            for column, value in zip(table.primary_key, key, strict=True):
                wanted = wanted.where(column == value)
            row = connection.execute(wanted).one()
        found.append([table.name, row_key(table, row), row_digest(table, row)])
    return {ROWS: json.dumps(found)} if found else {}


def rows_of(detail: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Tables, keys and digests that a line's detail speaks of."""
    return [(table, key, digest) for table, key, digest in json.loads(detail.get(ROWS, "[]"))]
