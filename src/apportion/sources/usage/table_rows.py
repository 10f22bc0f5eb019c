"""The rows of a table as columns of texts, batch by batch, whatever holds them.

Of Parquet a row's number stands for its line. JSON lines are objects; what is within an object of
theirs has a name with a point, `data.model`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.json_parts import kind_of
from apportion.sources.usage.usage_format import Rejected
from apportion.sources.usage.usage_texts import json_value

ROWS = 100_000
"""Rows of a batch."""


@dataclass(frozen=True)
class TextRows:
    """Some rows of a table: texts by column, `""` where there is nothing, and their lines.

    `whole` says that these are all columns that the table has.
    """

    columns: Mapping[str, Any]
    lines: Any
    rejected: tuple[Rejected, ...] = ()
    skipped: int = 0
    whole: bool = True

    def row(self, at: int) -> dict[str, str]:
        """A row as people are shown it."""
        return {name: str(texts[at].as_py()) for name, texts in self.columns.items()}


# ── Parquet ──────────────────────────────────────────────────────────────────────────────
def parquet_rows(file: InputFile) -> Iterator[TextRows]:
    """The rows of a Parquet file; raises SourceError for one that is damaged."""
    first = 1
    try:
        for batch in pq.ParquetFile(file.path).iter_batches(ROWS):
            names = batch.schema.names
            columns = {
                name: _texts(column) for name, column in zip(names, batch.columns, strict=True)
            }
            lines = pa.array(range(first, first + batch.num_rows), pa.int64())
            first += batch.num_rows
            yield TextRows(columns, lines)
    except (pa.ArrowException, OSError) as fault:
        raise SourceError(
            "the Parquet file can't be read",
            place=Place(file.name),
            why=str(fault),
            hint="it may be cut short: fetch or copy it again",
        ) from fault


def _texts(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type):
        written = [None if one is None else _text(one) for one in column.to_pylist()]
        column = pa.array(written, pa.string())
    return pc.utf8_trim_whitespace(pc.fill_null(pc.cast(column, pa.string()), ""))


# ── JSON lines ───────────────────────────────────────────────────────────────────────────
Objects = Iterator[tuple[int, Mapping[str, object] | Rejected | None]]
"""Objects with their lines, lines that are none, and None for what is no usage."""


def of_objects(objects: Objects) -> Iterator[TextRows]:
    """Rows of objects with their lines, those within one another laid flat."""
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    rejected: list[Rejected] = []
    skipped = 0
    for line, found in objects:
        if found is None:
            skipped += 1
        elif isinstance(found, Rejected):
            rejected.append(found)
        else:
            rows.append(dict(_flat(found)))
            lines.append(line)
        if len(rows) == ROWS or len(rejected) == ROWS:
            yield _laid_out(rows, lines, rejected, skipped)
            rows, lines, rejected, skipped = [], [], [], 0
    if rows or rejected or skipped:
        yield _laid_out(rows, lines, rejected, skipped)


def json_lines(text: Iterable[str]) -> Objects:
    """The objects of JSON lines; a line that is none is rejected."""
    for line, one in enumerate(text, start=1):
        if not one.strip():
            continue
        try:
            yield line, json_object(one)
        except ValueError as fault:
            yield line, no_json(line, one, str(fault))


def json_object(text: str) -> Mapping[str, object]:
    """One JSON object, numbers exact; raises ValueError for anything else."""
    found = json_value(text)
    if isinstance(found, dict):
        return found
    raise ValueError(f"{kind_of(found)}, no object")


def no_json(line: int, text: str, why: str) -> Rejected:
    """A line that is no JSON, or not what it should be."""
    hint = "each line is one JSON object; the file may be cut short"
    return Rejected(line, "", why, hint, {"row": text.strip()[:2000]})


def _flat(found: Mapping[str, object], within: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{name}.")
        elif value is not None:
            yield f"{within}{name}", _text(value).strip()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict, bool)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _laid_out(
    rows: list[dict[str, str]], lines: list[int], rejected: Iterable[Rejected], skipped: int
) -> TextRows:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names}
    return TextRows(columns, pa.array(lines, pa.int64()), tuple(rejected), skipped, whole=False)
