"""The rows of a CSV as columns of texts: read strictly, and fast where that is the same.

UTF-8, with or without byte order mark; fields separated by commas, or by semicolons where the
header has no comma. Blocks of lines without a quote, all of which have as many fields as the
header, are read by Arrow. From the first quote on, and in a block with a row that isn't as it
should be, Python reads row by row, and sets aside what is no row with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO, TextIOWrapper
from itertools import chain
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.table_rows import ROWS, TextRows
from apportion.sources.usage.usage_format import Rejected
from apportion.sources.usage.usage_texts import open_bytes

_BLOCK = 16 * 1024**2
_MOST_LINES = 1_000
_BLANK_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_BOM = b"\xef\xbb\xbf"


def csv_rows(file: InputFile) -> Iterator[TextRows]:
    """The rows of a CSV batch by batch; raises SourceError for what is no table."""
    with open_bytes(file) as opened:
        first = opened.readline().removeprefix(_BOM)
        if b'"' in first or not first.endswith(b"\n"):
            yield from _Csv.begun(file, _text_of(first, opened)).rows()
            return
        header = _Csv.begun(file, StringIO(first.decode(), newline=""))
        yield from _by_blocks(header, opened)


def _by_blocks(header: _Csv, opened: BinaryIO) -> Iterator[TextRows]:
    while block := opened.read(_BLOCK) + opened.readline():
        if b'"' in block:
            yield from header.going_on(_text_of(block, opened)).rows()
            return
        rows = _at_once(header, block)
        if rows is None:
            slow = header.going_on(StringIO(block.decode(), newline=""))
            yield from slow.rows()
            header.line = slow.line
        else:
            header.line += len(rows.lines)
            yield rows


def _text_of(read: bytes, rest: BinaryIO) -> Iterable[str]:
    """What was read already, and what comes after it, as lines of text."""
    return chain(StringIO(read.decode(), newline=""), TextIOWrapper(rest, "utf-8", newline=""))


def _at_once(header: _Csv, block: bytes) -> TextRows | None:
    """The rows of a block without quotes; None where they aren't as many as its lines."""
    if block.count(b"\r") != block.count(b"\r\n") or _BLANK_LINE.search(block):
        return None
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(block),
            pyarrow.csv.ReadOptions(column_names=header.names, use_threads=False),
            pyarrow.csv.ParseOptions(
                delimiter=header.separator, quote_char=False, ignore_empty_lines=False
            ),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(header.names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    rows = block.count(b"\n") + (not block.endswith(b"\n"))
    if table.num_rows != rows:
        return None
    columns = {
        name: pc.utf8_trim_whitespace(table.column(name).combine_chunks()) for name in header.names
    }
    return TextRows(columns, pa.array(range(header.line, header.line + rows), pa.int64()))


class _Csv:
    """A CSV that is read row by row; `line` is the next one."""

    def __init__(
        self, file: InputFile, reader: Any, names: Sequence[str], separator: str, line: int
    ) -> None:
        self.file = file
        self.names = names
        self.separator = separator
        self.line = line
        self._reader = reader

    @classmethod
    def begun(cls, file: InputFile, text: Iterable[str]) -> _Csv:
        """A CSV of which the header has been read."""
        lines = iter(text)
        first = next(lines, "")
        separator = ";" if ";" in first and "," not in first else ","
        reader = csv.reader(chain([first], lines), delimiter=separator, strict=True)
        return cls(file, reader, _header(file, reader), separator, reader.line_num + 1)

    def going_on(self, text: Iterable[str]) -> _Csv:
        """The same table, of which the next rows are read from a text."""
        reader = csv.reader(text, delimiter=self.separator, strict=True)
        return _Csv(self.file, reader, self.names, self.separator, self.line)

    def rows(self) -> Iterator[TextRows]:
        rows: list[list[str]] = []
        lines: list[int] = []
        rejected: list[Rejected] = []
        offset, width = self.line - self._reader.line_num, len(self.names)
        while True:
            try:
                row = next(self._reader)
            except StopIteration:
                break
            except csv.Error as fault:
                rejected.append(self._no_row(self._reader.line_num + offset, str(fault)))
            else:
                if len(row) == width:
                    rows.append(row)
                    lines.append(self.line)
                elif row:
                    why = f"{len(row)} fields where the header has {width}"
                    rejected.append(self._no_row(self._reader.line_num + offset, why, row))
            self.line = self._reader.line_num + offset
            if len(rows) == ROWS or len(rejected) == ROWS:
                yield self._laid_out(rows, lines, rejected)
                rows, lines, rejected = [], [], []
        if rows or rejected:
            yield self._laid_out(rows, lines, rejected)

    def _no_row(self, until: int, why: str, row: Sequence[str] = ()) -> Rejected:
        if until - self.line > _MOST_LINES:
            raise SourceError(
                "a quote is opened and never closed",
                place=Place(self.file.name, self.line),
                why=f"the row goes on until line {until:,}",
                hint="double the quotes within texts, and export it again",
            )
        hint = "it is cut short, or a text holds a separator or a quote: put such texts in quotes"
        return Rejected(self.line, "", why, hint, {"row": self.separator.join(row)})

    def _laid_out(
        self, rows: list[list[str]], lines: list[int], rejected: Iterable[Rejected]
    ) -> TextRows:
        columns = zip(*rows, strict=True) if rows else ((),) * len(self.names)
        texts = {
            name: pc.utf8_trim_whitespace(pa.array(column, pa.string()))
            for name, column in zip(self.names, columns, strict=True)
        }
        return TextRows(texts, pa.array(lines, pa.int64()), tuple(rejected))


def _header(file: InputFile, reader: Any) -> list[str]:
    try:
        names = [name.strip() for name in next(reader, [])]
    except csv.Error as fault:
        raise _no_table(file, str(fault)) from fault
    if len(names) < 2:
        raise _no_table(file, f"its first line names {len(names)} columns")
    if twice := {name for name in names if names.count(name) > 1}:
        raise _no_table(file, f"it has two columns called {min(twice)!r}")
    return names


def _no_table(file: InputFile, why: str) -> SourceError:
    return SourceError(
        "not a table of usage",
        place=Place(file.name, 1),
        why=why,
        hint="export a CSV with a header, fields separated by commas or semicolons",
    )
