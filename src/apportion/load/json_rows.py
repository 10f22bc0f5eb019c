"""Lay JSON lines out as columns of texts, which the engine then reads like any other bill.

Which keys a file has is known only at its end, since exports leave out what is
null. So the rows go into parts, and a new part begins where new keys appear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from apportion.errors import Place, SourceError
from apportion.load.sift import Misfit
from apportion.load.workbench import LONGEST_ROW
from apportion.sources.head import ROWS_OF_HEAD, Head
from apportion.sources.json_lines import Record, cut

MOST_KEYS = 5000
"""Keys that a file may have. A file whose data serve as keys is no table."""

_BATCH_ROWS = 20_000
_BATCH_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class LaidOut:
    """A file as columns: its head, its parts in order, and the lines that are no rows."""

    head: Head
    parts: tuple[Path, ...]
    rows: int
    misfits: int
    first: tuple[Misfit, ...]


def lay_out(
    plain: Path, name: str, folder: Path, most: int, tick: Callable[[float], None]
) -> LaidOut:
    """Write the rows of `plain` into parts in `folder`, with memory for one batch of rows.

    At most `most` misfits are kept with their text; all are counted. Raises
    SourceError for what is no table: no object at all, one key alone, or thousands.
    """
    parts = _Parts(name, folder)
    size = plain.stat().st_size
    misfits = 0
    first: list[Misfit] = []
    for _, record, end in _lines(plain):
        if isinstance(record, Misfit):
            misfits += 1
            if len(first) < most:
                first.append(record)
        elif parts.take(record, end):
            tick(end / size)
    parts.flush(size)
    if first and not parts.rows:
        raise SourceError(
            "no line can be read as a JSON object",
            place=Place(name, first[0].line),
            why=first[0].reason,
            hint="write one object to a line, or export CSV or Parquet",
        )
    if len(parts.names) < 2 and parts.rows:
        raise SourceError(
            "not JSON lines of a bill: its objects have one key alone",
            place=Place(name, 1),
            why="this is often an error message in place of a download",
            hint="fetch it again",
        )
    names = tuple(parts.names)
    sample = tuple({key: row.get(key) or "" for key in names} for row in parts.sample)
    head = Head(name, names, ("VARCHAR",) * len(names), lines=0, sample=sample)
    return LaidOut(head, tuple(parts.paths), parts.rows, misfits, tuple(first))


def records(plain: Path) -> Iterator[tuple[int, Record]]:
    """The rows of a file, each with the line it stands on."""
    for line, record, _ in _lines(plain):
        if not isinstance(record, Misfit):
            yield line, record


def _lines(plain: Path) -> Iterator[tuple[int, Record | Misfit, int]]:
    """Each line that isn't blank: its number, what it holds, and where it ends in the file."""
    number = end = 0
    with plain.open("rb") as source:
        while raw := source.readline(LONGEST_ROW):
            number += 1
            end += len(raw)
            if len(raw) == LONGEST_ROW and not raw.endswith(b"\n"):
                rest = _pass_over(source.readline)
                end += rest
                if rest:
                    reason = f"longer than {LONGEST_ROW:,} bytes"
                    yield number, _misfit(number, reason, raw), end
                    continue
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw.strip():
                yield number, _record(number, raw), end


def _pass_over(readline: Callable[[int], bytes]) -> int:
    """Go to the end of the line, and count its bytes."""
    passed = 0
    while raw := readline(LONGEST_ROW):
        passed += len(raw)
        if raw.endswith(b"\n"):
            break
    return passed


def _record(number: int, raw: bytes) -> Record | Misfit:
    try:
        return cut(raw.decode())
    except UnicodeDecodeError:
        return _misfit(number, "bytes that are not UTF-8", raw)
    except ValueError as fault:
        return _misfit(number, str(fault), raw)


def _misfit(number: int, reason: str, raw: bytes) -> Misfit:
    text = raw.decode(errors="replace").replace("\x00", "\ufffd")
    return Misfit(number, reason, text.rstrip("\r\n"))


@dataclass
class _Parts:
    """Rows on their way into parts; `names` are the keys seen so far, in the order they came."""

    file: str
    folder: Path
    names: dict[str, None] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    sample: list[Record] = field(default_factory=list)
    rows: int = 0
    _batch: list[Record] = field(default_factory=list)
    _flushed: int = 0
    _writer: pq.ParquetWriter | None = None
    _width: int = 0

    def take(self, record: Record, end: int) -> bool:
        """Take a row that ends at a byte of the file; True when that filled a batch."""
        self.rows += 1
        if len(self.sample) < ROWS_OF_HEAD:
            self.sample.append(record)
        self._batch.append(record)
        if not record.keys() <= self.names.keys():
            self.names.update(dict.fromkeys(record))
            self._refuse_too_many()
        if len(self._batch) < _BATCH_ROWS and end - self._flushed < _BATCH_BYTES:
            return False
        self._write()
        self._flushed = end
        return True

    def flush(self, end: int) -> None:
        """Write what is left, and end the last part."""
        self._write()
        self._flushed = end
        if self._writer is not None:
            self._writer.close()

    def _write(self) -> None:
        if not self._batch:
            return
        table = pa.table(
            {
                name: pa.array([row.get(name) for row in self._batch], pa.string())
                for name in self.names
            }
        )
        self._batch.clear()
        if self._writer is None or self._width != len(self.names):
            if self._writer is not None:
                self._writer.close()
            self.paths.append(self.folder / f"part-{len(self.paths)}.parquet")
            self._writer = pq.ParquetWriter(self.paths[-1], table.schema, compression="lz4")
            self._width = len(self.names)
        self._writer.write_table(table)

    def _refuse_too_many(self) -> None:
        if len(self.names) > MOST_KEYS:
            raise SourceError(
                f"its objects have more than {MOST_KEYS:,} different keys",
                place=Place(self.file),
                why="data seem to serve as keys, so that there is no table of charges",
                hint="export one object for each charge, all with the same keys",
            )
