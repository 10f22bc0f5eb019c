"""The head of a bill: its columns as written, and the first rows to tell the form of its values."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apportion.errors import Place, SourceError

LINE = "apportion_line"
"""A column of files that are made on the way: the line or row of the input that a row is from."""

_BYTES = 4 * 1024**2
ROWS_OF_HEAD = 100
"""Rows that a format is shown, to tell the form of the values from."""

_OTHERS = {"\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Head:
    """What can be known of a file before it is read.

    `names` are the column names as written, less surrounding blanks; `types`
    their DuckDB types (all VARCHAR in a CSV). `lines` is how many lines the
    header takes, `line_end` what ends a line, `separator` what stands between
    two fields; these matter to CSV alone.
    """

    file: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    lines: int = 1
    line_end: bytes = b"\n"
    separator: str = ","
    sample: tuple[Mapping[str, str], ...] = field(default=(), repr=False)


def csv_head(path: Path, name: str) -> Head:
    """Read the header of a CSV: UTF-8, with or without byte order mark.

    Fields are separated by commas, or by semicolons where the header has no
    comma, as in the exports of languages that write 1,5 for one and a half.
    Raises SourceError for what is no table: one column, a blank or an unreadable
    first line.
    """
    with path.open("rb") as opened:
        raw = opened.read(_BYTES)
    text = raw.decode("utf-8-sig", errors="replace")
    separator = _separator(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = [column.strip() for column in next(rows)]
    except (StopIteration, csv.Error) as fault:
        raise _no_table(name, "its first line can't be read as a header") from fault
    lines = rows.line_num
    if "\ufffd" in "".join(header):
        raise SourceError(
            "the header is not UTF-8", place=Place(name, 1), hint="save the file as UTF-8"
        )
    if len(header) < 2:
        raise _no_table(name, _why_one(header[0] if header else ""))
    line_end = b"\r" if b"\r" in raw and b"\n" not in raw else b"\n"
    types = ("VARCHAR",) * len(header)
    return Head(name, tuple(header), types, lines, line_end, separator, _sample(header, rows))


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if ";" in first and "," not in first else ","


def _why_one(header: str) -> str:
    for mark, word in _OTHERS.items():
        if mark in header:
            return f"its columns seem to be separated by {word}, not by commas or semicolons"
    return "its first line names one column alone" if header else "its first line is blank"


def _no_table(name: str, why: str) -> SourceError:
    return SourceError(
        "not a CSV with a header", place=Place(name, 1), why=why, hint="export it again as CSV"
    )


def _sample(header: list[str], rows: object) -> tuple[Mapping[str, str], ...]:
    found: list[Mapping[str, str]] = []
    try:
        for row in rows:  # type: ignore[attr-defined]
            if len(row) == len(header):
                found.append(dict(zip(header, row, strict=True)))
            if len(found) == ROWS_OF_HEAD:
                break
    except csv.Error:  # the rows are judged when they are read
        pass
    return tuple(found)
