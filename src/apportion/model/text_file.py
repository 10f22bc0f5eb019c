"""Text files of a project: read as UTF-8, and written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from apportion.errors import Place
from apportion.model.faults import Faults


def read_text(path: Path, place: Place, faults: Faults) -> str | None:
    """The text of a file, without a byte order mark; None where it can't be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        faults.add(
            place, f"{path.name} can't be read", why=str(error.strerror), hint="check the path"
        )
        return None
    return decode(data, place, faults)


def decode(data: bytes, place: Place, faults: Faults) -> str | None:
    """Text from bytes; a fault at the line of the first byte that isn't UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(
            Place(place.file, line), "a byte that isn't UTF-8", hint="save the file as UTF-8"
        )
        return None


def write_atomically(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file so that a reader sees the old content or the new, never half of it.

    `sync` waits until it lies on the disk, which what can be made anew needn't.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        pass
    try:
        with Path(file.name).open("wb") as out:
            out.write(data)
            out.flush()
            if sync:
                os.fsync(out.fileno())
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        Path(file.name).chmod(mode)
        Path(file.name).replace(path)
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@dataclass(frozen=True)
class CsvRow:
    """One row of a CSV: its fields by column, and where it stands."""

    file: str
    line: int
    fields: dict[str, str]

    @property
    def place(self) -> Place:
        return Place(self.file, self.line)

    def place_of(self, column: str) -> Place:
        """Where a field begins, in a row whose fields are quoted only where they must be."""
        before = 0
        for name, text in self.fields.items():
            if name == column:
                break
            quoted = any(sign in text for sign in ',"\n\r')
            before += len(text) + (2 + text.count('"') if quoted else 0) + 1
        return Place(self.file, self.line, before + 1)

    def field(self, column: str) -> CsvField:
        """A field as something that knows where it stands; the place is found when asked for."""
        return CsvField(self, column)

    def __getitem__(self, column: str) -> str:
        return self.fields.get(column, "").strip()


@dataclass(frozen=True)
class CsvField:
    """A field of a row."""

    row: CsvRow
    column: str

    @property
    def place(self) -> Place:
        return self.row.place_of(self.column)


@dataclass(frozen=True)
class CsvFile:
    """The header and the rows of a CSV; rows of blanks are left out."""

    place: Place
    columns: tuple[str, ...]
    rows: tuple[CsvRow, ...]


def parse_csv(text: str, file: str, faults: Faults) -> CsvFile | None:
    """Read a CSV with a header line; None where there is none. Every fault names its line.

    Lines before the header that begin with # are remarks.
    """
    # not splitlines(), which breaks a line at characters that a CSV field may hold
    stream = io.StringIO(text, newline="")
    remarks = _skip_remarks(stream)
    lines = csv.reader(stream, strict=True)
    first = Place(file, remarks + 1)
    try:
        header = tuple(name.strip() for name in next(lines, []))
        rows = tuple(_rows(lines, header, file, faults, remarks))
    except csv.Error as error:
        place = Place(file, remarks + lines.line_num)
        faults.add(place, f"not a CSV: {error}", hint="check the quotes")
        return None
    if not any(header):
        faults.add(first, "no header line", hint="begin with the names of the columns")
        return None
    for name in {name for name in header if header.count(name) > 1}:
        faults.add(first, f"the column {name!r} stands twice", hint="keep one")
        return None
    return CsvFile(first, header, rows)


def _skip_remarks(stream: io.StringIO) -> int:
    """Read past the remarks at the beginning; how many lines they are."""
    count, start = 0, stream.tell()
    while stream.readline().startswith("#"):
        count, start = count + 1, stream.tell()
    stream.seek(start)
    return count


def _rows(
    lines: Iterator[list[str]], header: tuple[str, ...], file: str, faults: Faults, remarks: int
) -> Iterator[CsvRow]:
    start = remarks + 2
    for fields in lines:
        line, start = start, remarks + getattr(lines, "line_num", start) + 1
        if not any(field.strip() for field in fields):
            continue
        if len(fields) != len(header):
            faults.add(
                Place(file, line),
                f"{len(fields)} fields, but the header names {len(header)}",
                hint="quote fields that hold commas",
            )
            continue
        yield CsvRow(file, line, dict(zip(header, fields, strict=True)))
