"""Where the values of JSON lines begin and end, found for thousands of lines at a time.

A comma stands between two values of a line's object when it is in no text and
in one bracket alone. What is found so is what a parser finds, as long as the
line is JSON; which lines are not, or may not be, is told as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

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


@dataclass(frozen=True)
class Marks:
    """The lines of a chunk: where each begins, where its line feed is, and which are odd.

    Odd are those that are too long or no JSON, and those that only a parser can judge.
    `commas` are the ones between the values of all lines; those of line n are
    commas[first[n]:first[n + 1]].
    """

    starts: Integers
    ends: Integers
    odd: Truths
    commas: Integers
    first: Integers


def find_marks(chunk: Chunk, broken: Callable[[pa.Array], Truths]) -> Marks:
    """Marks of a chunk; `broken` says which texts are no JSON."""
    data, ends = chunk.data, chunk.ends
    letters = np.frombuffer(data, np.uint8)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    odd: Truths = ends - starts >= LONGEST_ROW
    outside = _outside_texts(letters, starts, ends, odd)
    small = letters | _SMALL
    _note_escapes_and_words(letters, small, outside, ends, odd)
    commas = _commas(letters, small, outside, ends, odd)
    if _is_utf8(data):
        odd |= broken(_as_texts(data, ends))
    else:
        odd[:] = True
    return Marks(starts, ends, odd, commas, _firsts(commas, ends))


def json_judge() -> Callable[[pa.Array], Truths]:
    """A function that says which texts are no JSON; it isn't for several threads at a time."""
    engine = duckdb.connect(config={"threads": 1, "python_enable_replacements": False})

    def broken(texts: pa.Array) -> Truths:
        engine.register("lines", pa.table({"line": texts}))
        judged: dict[str, Any] = engine.sql(
            "SELECT NOT json_valid(l.line) AS broken FROM lines AS l"
        ).fetchnumpy()
        found: Truths = np.asarray(judged["broken"], np.bool_)
        return found

    return broken


def _outside_texts(letters: Bytes, starts: Integers, ends: Integers, odd: Truths) -> Truths:
    """Which bytes are in no text. A line with a quote too many is odd, and shifts no other."""
    parity = np.bitwise_xor.accumulate((letters == _QUOTE).view(np.uint8))
    at_end = parity[ends]
    if at_end.any():
        before = np.concatenate((np.zeros(1, np.uint8), at_end[:-1]))
        odd |= at_end != before
        parity ^= np.repeat(before, ends - starts + 1)
    outside: Truths = parity == 0
    return outside


def _note_escapes_and_words(
    letters: Bytes, small: Bytes, outside: Truths, ends: Integers, odd: Truths
) -> None:
    """Lines with escapes are odd; so are those that may hold NaN or Infinity, which the judge
    lets pass. null is the one word of JSON with an n, and none has an i."""
    escapes = letters == _BACKSLASH
    if escapes.any():
        odd[_lines_of(np.flatnonzero(escapes), ends)] = True
    words = np.flatnonzero(((small == ord("n")) | (small == ord("i"))) & outside)
    if len(words):
        nulls = (letters[words] == ord("n")) & (letters[words + 1] == ord("u"))
        odd[_lines_of(words[~nulls], ends)] = True


def _commas(
    letters: Bytes, small: Bytes, outside: Truths, ends: Integers, odd: Truths
) -> Integers:
    """The commas between values; a line whose brackets don't match is odd, and shifts no other."""
    bracket = (small == _OPENING) | (small == _CLOSING)
    marks = (bracket | (letters == _COMMA)) & outside
    marks[ends] = True
    places = np.flatnonzero(marks)
    kinds = letters[places]
    small = kinds | _SMALL
    opening, closing = small == _OPENING, small == _CLOSING
    depth = np.cumsum(opening.view(np.int8) - closing.view(np.int8), dtype=np.int64)
    is_end = kinds == _LINE_FEED
    at_end = depth[is_end]
    if at_end.any():
        before = np.concatenate((np.zeros(1, np.int64), at_end[:-1]))
        odd |= at_end != before
        depth -= np.repeat(before, np.diff(np.flatnonzero(is_end), prepend=-1))
    comma = kinds == _COMMA
    # The judge lets a comma pass that nothing follows.
    last = letters[places[1:] - 1]
    useless = comma[:-1] & closing[1:] & ((last == _COMMA) | (last < _QUOTE))
    for doubtful in (places[:-1][useless], places[depth > DEEPEST]):
        if len(doubtful):
            odd[_lines_of(doubtful, ends)] = True
    found: Integers = places[comma & (depth == 1)]
    return found


def _lines_of(places: Integers, ends: Integers) -> Integers:
    return np.searchsorted(ends, places)


def _firsts(commas: Integers, ends: Integers) -> Integers:
    return np.concatenate((np.zeros(1, np.int64), np.searchsorted(commas, ends)))


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_texts(data: bytes, ends: Integers) -> pa.Array:
    """The lines as a column, without copying them."""
    offsets = np.concatenate((np.zeros(1, np.int32), (ends + 1).astype(np.int32)))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(ends), buffers)
