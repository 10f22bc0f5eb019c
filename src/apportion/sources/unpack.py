"""Unpack gzip and zip into a plain file, within bounds that no bill reaches and a bomb does."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from apportion.errors import Place, SourceError

LARGEST = 200 * 1024**3
"""Bytes that a file may unpack to."""

RATIO = 200
"""How much larger than packed a file may unpack, once it is beyond `FREE` bytes."""

FREE = 64 * 1024**2

MOST_ENTRIES = 10_000
"""Files that a zip archive may hold."""

TABLES = (".csv", ".parquet", ".xlsx", ".xlsm")
"""What counts as a table within a zip archive, where other files lie beside it."""

_CHUNK = 1024**2


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


_ENCRYPTED = 0x1


def gunzip(packed: Path, plain: Path, name: str) -> None:
    """Write what `packed` holds to `plain`; memory stays at a megabyte whatever the file claims.

    Raises SourceError for a file that is cut short, damaged, or unpacks beyond
    the bounds. `name` is how the file is called in the message.
    """
    try:
        with gzip.open(packed) as source, plain.open("wb") as target:
            copy_bounded(source, target, most(packed.stat().st_size), name)
    except EOFError as fault:
        raise SourceError(
            "the gzip file is cut short",
            place=Place(name),
            why="it ends in the middle of its data, so rows are missing",
            hint="fetch or copy it again; nothing of this source was loaded",
        ) from fault
    except (gzip.BadGzipFile, zlib.error) as fault:
        raise SourceError(
            "the gzip file is damaged", place=Place(name), why=str(fault), hint="fetch it again"
        ) from fault


def unzip(packed: Path, plain: Path, name: str) -> None:
    """Write the one table that a zip archive holds to `plain`, as `gunzip` does.

    Raises SourceError for an archive with no table or several (it names them),
    and for one that is damaged, encrypted, or unpacks beyond the bounds.
    """
    with open_zip(packed, name) as archive:
        entry = _only_table(archive.infolist(), name)
        with archive.open(entry) as source, plain.open("wb") as target:
            copy_bounded(source, target, most(entry.compress_size), name)


@contextmanager
def open_zip(path: Path, name: str) -> Iterator[ZipFile]:
    """A zip archive for reading; whatever is wrong with it is a SourceError about `name`."""
    try:
        with ZipFile(path) as archive:
            _refuse_odd(archive.infolist(), name)
            yield archive
    except (BadZipFile, NotImplementedError, zlib.error, EOFError) as fault:
        raise SourceError(
            "the zip archive can't be read",
            place=Place(name),
            why=str(fault),
            hint="it may be cut short or packed in an odd way: fetch it again, or unpack it",
        ) from fault


def _refuse_odd(entries: Sequence[ZipInfo], name: str) -> None:
    if len(entries) > MOST_ENTRIES or any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise SourceError(
            "the zip archive is encrypted, or holds too many files",
            place=Place(name),
            why=f"archives without a password and with up to {MOST_ENTRIES:,} files are read",
            hint="unpack it, and load what it holds",
        )


def _only_table(entries: Sequence[ZipInfo], name: str) -> ZipInfo:
    files = [e for e in entries if not e.is_dir() and not _is_hidden(e.filename)]
    tables = [e for e in files if e.filename.lower().endswith(TABLES)] or files
    if len(tables) == 1:
        return tables[0]
    found = ", ".join(sorted(entry.filename for entry in tables[:10]))
    raise SourceError(
        f"the zip archive holds {len(tables)} tables" + (f": {found}" if found else ""),
        place=Place(name),
        why="an archive is read as one table, so exactly one may lie in it",
        hint="unpack it, and load the tables that belong to the bill",
    )


def _is_hidden(entry: str) -> bool:
    """What an operating system leaves behind in archives."""
    return entry.startswith("__MACOSX/") or entry.rpartition("/")[2].startswith(".")


def most(packed: int) -> int:
    """Bytes that so many packed bytes may unpack to."""
    return min(LARGEST, max(FREE, RATIO * packed))


def copy_bounded(source: Readable, target: IO[bytes], bound: int, name: str) -> int:
    """Copy up to `bound` bytes, and say how many; raises SourceError where there are more."""
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > bound:
            raise SourceError(
                f"unpacks to more than {bound:,} bytes",
                place=Place(name),
                why=f"at most {RATIO} times its packed size and {LARGEST:,} bytes are read",
                hint="split the file, or load it unpacked if it is what it should be",
            )
        target.write(chunk)
    return written
