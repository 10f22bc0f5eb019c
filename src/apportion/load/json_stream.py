"""Lay JSON lines out as a stream of columns of texts, read by the engine like any other bill.

Which keys a file has is known only at its end, since exports leave out what is
null. So a small file is looked through first, and of a large one places all
over it; where a key appears that was in none of them, all of it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa

from apportion.errors import Place, SourceError
from apportion.load.json_chunks import Chunk, chunks, samples
from apportion.load.json_judge import JsonJudge
from apportion.load.json_rows import records
from apportion.load.json_split import Seen, Splitter
from apportion.load.sift import Misfit
from apportion.sources.head import ROWS_OF_HEAD, Head

MOST_KEYS = 5000
"""Keys that a file may have. A file whose data serve as keys is no table."""

_SMALL = 32 * 1024**2
"""Bytes of a file that is looked through as a whole."""

_PLACES, _SAMPLE = 32, 256 * 1024

_MOST_CELLS = 8_000_000
"""Rows times columns that are laid out at a time."""


def json_head(plain: Path, name: str, *, whole: bool = False) -> Head | None:
    """The keys of a file, and its first rows; None when it has no row.

    A large file is looked through only in places, unless it is to be as a `whole`.
    Raises SourceError for what is no table: no object at all, one key alone, or
    thousands.
    """
    whole = whole or plain.stat().st_size <= _SMALL
    seen = _look(plain, name, whole=whole)
    if len(seen.keys) < 2 and not whole:
        seen = _look(plain, name, whole=True)
    if not seen.rows:
        _refuse_no_object(seen, name)
        return None
    if len(seen.keys) < 2:
        raise SourceError(
            "not JSON lines of a bill: its objects have one key alone",
            place=Place(name, 1),
            why="this is often an error message in place of a download",
            hint="fetch it again",
        )
    names = tuple(seen.keys)
    first = (record for _, record in islice(records(plain), ROWS_OF_HEAD))
    sample = tuple({key: row.get(key) or "" for key in names} for row in first)
    return Head(name, names, ("VARCHAR",) * len(names), lines=0, sample=sample)


@dataclass
class JsonStream:
    """The rows of a file under the keys of its head, once. What it counts is whole at its end.

    At most `most` misfits are kept with their text; all are counted. `share` is
    the part of the file that has been read, and `fault` what ended the reading
    early: KeyAppears, where a row has a further key.

    Unless it is `judged`, the last column has lines that are rows if they are JSON.
    """

    plain: Path
    head: Head
    most: int
    judged: bool = False
    rows: int = 0
    misfits: int = 0
    first: list[Misfit] = field(default_factory=list)
    share: float = 0.0
    fault: Exception | None = None

    def reader(self) -> pa.RecordBatchReader:
        """The rows, batch by batch, in columns that are numbered from 0."""
        width = len(self.head.names) + 1
        schema = pa.schema([(str(n), pa.string_view()) for n in range(width)])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        keys = {key: number for number, key in enumerate(self.head.names)}
        splitter = Splitter(JsonJudge() if self.judged else None)
        try:
            for part in self._parts():
                split = splitter.split(part, keys)
                self.rows += split.rows
                self.misfits += len(split.misfits)
                self.first += split.misfits[: self.most - len(self.first)]
                yield pa.RecordBatch.from_arrays(list(split.columns), schema=schema)
        except Exception as fault:
            self.fault = fault
            raise

    def _parts(self) -> Iterator[Chunk]:
        size = self.plain.stat().st_size
        for chunk in chunks(self.plain):
            yield from chunk.parts(max(1, _MOST_CELLS // len(self.head.names)))
            self.share = chunk.end / size


def _look(plain: Path, name: str, *, whole: bool) -> Seen:
    seen, splitter = Seen(), Splitter(JsonJudge())
    for chunk in chunks(plain) if whole else samples(plain, _PLACES, _SAMPLE):
        splitter.look(chunk, seen)
        if len(seen.keys) > MOST_KEYS:
            raise SourceError(
                f"its objects have more than {MOST_KEYS:,} different keys",
                place=Place(name),
                why="data seem to serve as keys, so that there is no table of charges",
                hint="export one object for each charge, all with the same keys",
            )
    return seen


def _refuse_no_object(seen: Seen, name: str) -> None:
    if seen.misfit:
        raise SourceError(
            "no line can be read as a JSON object",
            place=Place(name, seen.misfit.line),
            why=seen.misfit.reason,
            hint="write one object to a line, or export CSV or Parquet",
        )
