"""A CSV that a person edits too: read with its own columns and rows, and written whole or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apportion.errors import Place
from apportion.model.faults import Faults
from apportion.model.text_file import CsvRow, parse_csv, read_text, write_atomically

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute a text cell; the last four are the full-width forms."""


@dataclass(frozen=True)
class EditedCsv:
    """The columns and rows of such a file, and its text as it stands; all empty where none is."""

    path: Path
    columns: tuple[str, ...] = ()
    rows: tuple[CsvRow, ...] = ()
    text: str = ""


def read_edited(path: Path, shown: str) -> EditedCsv:
    """Read a file that may not be there yet; raises ConfigurationError with every fault's line."""
    if not path.exists():
        return EditedCsv(path)
    faults = Faults()
    text = read_text(path, Place(shown), faults) or ""
    found = parse_csv(text, shown, faults) if text.strip() else None
    faults.raise_all()
    if found is None:
        return EditedCsv(path)
    return EditedCsv(path, found.columns, found.rows, text)


def append_rows(held: EditedCsv, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Add rows at the end and leave every byte before them as it is, if the columns allow it.

    Columns that the file doesn't have yet are added to its header; then it is
    written anew.
    """
    wanted = tuple(rows)
    names = [*held.columns, *(name for name in columns if name not in held.columns)]
    if names == list(held.columns):
        kept = held.text if held.text.endswith("\n") else f"{held.text}\n"
    else:
        kept = _lines([names, *([row[name] for name in names] for row in held.rows)])
    added = _lines([row.get(name, "") for name in names] for row in wanted)
    write_atomically(held.path, (kept + added).encode())


def _lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV. A field that holds any kind of line break is quoted, so that it stays whole."""
    out = io.StringIO()
    plain = csv.writer(out, lineterminator="\n")
    quoted = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        whole = all(len(field.splitlines()) <= 1 for field in row)
        (plain if whole else quoted).writerow(row)
    return out.getvalue()


def not_a_formula(text: str) -> str:
    """A note that a spreadsheet won't take for a formula: it gets a leading apostrophe.

    >>> not_a_formula("=1+1"), not_a_formula("ticket 12")
    ("'=1+1", 'ticket 12')
    """
    risky = text.lstrip(" ").startswith(_TRIGGERS) or text.startswith(_TRIGGERS)
    return f"'{text}" if risky else text
