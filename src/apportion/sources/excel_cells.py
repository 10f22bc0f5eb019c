"""A look over the cells of a worksheet before it is opened: how far they reach, and their errors.

A reader of workbooks takes room for every cell between the first and the last,
so that two cells far apart would fill the memory. And it reads an error such as
#N/A as an empty cell, which a sum must not take for nothing. Both are told here
from the sheet's XML, in constant memory.

Source: ECMA-376, Part 1, 18.3.1 (worksheets: `row`, `c`, attributes `r` and `t`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from apportion.errors import Place, SourceError

MOST_CELLS = 20_000_000
"""Cells between the first and the last that a sheet may have: a million rows of twenty columns."""

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 1024**2


@dataclass
class Cells:
    """How many rows and columns a sheet reaches over, and its errors by (row, column) from 0."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def look_over(sheet: IO[bytes], name: str) -> Cells:
    """Read through a sheet's XML; raises SourceError where it is no XML, or reaches too far."""
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        while chunk := sheet.read(_CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as fault:  # odd encodings, row numbers
        raise damaged(name, str(fault)) from fault
    return reader.cells


def damaged(name: str, why: str) -> SourceError:
    """The fault of a workbook that can't be read."""
    return SourceError(
        "the Excel workbook can't be read",
        place=Place(name),
        why=why,
        hint="open it, save it as .xlsx, and load again; or save the sheet as CSV",
    )


class _Reader:
    """Takes the events of one sheet. A cell without a reference follows the one before it."""

    def __init__(self, name: str) -> None:
        self.cells = Cells()
        self._name = name
        self._row, self._column = -1, -1
        self._is_error = self._in_value = False
        self._text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif kind == "c":
            self._take(attributes)
        elif kind == "v":
            self._in_value, self._text = True, ""

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "v":
            self._in_value = False
            if self._is_error:
                self.cells.errors[self._row, self._column] = self._text

    def text(self, text: str) -> None:
        if self._in_value and self._is_error:
            self._text += text

    def refuse_doctype(self, *_: object) -> None:
        raise damaged(self._name, "a sheet with a document type declaration")

    def _take(self, attributes: dict[str, str]) -> None:
        self._column += 1
        if found := _CELL.fullmatch(attributes.get("r", "")):
            self._column, self._row = _number(found[1]) - 1, int(found[2]) - 1
        self._is_error = attributes.get("t") == "e"
        cells = self.cells
        cells.rows = max(cells.rows, self._row + 1)
        cells.columns = max(cells.columns, self._column + 1)
        if cells.rows * cells.columns > MOST_CELLS:
            raise SourceError(
                f"the sheet reaches over more than {MOST_CELLS:,} cells",
                place=Place(self._name, self._row + 1, self._column + 1),
                why=f"{cells.rows:,} rows and {cells.columns:,} columns lie between the first cell "
                "and the last",
                hint="delete what lies far from the table, or save the sheet as CSV",
            )


def _number(letters: str) -> int:
    """The number of a column, from 1.

    >>> _number("A"), _number("XFD")
    (1, 16384)
    """
    found = 0
    for letter in letters:
        found = 26 * found + ord(letter) - ord("A") + 1
    return found
