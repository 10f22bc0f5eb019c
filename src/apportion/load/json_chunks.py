"""A file of lines in pieces of a few megabytes, each of whole lines: memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from apportion.load.text_views import PADDING
from apportion.load.workbench import LONGEST_ROW

_BYTES = 2 * 1024**2
_LINE_FEED = b"\n"[0]
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Chunk:
    """Whole lines of a file, each with its line feed, and PADDING: `number` is the first line's.

    `end` is where the last line ends in the file. A line of more than LONGEST_ROW
    bytes is too long for a row, and may be cut anywhere behind these.
    """

    data: bytes
    number: int
    end: int

    @cached_property
    def letters(self) -> npt.NDArray[np.uint8]:
        """The bytes of the lines as numbers."""
        return np.frombuffer(self.data, np.uint8, len(self.data) - len(PADDING))

    @cached_property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where the line feeds are."""
        return np.flatnonzero(self.letters == _LINE_FEED)

    def lines(self) -> Iterator[bytes]:
        """The lines one by one."""
        at = 0
        for end in self.ends.tolist():
            yield self.data[at : end + 1]
            at = end + 1

    def parts(self, most: int) -> Iterator[Chunk]:
        """The chunk in parts of so many lines at most."""
        if len(self.ends) <= most:
            yield self
            return
        begin = 0
        for at in range(0, len(self.ends), most):
            end = int(self.ends[at : at + most][-1]) + 1
            yield Chunk(self.data[begin:end] + PADDING, self.number + at, self.end)
            begin = end


def chunks(path: Path) -> Iterator[Chunk]:
    """The lines of a file in order, less a byte order mark."""
    number, room = 1, memoryview(bytearray(_BYTES))
    with path.open("rb") as source:
        while size := source.readinto(room):
            data, rest = room[:size], b""
            if data[-1] != _LINE_FEED:
                rest = _rest_of_line(source.readline)
            if number == 1 and data[: len(_BOM)] == _BOM:
                data = data[len(_BOM) :]
            chunk = Chunk(b"".join((data, rest, PADDING)), number, source.tell())
            yield chunk
            number += len(chunk.ends)


def samples(path: Path, many: int, size: int) -> Iterator[Chunk]:
    """Whole lines from places all over a large file, about `size` bytes from each."""
    whole = path.stat().st_size
    with path.open("rb") as source:
        for at in range(0, whole, whole // many + 1):
            source.seek(at)
            data = source.read(size)
            first, last = data.find(b"\n") if at else -1, data.rfind(b"\n")
            if last > first:
                yield Chunk(data[first + 1 : last + 1].removeprefix(_BOM) + PADDING, 1, 0)


def _rest_of_line(readline: Callable[[int], bytes]) -> bytes:
    """The end of a line with its line feed, or as much of it as makes it too long for a row."""
    rest = readline(LONGEST_ROW + 1)
    if rest.endswith(b"\n"):
        return rest
    if len(rest) > LONGEST_ROW:
        while (last := readline(LONGEST_ROW)) and not last.endswith(b"\n"):
            pass
    return rest + b"\n"
