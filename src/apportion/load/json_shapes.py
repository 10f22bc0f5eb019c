"""Which keys a line has in which order: a shape, that most lines of a bill share with others.

Exports leave out what is null, so a bill has some dozens of shapes. Each is
learned from the first line that has it; all other lines are only compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from apportion.load.json_chunks import Chunk
from apportion.load.json_marks import Bytes, Integers, Marks, Truths

_KEY = re.compile(rb'[{,][ \t]*"([^"\\]*)"[ \t]*:[ \t]*')
_CLOSING, _QUOTE, _CARRIAGE_RETURN, _SMALL_N = b'}"\r' + b"n"


@dataclass(frozen=True)
class Shape:
    """The keys of a line, and for each the bytes that stand before its value."""

    keys: tuple[str, ...]
    before: tuple[bytes, ...]


@dataclass(frozen=True)
class Values:
    """Where the values of some lines stand, one row for each key: text without its quotes.

    A length of -1 says null.
    """

    places: Integers
    lengths: Integers


class ChunkOfLines:
    """The bytes of a chunk with their marks."""

    def __init__(self, chunk: Chunk, marks: Marks) -> None:
        self._data = chunk.data
        self._letters: Bytes = chunk.letters
        self._marks = marks
        # A line ends with its bracket, before its line feed.
        self._lasts: Integers = marks.ends - 1
        self._lasts = self._lasts - (self._letters[self._lasts] == _CARRIAGE_RETURN)
        self._counts: Integers = np.diff(marks.first) + 1

    def plain(self) -> Integers:
        """The lines that may have a shape: those that aren't odd, and end with a brace."""
        return np.flatnonzero(~self._marks.odd & (self._letters[self._lasts] == _CLOSING))

    def raw(self, line: int) -> bytes:
        """A line as it is, with its line feed."""
        return self._data[self._marks.starts[line] : self._marks.ends[line] + 1]

    def learn(self, line: int) -> Shape | None:
        """The shape of a line; None where a key comes twice, or isn't plain."""
        starts, _ = self._spans(np.array([line]), int(self._counts[line]))
        found = [_KEY.match(self._data, at) for at in starts[:, 0].tolist()]
        keys = tuple(one[1].decode() for one in found if one)
        if len(set(keys)) < len(found):
            return None
        return Shape(keys, tuple(one[0] for one in found if one))

    def match(self, shape: Shape, lines: Integers) -> tuple[Integers, Values]:
        """Those of `lines` that have a shape, and where their values stand."""
        width = len(shape.keys)
        lines = lines[self._counts[lines] == width]
        starts, ends = self._spans(lines, width)
        alike = np.ones(len(lines), np.bool_)
        for places, before in zip(starts, shape.before, strict=True):
            alike &= self._begins(places, before)
        if not alike.all():
            lines, starts, ends = lines[alike], starts[:, alike], ends[:, alike]
        return self._values(shape, lines, starts, ends)

    def _values(
        self, shape: Shape, lines: Integers, starts: Integers, ends: Integers
    ) -> tuple[Integers, Values]:
        """Where the values stand of lines with these keys, but for lines with further blanks."""
        places = starts + np.array([[len(before)] for before in shape.before])
        first, last = self._letters[places], self._letters[ends - 1]
        # What comes before the quote among the letters are blanks, as far as JSON is concerned.
        blank = ((first < _QUOTE) | (last < _QUOTE)).any(axis=0)
        text, null = first == _QUOTE, first == _SMALL_N
        lengths = np.where(null, -1, ends - places - 2 * text)
        places += text
        if blank.any():
            lines, places, lengths = lines[~blank], places[:, ~blank], lengths[:, ~blank]
        return lines, Values(places, lengths)

    def whole(self, lines: Integers) -> Values:
        """The lines as they are, with their line feeds."""
        starts = self._marks.starts[lines]
        return Values(starts[None], (self._marks.ends[lines] + 1 - starts)[None])

    def _spans(self, lines: Integers, width: int) -> tuple[Integers, Integers]:
        """Where each key's comma or bracket stands, and where its value ends."""
        marks = self._marks
        commas = marks.commas[marks.first[lines] + np.arange(width - 1)[:, None]]
        starts = np.concatenate((marks.starts[lines][None], commas))
        ends = np.concatenate((commas, self._lasts[lines][None]))
        return starts, ends

    def _begins(self, places: Integers, before: bytes) -> Truths:
        """Where the bytes from a place on are these."""
        there = np.ndarray(
            (len(self._data) - len(before) + 1,), f"S{len(before)}", self._data, 0, (1,)
        )
        if len(places) and places[-1] >= len(there):
            short: Truths = places >= len(there)
            within: Truths = ~short & (there[np.where(short, 0, places)] == before)
            return within
        alike: Truths = there[places] == before
        return alike
