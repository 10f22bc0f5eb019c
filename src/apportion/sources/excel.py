"""A sheet of an Excel workbook as a CSV of texts: numbers and dates exactly as they are stored.

Excel stores numbers as binary floating point; each is written by the shortest
decimal that stands for it, which is what the cell shows in full (19.9 is stored
as 19.899999999999999 and written 19.9). Dates are written in ISO 8601. A
formula counts by the value that was saved with it; an error such as #N/A stays
that text, so that an amount of it is set aside and never taken for nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

from apportion.errors import Place, SourceError
from apportion.sources.excel_cells import Cells, damaged, look_over
from apportion.sources.head import LINE
from apportion.sources.unpack import copy_bounded, most, open_zip

Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta

LARGEST_WORKBOOK = 1024**3
"""Bytes that a workbook may unpack to."""

_WORKBOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_LARGEST_LIST = 16 * 1024**2
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MIDNIGHT = time()


@dataclass(frozen=True)
class Sheet:
    """Which part of a workbook is the table: a sheet, and the row of its column names (from 1).

    Without a name it is the only sheet, or the first; without a row it is the
    first that isn't blank.
    """

    name: str = ""
    header: int = 0


def sheet_to_csv(path: Path, target: Path, name: str, sheet: Sheet) -> None:
    """Write a sheet's rows as texts, with the row of the sheet that each comes from as `LINE`.

    Raises SourceError for a workbook that is damaged, unpacks beyond the bounds
    or has no such sheet. `name` is how the file is called in the message.
    """
    safe = target.with_suffix(".xlsx")
    _repack(path, safe, name)
    with open_zip(safe, name) as archive:
        parts = _sheets(archive, name)
        chosen = _choose(sheet, list(parts), name)
        with archive.open(parts[chosen]) as cells:
            found = look_over(cells, name)
    rows = _texts(_rows(safe, chosen, name), found)
    with target.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows(_table(rows, sheet.header))
    safe.unlink()


def _repack(path: Path, safe: Path, name: str) -> None:
    """Unpack all parts within the bounds, checked, so that nothing larger is read later on."""
    left = min(LARGEST_WORKBOOK, most(path.stat().st_size))
    with open_zip(path, name) as packed, ZipFile(safe, "w", ZIP_STORED) as plain:
        for part in dict.fromkeys(packed.namelist()):
            if not part.endswith("/"):
                with packed.open(part) as source, plain.open(part, "w", force_zip64=True) as copy:
                    left -= copy_bounded(source, copy, left, name)


def _sheets(archive: ZipFile, name: str) -> Mapping[str, str]:
    """The worksheets in the workbook's order, each with its part of the archive."""
    links = {
        link.get("Id", ""): link.get("Target", "")
        for link in _listed(archive, _LINKS, "Relationship", name)
        if link.get("Type", "").endswith("/worksheet")
    }
    listed = _listed(archive, _WORKBOOK, "sheet", name)
    found = {one.get("name", ""): _part(links.get(one.get(_ID, ""), "")) for one in listed}
    parts = set(archive.namelist())
    return {sheet: part for sheet, part in found.items() if part in parts}


def _listed(archive: ZipFile, part: str, tag: str, name: str) -> list[ElementTree.Element]:
    try:
        if archive.getinfo(part).file_size > _LARGEST_LIST:
            raise damaged(name, f"its list of sheets has more than {_LARGEST_LIST:,} bytes")
        text = archive.read(part)
        if b"<!DOCTYPE" in text:
            raise damaged(name, "a list of sheets with a document type declaration")
        root = ElementTree.fromstring(text)  # noqa: S314 -- bounded, and without entities
    except (LookupError, ValueError, ElementTree.ParseError) as fault:
        raise damaged(name, f"{part}: {fault}") from fault
    return [found for found in root.iter() if found.tag.rpartition("}")[2] == tag]


def _part(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _choose(sheet: Sheet, names: list[str], file: str) -> str:
    if sheet.name in names:
        return sheet.name
    if names and not sheet.name:
        return names[0]
    raise SourceError(
        f"the workbook has no sheet {sheet.name!r}" if names else "the workbook has no sheet",
        place=Place(file),
        why=f"it has {', '.join(names[:20])}" if names else "",
        hint="name one of them as `sheet` of the source",
    )


def _rows(path: Path, sheet: str, name: str) -> Iterator[list[Cell]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            yield from book.get_sheet_by_name(sheet).iter_rows()
    except CalamineError as fault:
        raise damaged(name, str(fault)) from fault


def _texts(rows: Iterable[list[Cell]], cells: Cells) -> Iterator[tuple[int, list[str]]]:
    """The rows as texts with their numbers, from 1, errors put where they stand."""
    width = cells.columns
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), error in cells.errors.items():
        by_row.setdefault(row, {})[column] = error
    for row, values in enumerate(rows):
        found = [as_text(value) for value in values[:width]]
        found += [""] * (width - len(found))
        for column, error in by_row.get(row, {}).items():
            found[column] = error
        yield row + 1, found


def _table(rows: Iterable[tuple[int, list[str]]], header: int) -> Iterator[list[str]]:
    """The header and the rows below it that aren't blank; columns without a name at the end go."""
    width = 0
    for number, texts in rows:
        if width:
            if any(texts):
                yield [*texts[:width], str(number)]
        elif number == header or (not header and any(texts)):
            width = max(n for n, text in enumerate(texts, start=1) if text) if any(texts) else 0
            yield [*(text.strip() for text in texts[:width]), LINE]


def as_text(value: Cell) -> str:
    """A cell as text: numbers by their shortest decimal, days and times in ISO 8601.

    >>> as_text(19.9), as_text(3.0), as_text(1e-05), as_text(datetime(2026, 10, 1))
    ('19.9', '3', '0.00001', '2026-10-01')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    if isinstance(value, datetime) and value.time() == _MIDNIGHT:
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
