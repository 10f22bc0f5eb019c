"""Split chunks of JSON lines into columns of texts: most lines by comparison, odd ones by a parser.

Both ways give the same for every line (a property test holds them against each
other on arbitrary lines); the first takes a fraction of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from apportion.load.json_chunks import Chunk
from apportion.load.json_judge import JsonJudge
from apportion.load.json_marks import Integers, Marker, Truths
from apportion.load.json_rows import read_line
from apportion.load.json_shapes import ChunkOfLines, Shape, Values
from apportion.load.sift import Misfit
from apportion.load.text_views import PADDING, text_views
from apportion.sources.json_lines import Record

_MOST_LEARNED = 50
"""Shapes that are learned from one chunk. Lines that are left go to the parser."""

_MOST_SHAPES = 300


class KeyAppears(Exception):
    """A line has a key that was not known when the columns were told."""


@dataclass(frozen=True)
class Split:
    """The rows of a chunk as columns, and the lines that are no rows.

    The last column has the whole line of rows that may still turn out to be no
    JSON; else it is NULL.
    """

    columns: Sequence[pa.Array]
    rows: int
    misfits: Sequence[Misfit]


@dataclass
class Seen:
    """What a look at lines told: their keys in the order that they come, and how many are rows."""

    keys: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    misfit: Misfit | None = None


class Splitter:
    """Splits chunks, and remembers the shapes of their lines. For one thread at a time.

    Without a judge it takes on trust that what looks like JSON is JSON.
    """

    def __init__(self, judge: JsonJudge | None) -> None:
        self._shapes: Counter[Shape] = Counter()
        self._judge = judge
        self._marker = Marker()

    def split(self, chunk: Chunk, keys: Mapping[str, int]) -> Split:
        """The rows of a chunk; `keys` numbers the columns. Raises KeyAppears for any other key."""
        work = self._work(chunk)
        texts = _Texts(chunk.data, len(work.done), len(keys) + 1)
        misfits: list[Misfit] = []
        for shape, lines, values in self._compared(work):
            texts.fill(_numbers(shape.keys, keys), lines, values)
            if self._judge is None:
                texts.fill([len(keys)], lines, work.lines.whole(lines))
        for line, record in work.parsed():
            if isinstance(record, Misfit):
                misfits.append(record)
            else:
                texts.add(zip(_numbers(record, keys), record.values(), strict=True), line)
        return Split(texts.columns(), texts.rows, misfits)

    def look(self, chunk: Chunk, seen: Seen) -> None:
        """Note the keys of a chunk."""
        work = self._work(chunk)
        fresh: dict[str, tuple[int, int]] = {}
        for shape, lines, _ in self._compared(work):
            seen.rows += len(lines)
            _note(shape.keys, int(lines[0]), fresh)
        for line, record in work.parsed():
            if isinstance(record, Misfit):
                seen.misfit = seen.misfit or record
            else:
                seen.rows += 1
                _note(tuple(record), line, fresh)
        seen.keys.update(dict.fromkeys(sorted(fresh, key=lambda key: fresh[key])))

    def _work(self, chunk: Chunk) -> _Work:
        marks = self._marker.find(chunk)
        lines = ChunkOfLines(chunk, marks)
        if self._judge and not marks.odd.all():
            marks.odd[:] |= self._judge.broken(chunk)
        return _Work(chunk, lines, lines.plain(), np.zeros(len(marks.ends), np.bool_))

    def _compared(self, work: _Work) -> Iterator[tuple[Shape, Integers, Values]]:
        """The lines of each shape, and where their values stand."""
        for shape, _ in self._shapes.most_common():
            yield from self._alike(shape, work)
        for _ in range(_MOST_LEARNED):
            if not len(work.left):
                break
            learned = work.lines.learn(int(work.left[0]))
            if learned is not None:
                yield from self._alike(learned, work)
            # A line that doesn't even have the shape learned from it is for the parser.
            work.left = work.left[1:] if learned not in self._shapes else work.left
        self._forget()

    def _alike(self, shape: Shape, work: _Work) -> Iterator[tuple[Shape, Integers, Values]]:
        lines, values = work.lines.match(shape, work.left)
        if len(lines):
            self._shapes[shape] += len(lines)
            work.take(lines)
            yield shape, lines, values

    def _forget(self) -> None:
        """Keep the shapes that are of use, so that no chunk is compared with thousands."""
        if len(self._shapes) > _MOST_SHAPES:
            self._shapes = Counter(dict(self._shapes.most_common(_MOST_SHAPES // 2)))


@dataclass
class _Work:
    """A chunk while it is split: lines that may have a shape are `left`, others may be `done`."""

    chunk: Chunk
    lines: ChunkOfLines
    left: Integers
    done: Truths

    def take(self, lines: Integers) -> None:
        """Take lines off what is left."""
        self.done[lines] = True
        self.left = self.left[~self.done[self.left]]

    def parsed(self) -> Iterator[tuple[int, Record | Misfit]]:
        """What the lines hold that are not done, blank ones aside."""
        for line in np.flatnonzero(~self.done).tolist():
            record = read_line(self.chunk.number + line, self.lines.raw(line))
            if record is not None:
                yield line, record


class _Texts:
    """Where the texts of each column stand, for all lines of a chunk."""

    def __init__(self, data: bytes, lines: int, columns: int) -> None:
        self._data = [data]
        self._size = len(data)
        self._places = np.zeros((columns, lines), np.int32)
        self._lengths = np.full((columns, lines), -1, np.int32)
        self._is_row = np.zeros(lines, np.bool_)

    @property
    def rows(self) -> int:
        return int(self._is_row.sum())

    def fill(self, columns: Sequence[int], lines: Integers, values: Values) -> None:
        """Values that stand in the chunk."""
        self._is_row[lines] = True
        for column, places, lengths in zip(columns, values.places, values.lengths, strict=True):
            self._places[column, lines] = places
            self._lengths[column, lines] = lengths

    def add(self, texts: Iterable[tuple[int, str | None]], line: int) -> None:
        """Values that a parser has read; they are kept behind the chunk."""
        self._is_row[line] = True
        for column, text in texts:
            if text is not None:
                raw = text.encode()
                self._places[column, line] = self._size
                self._lengths[column, line] = len(raw)
                self._data.append(raw)
                self._size += len(raw)

    def columns(self) -> list[pa.Array]:
        """A column of texts for each key."""
        buffer = b"".join((*self._data, PADDING)) if self._data[1:] else self._data[0]
        places, lengths = self._places, self._lengths
        if not self._is_row.all():
            places, lengths = places[:, self._is_row], lengths[:, self._is_row]
        return [text_views(buffer, *column) for column in zip(places, lengths, strict=True)]


def _numbers(found: Iterable[str], keys: Mapping[str, int]) -> list[int]:
    try:
        return [keys[key] for key in found]
    except KeyError as fault:
        raise KeyAppears(*fault.args) from None


def _note(keys: Sequence[str], line: int, fresh: dict[str, tuple[int, int]]) -> None:
    """Note where each key comes first."""
    for number, key in enumerate(keys):
        fresh[key] = min(fresh.get(key, (line, number)), (line, number))
