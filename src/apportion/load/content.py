"""What a file's bytes say before anything reads them: their digest, and how many rows they hold.

The count of rows is made here, apart from the engine that reads the rows, so
that a row can't be lost in between without being missed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apportion.errors import Place, SourceError
from apportion.sources.head import Head

_CHUNK = 1024**2
_LONGEST_ROW = 8 * 1024**2
_QUOTED = re.compile(rb'"[^"]*"')
_LINE = re.compile(rb"[^\r\n]+")


def digest(path: Path, name: str) -> str:
    """The sha256 of a file; raises SourceError when it can't be read or changes meanwhile."""
    try:
        before = stamp(path)
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
        after = stamp(path)
    except OSError as fault:
        raise SourceError(
            "can't be read", place=Place(name), why=str(fault), hint="check the file and its rights"
        ) from fault
    if before != after:
        raise changed(name)
    return found


def stamp(path: Path) -> tuple[int, int]:
    """Size and time of change, to notice a file that is written while it is loaded."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def changed(name: str) -> SourceError:
    """The fault of a file that changes while it is read."""
    return SourceError(
        "the file changed while it was read",
        place=Place(name),
        why="something is still writing it",
        hint="load again when the export is complete; nothing of this source was loaded",
    )


@dataclass(frozen=True)
class Lines:
    """The lines of a file less its header, and whether a NUL byte is among them."""

    rows: int
    has_nul: bool


def count_lines(path: Path, head: Head) -> Lines:
    """Count the lines below the header: as many as rows, where no text holds a line end."""
    ends, last, has_nul = 0, head.line_end, False
    for chunk in _chunks(path):
        ends += chunk.count(head.line_end)
        has_nul = has_nul or b"\x00" in chunk
        last = chunk[-1:]
    unended = last != head.line_end
    return Lines(ends + unended - head.lines, has_nul)


def count_records(path: Path) -> int:
    """Count the rows below the header, where texts in quotes may hold line ends; blank lines aside.

    Slower than `count_lines`, and needed only where the two differ. -1 when a
    quote stays open for longer than any row is.
    """
    rows, rest = 0, b""
    for chunk in _chunks(path):
        bare = _QUOTED.sub(b'""', rest + chunk)
        cut = _safe_end(bare)
        rows += sum(1 for _ in _LINE.finditer(bare, 0, cut))
        rest = bare[cut:]
        if len(rest) > _LONGEST_ROW:
            return -1
    return rows + bool(rest.strip(b"\r\n")) - 1


def _safe_end(bare: bytes) -> int:
    """Where the last whole line ends; an open quote, whose text goes on, comes after it."""
    open_quote = bare.rfind(b'"') if bare.count(b'"') % 2 else len(bare)
    return 1 + max(bare.rfind(b"\n", 0, open_quote), bare.rfind(b"\r", 0, open_quote))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk
