"""Where the values of JSON lines begin and end, found for thousands of lines at a time.

A comma stands between two values of a line's object when it is in no text and
in one bracket alone. What is found so is what a parser finds, as long as the
line is JSON. Which lines need a parser is told as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apportion.load.json_chunks import Chunk
from apportion.load.workbench import LONGEST_ROW

Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.bool_]

DEEPEST = 60
"""Brackets that may stand open in a line that isn't odd."""

_LINE_FEED, _QUOTE, _COMMA, _BACKSLASH = b'\n",\\'
_OPENING, _CLOSING, _SMALL = 0x7B, 0x7D, 0x20
"""Braces, and brackets as well once they are made small like letters."""

_PARITIES = np.bitwise_xor.reduce(
    [(np.arange(256) << shift) & 0xFF for shift in range(8)], axis=0
).astype(np.uint8)
"""For eight marks as bits: whether the number of those up to each is odd."""


@dataclass(frozen=True)
class Marks:
    """The lines of a chunk: where each begins, where its line feed is, and which are odd.

    Odd are those that only a parser can read: too long, with escapes, not UTF-8, or
    surely no JSON. `commas` are the ones between the values of all lines; those of
    line n are commas[first[n]:first[n + 1]].
    """

    starts: Integers
    ends: Integers
    odd: Truths
    commas: Integers
    first: Integers


class Marker:
    """Finds the marks of chunks, in memory that it keeps from one to the next."""

    def __init__(self) -> None:
        self._rooms = np.empty((3, 0), np.uint8)

    def find(self, chunk: Chunk) -> Marks:
        """The marks of a chunk. Whether its lines are JSON is for another to judge."""
        letters, ends = chunk.letters, chunk.ends
        if len(letters) > self._rooms.shape[1]:
            self._rooms = np.empty((3, len(letters)), np.uint8)
        self._found, self._other, self._small = self._rooms[:, : len(letters)].view(np.bool_)
        starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
        odd: Truths = ends - starts >= LONGEST_ROW
        outside = _outside_texts(self._equal(letters, _QUOTE), starts, ends, odd)
        if self._equal(letters, _BACKSLASH).any():
            odd[_lines_of(np.flatnonzero(self._found), ends)] = True
        small = np.bitwise_or(letters, _SMALL, out=self._small.view(np.uint8))
        self._note_words(letters, small, outside, ends, odd)
        commas = self._commas(letters, small, outside, ends, odd)
        if not _is_utf8(chunk.data):
            odd[:] = True
        first = np.concatenate((np.zeros(1, np.int64), np.searchsorted(commas, ends)))
        return Marks(starts, ends, odd, commas, first)

    def _equal(self, letters: Bytes, one: int) -> Truths:
        found: Truths = np.equal(letters, one, out=self._found)
        return found

    def _or_equal(self, letters: Bytes, one: int) -> Truths:
        other = np.equal(letters, one, out=self._other)
        found: Truths = np.logical_or(self._found, other, out=self._found)
        return found

    def _note_words(
        self, letters: Bytes, small: Bytes, outside: Truths, ends: Integers, odd: Truths
    ) -> None:
        """Lines are odd that may hold NaN or Infinity, which a judge lets pass.

        null is the one word of JSON with an n, and none has an i.
        """
        self._equal(small, ord("n"))
        words = np.flatnonzero(
            np.logical_and(self._or_equal(small, ord("i")), outside, self._found)
        )
        if len(words):
            nulls = (letters[words] == ord("n")) & (letters[words + 1] == ord("u"))
            odd[_lines_of(words[~nulls], ends)] = True

    def _commas(
        self, letters: Bytes, small: Bytes, outside: Truths, ends: Integers, odd: Truths
    ) -> Integers:
        """The commas between values; a line whose brackets don't match is odd, and shifts no
        other.
        """
        self._equal(small, _OPENING)
        self._or_equal(small, _CLOSING)
        marks = np.logical_and(self._or_equal(letters, _COMMA), outside, out=self._found)
        marks[ends] = True
        places = np.flatnonzero(marks)
        kinds = letters[places]
        is_end, comma = kinds == _LINE_FEED, kinds == _COMMA
        kinds |= _SMALL
        closing = kinds == _CLOSING
        steps = (kinds == _OPENING).view(np.int8) - closing.view(np.int8)
        depth = np.cumsum(steps, dtype=np.int32)
        at_end = depth[is_end]
        if at_end.any():
            before = np.concatenate((np.zeros(1, np.int32), at_end[:-1]))
            odd |= at_end != before
            depth -= np.repeat(before, np.diff(np.flatnonzero(is_end), prepend=-1))
        # A judge lets a comma pass that nothing follows.
        last = letters[places[1:] - 1]
        useless = comma[:-1] & closing[1:] & ((last == _COMMA) | (last < _QUOTE))
        for doubtful in (places[:-1][useless], places[depth > DEEPEST]):
            if len(doubtful):
                odd[_lines_of(doubtful, ends)] = True
        found: Integers = places[comma & (depth == 1)]
        return found


def _outside_texts(quotes: Truths, starts: Integers, ends: Integers, odd: Truths) -> Truths:
    """Which bytes are in no text. A line with a quote too many is odd, and shifts no other."""
    outside = _parity(quotes)
    np.logical_not(outside, out=outside)
    at_end = outside[ends]
    if not at_end.all():
        before = np.concatenate((np.ones(1, np.bool_), at_end[:-1]))
        odd |= at_end != before
        outside ^= np.repeat(~before, ends - starts + 1)
    return outside


def _parity(marks: Truths) -> Truths:
    """Whether the number of marks up to each place is odd; eight places at a time."""
    packed = np.packbits(marks, bitorder="little")
    within = _PARITIES[packed]
    whole = within >> 7
    before = np.bitwise_xor.accumulate(whole) ^ whole
    flipped = within ^ (before * np.uint8(255))
    return np.unpackbits(flipped, count=len(marks), bitorder="little").view(np.bool_)


def _lines_of(places: Integers, ends: Integers) -> Integers:
    return np.searchsorted(ends, places)


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
