"""Columns of a bill that is nested by nature, however it was written: nested, as JSON, or flat.

`service.id` is the field `id` of the record `service` in Parquet, a key of the
JSON object `service` in JSON lines, and a column `service.id` or `service_id`
in a CSV. A format asks for it by its path, and gets it as text or as amount.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from apportion.sources.amount import amount
from apportion.sources.expression import expression
from apportion.sources.reading import as_text, is_float, is_record
from apportion.store.relation import column
from apportion.store.relation import text as literal

_SPELLINGS = (".", "_", "__")
"""What stands between the parts of a path in the names of flat columns."""

_PREPARED = "prepared: "
"""How names begin that no column of a bill has."""


@dataclass(frozen=True)
class _Found:
    """Where a path leads: a value over the input's columns, of a type, in a column.

    `in_json` says that the column holds JSON objects, of which the value is a key's.
    """

    value: exp.Expr
    type: str
    column: str
    in_json: bool = False


class NestedColumns:
    """The columns of one file, under `names`, with their DuckDB types.

    What a file lacks is NULL; `has` tells the difference. What is asked for is
    worked out once for each row, however often it is used.
    """

    def __init__(self, names: Sequence[str], types: Sequence[str]) -> None:
        self._types = dict(zip(names, types, strict=True))
        self._names = {name.lower(): name for name in names}
        self._prepared: dict[str, exp.Expr] = {}

    @property
    def prepared(self) -> tuple[tuple[str, exp.Expr], ...]:
        """What was asked for so far, by name; see `Reading.prepared`."""
        return tuple(self._prepared.items())

    def once(self, name: str, value: exp.Expr) -> exp.Expr:
        """Have a value worked out once for each row; what refers to it from then on."""
        prepared = f"{_PREPARED}{name}"
        self._prepared.setdefault(prepared, value)
        return column(prepared)

    def has(self, path: str) -> bool:
        """Whether the file has a column for a path. That of a JSON object may lack the key."""
        return self._find(path) is not None

    def written(self, path: str) -> str:
        """The input's column that a path leads to; the path itself where there is none."""
        found = self._find(path)
        return found.column if found else path

    def is_float(self, path: str) -> bool:
        """Whether binary floating point holds the value."""
        found = self._find(path)
        return found is not None and is_float(found.type)

    def text(self, path: str) -> exp.Expr:
        """The value as text, NULL where it is empty; lists as JSON."""
        found = self._find(path)
        if found is None:
            return expression("SELECT CAST(NULL AS VARCHAR)")
        return self.once(f"text of {path}", as_text(found.value, found.type))

    def amount(self, path: str) -> exp.Expr:
        """The value as DECIMAL(38,18), read as binary floating point wherever it comes from.

        A warehouse that holds floats writes them into texts by their digits, of
        which those beyond the 18th decimal place are noise. A text that no float is
        spelled by is set aside, like that of any other format.
        """
        found = self._find(path)
        if found is None:
            return expression("SELECT CAST(NULL AS DECIMAL(38, 18))")
        if found.in_json:
            spelling = _spelling(found.column, path.rpartition(".")[2])
        else:
            spelling = as_text(found.value, found.type)
        return self.once(f"amount of {path}", amount(spelling, exact=False))

    def _find(self, path: str) -> _Found | None:
        for between in _SPELLINGS:
            name = self._names.get(path.replace(".", between).lower())
            if name is not None:
                return _Found(column(name), self._types[name], name)
        record, _, key = path.partition(".")
        name = self._names.get(record)
        if name is None or not key:
            return None
        return _inner(name, self._types[name], key)


def _spelling(name: str, key: str) -> exp.Expr:
    """A number in a JSON object as it is spelled; the engine would read it as a binary float.

    In JSON a name in quotes before a colon is a key and nothing else.
    """
    return expression(
        "SELECT nullif(nullif(regexp_extract(_object, _pattern, 1), ''), 'null')",
        _object=column(name),
        _pattern=literal(rf'"{re.escape(key)}"\s*:\s*"?([^\s",}}\]]+)'),
    )


def _inner(name: str, type_of_column: str, key: str) -> _Found | None:
    if is_record(type_of_column):
        field = _fields(type_of_column).get(key.lower())
        if field is None:
            return None
        value = exp.Anonymous(
            this="struct_extract", expressions=[column(name), literal(field.name)]
        )
        return _Found(value, field.args["kind"].sql("duckdb").upper(), name)
    if type_of_column.upper() not in {"VARCHAR", "JSON"}:
        return None
    extract = exp.Anonymous(
        this="json_extract_string", expressions=[column(name), literal(f'$."{key}"')]
    )
    return _Found(exp.Try(this=extract), "VARCHAR", name, in_json=True)


def _fields(record: str) -> Mapping[str, exp.Expr]:
    parsed = exp.DataType.build(record, dialect="duckdb")
    return {field.name.lower(): field for field in parsed.expressions}
