"""Values in and out of tables in bulk: what all parts of units and runs have in common.

A row is read by position, in the order of the table's columns, because the
lines of a large run are many and looking up names costs time. The tests read
every value back and compare it with what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table, insert, select

T = TypeVar("T")

_AT_ONCE = 1000
"""How many ids are asked for in one statement; databases bound the number of parameters."""


@dataclass(frozen=True)
class Part:
    """A tuple of values within a unit or run: its table, a value's way to a row, and back.

    The table's first two columns say what the value is part of, and its place there.
    """

    table: Table
    write: Callable[[Any], dict[str, Any]]
    read: Callable[[Sequence[Any]], Any]

    @property
    def columns(self) -> list[Column[Any]]:
        """The columns that hold the value itself, which `read` takes in this order."""
        return list(self.table.columns)[2:]

    def rows(self, parent: str, values: Iterable[Any]) -> list[dict[str, Any]]:
        """The rows of a parent's values."""
        of = self.table.columns.keys()[0]
        return [{of: parent, "position": n, **self.write(v)} for n, v in enumerate(values)]


def fields(kind: type) -> Callable[[Any], dict[str, Any]]:
    """A way to a row for a value whose fields are the table's columns."""
    names = tuple(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    return lambda value: {name: getattr(value, name) for name in names}


def write_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in one go; none is no fault."""
    if rows:
        connection.execute(insert(table), rows)


def without_known(connection: Connection, table: Table, found: Mapping[str, T]) -> list[T]:
    """The values whose ids aren't in a table yet, in the order of their ids."""
    ids = sorted(found)
    known: set[str] = set()
    for start in range(0, len(ids), _AT_ONCE):
        asked = table.c.id.in_(ids[start : start + _AT_ONCE])
        known.update(connection.execute(select(table.c.id).where(asked)).scalars())
    return [found[name] for name in ids if name not in known]
