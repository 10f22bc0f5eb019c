"""Usage as a plain table: a CSV that anybody can export, Parquet, or JSON lines.

For sources that have no format of their own: a gateway's table, a query of a warehouse, a list
that a colleague keeps. One row is one record, or a total of a day or month (`day`, `period`).

Shape: a header with our names in any spelling, or `columns` (ours: theirs); see
:mod:`apportion.sources.usage.table_columns`. Wide (a column for each meter) or long
(`meter`, `quantity`, `unit`). Times are ISO 8601; without zone they are of `timezone`.

Traps: equal rows without an id count each; a second export of the same rows is recognised by
their order. `input_tokens` must be declared. NaN, `1,5` and `1 000` are no numbers here.
"""

from __future__ import annotations

from collections.abc import Iterator

from apportion.model.usage_spec import UsageSpec
from apportion.sources.files import InputFile
from apportion.sources.usage.format_options import check_options, own_meters
from apportion.sources.usage.table_columns import table_columns
from apportion.sources.usage.table_csv import csv_rows
from apportion.sources.usage.table_records import TableRecords
from apportion.sources.usage.table_rows import TextRows, json_lines, of_objects, parquet_rows
from apportion.sources.usage.usage_format import UsageBatch, UsageFormat
from apportion.sources.usage.usage_texts import open_text, zone_of


def read(file: InputFile, spec: UsageSpec) -> Iterator[UsageBatch]:
    """Read a table batch by batch; raises SourceError for what is none, or measures nothing."""
    check_options(spec, {"meters"})
    records = TableRecords(zone_of(spec), own_meters(spec))
    for rows in _rows(file):
        columns = table_columns(file, spec, tuple(rows.columns), whole=rows.whole)
        yield records.batch(rows, columns)


def _rows(file: InputFile) -> Iterator[TextRows]:
    """The rows of a file, whatever holds them."""
    with file.path.open("rb") as opened:
        if opened.read(4) == b"PAR1":
            yield from parquet_rows(file)
            return
    with open_text(file) as text:
        if text.read(1) == "{":
            text.seek(0)
            yield from of_objects(json_lines(text))
            return
    yield from csv_rows(file)


FORMAT = UsageFormat(
    "csv",
    read,
    null_identity="an empty cell names nobody: unattributed",
)
