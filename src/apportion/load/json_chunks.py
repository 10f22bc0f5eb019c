"""A file of lines in pieces of a few megabytes, each of whole lines, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from apportion.load.workbench import LONGEST_ROW

_BYTES = 2 * 1024**2
_LINE_FEED = b"\n"[0]
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Chunk:
    """Whole lines of a file, each with its line feed: `number` is that of the first, from 1.

    `end` is where the last ends in the file. A line of more than LONGEST_ROW
    bytes is too long for a row, and may be cut anywhere behind these.
    """

    data: bytes
    number: int
    end: int

    @cached_property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where the line feeds are."""
        return np.flatnonzero(np.frombuffer(self.data, np.uint8) == _LINE_FEED)

    def parts(self, most: int) -> Iterator[Chunk]:
        """The chunk in parts of so many lines at most."""
        if len(self.ends) <= most:
            yield self
            return
        begin = 0
        for at in range(0, len(self.ends), most):
            end = int(self.ends[at : at + most][-1]) + 1
            yield Chunk(self.data[begin:end], self.number + at, self.end)
            begin = end


def chunks(path: Path) -> Iterator[Chunk]:
    """The lines of a file in order, less a byte order mark."""
    number = 1
    with path.open("rb") as source:
        while data := source.read(_BYTES):
            data += _rest_of_line(data, source.readline)
            end = source.tell()
            if number == 1:
                data = data.removeprefix(_BOM)
            if not data.endswith(b"\n"):
                data += b"\n"
            chunk = Chunk(data, number, end)
            yield chunk
            number += len(chunk.ends)


def samples(path: Path, many: int, size: int) -> Iterator[bytes]:
    """Whole lines from places all over a large file, about `size` bytes from each."""
    whole = path.stat().st_size
    with path.open("rb") as source:
        for at in range(0, whole, whole // many + 1):
            source.seek(at)
            data = source.read(size)
            first, last = data.find(b"\n") if at else -1, data.rfind(b"\n")
            if last > first:
                yield data[first + 1 : last + 1].removeprefix(_BOM)


def _rest_of_line(data: bytes, readline: Callable[[int], bytes]) -> bytes:
    """What is missing from the last line, or as much of it as makes it too long for a row."""
    if data.endswith(b"\n"):
        return b""
    rest = readline(LONGEST_ROW + 1)
    if len(rest) > LONGEST_ROW:
        last = rest
        while last and not last.endswith(b"\n"):
            last = readline(LONGEST_ROW)
    return rest
