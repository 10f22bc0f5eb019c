"""Read a bill once, from texts to typed charges in a file of the staging folder.

A file is first read the fast way, by the engine, strictly. When the engine
stumbles, or doesn't count the rows that the file has, the file is sifted in
Python and its whole rows are read from what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from apportion.errors import Place, SourceError
from apportion.load.content import count_lines, count_records
from apportion.load.json_split import KeyAppears
from apportion.load.json_stream import JsonStream, json_head
from apportion.load.lend_prices import lend_prices
from apportion.load.sift import FAULT, Sifted, sift
from apportion.load.wide_decimals import with_texts
from apportion.load.workbench import LONGEST_ROW, NO_JSON, Workbench
from apportion.sources.container import Container
from apportion.sources.expression import expression
from apportion.sources.head import LINE, Head, csv_head
from apportion.sources.reading import NUMBER, Reading
from apportion.sources.unwrap import Plain
from apportion.store.relation import column, columns, sql, table

INPUT = "input"
STAGED = "staged"
"""Relations of the workbench: the input's texts, and the typed charges, both with row numbers."""

MOST_QUARANTINED = 1000
"""Rows of a unit that are quarantined with their text; all are counted."""

_NUMBER = column(NUMBER)

Reader = Callable[[Head], Reading]
Tick = Callable[[float], None]


@dataclass(frozen=True)
class Staged:
    """A file as typed charges, in the order of its rows; tags are still as written.

    `rows` were read; `sifted` tells of those that were no rows at all.
    `numbered` says that row n stands on line n below the header, so that a
    line number needs no second look at the file.
    """

    file: str
    head: Head
    reading: Reading
    path: Path
    text: Path
    rows: int
    numbered: bool = True
    sifted: Sifted | None = None
    container: Container = Container.CSV

    @property
    def is_csv(self) -> bool:
        """Whether the columns stand in a header, on the first line."""
        return self.container is Container.CSV

    @property
    def marks_bytes(self) -> bool:
        """Whether a column tells what the bytes of each row lack."""
        return self.sifted is not None and self.is_csv


def stage(
    bench: Workbench, plain: Plain, name: str, folder: Path, reader: Reader, tick: Tick
) -> Staged | None:
    """Bring a file into `folder` as typed charges; None when it is empty (no byte at all).

    Raises SourceError when it is no bill, or is cut short.
    """
    if plain.container is Container.EMPTY:
        return None
    try:
        staging = _STAGINGS[plain.container]
        return staging(bench, plain.path, name, folder, reader, tick)
    except duckdb.Error as fault:
        raise SourceError(
            "the file can't be read", place=Place(name), why=str(fault).split("\n", 1)[0]
        ) from fault


def _stage_csv(
    bench: Workbench, path: Path, name: str, folder: Path, reader: Reader, tick: Tick
) -> Staged:
    head = csv_head(path, name)
    reading = reader(head)
    lend_prices(bench, reading)
    staged = Staged(name, head, reading, folder / "staged.parquet", path, 0)
    lines = count_lines(path, head)
    if not lines.has_nul:
        try:
            bench.csv(INPUT, path, reading.names, separator=head.separator)
            rows = _write(bench, staged, tick)
        except duckdb.InvalidInputException:  # a row that isn't as it should be
            rows = -1
        if rows == lines.rows or rows == count_records(path):
            return replace(staged, rows=rows, numbered=rows == lines.rows)
    return _stage_sifted(bench, staged, folder, tick)


def _stage_sifted(bench: Workbench, broken: Staged, folder: Path, tick: Tick) -> Staged:
    clean = folder / "sifted.csv"
    names = broken.reading.names
    sifted = sift(broken.text, broken.head, names, clean, MOST_QUARANTINED)
    bench.csv(INPUT, clean, [*names, LINE, FAULT], longest=3 * LONGEST_ROW)
    staged = replace(broken, text=clean, sifted=sifted)
    rows = _write(bench, staged, tick, also=(LINE, FAULT))
    if rows != sifted.rows:
        raise SourceError(
            "the rows of the file can't be told apart",
            place=Place(broken.file),
            why=f"{sifted.rows:,} rows were written and {rows:,} read back",
            hint="export it again; quotes within texts must be doubled",
        )
    return replace(staged, rows=rows)


def _stage_parquet(
    bench: Workbench, path: Path, name: str, folder: Path, reader: Reader, tick: Tick
) -> Staged:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as fault:
        raise SourceError(
            "the Parquet file can't be read",
            place=Place(name),
            why=str(fault),
            hint="it may be cut short: fetch or copy it again",
        ) from fault
    names = tuple(file.schema_arrow.names)
    expected = file.metadata.num_rows
    path = with_texts(file, path, name, folder)
    bench.parquet("as_written", [path])
    head = Head(name, names, bench.types("as_written"), lines=0)
    reading = reader(head)
    lend_prices(bench, reading)
    bench.parquet(INPUT, [path], reading.names)
    target = folder / "staged.parquet"
    staged = Staged(name, head, reading, target, path, 0, container=Container.PARQUET)
    rows = _write(bench, staged, tick)
    if rows != expected:
        raise SourceError(
            f"{rows:,} rows were read where the file says {expected:,}",
            place=Place(name),
            hint="the file is damaged: write it again",
        )
    return replace(staged, rows=rows)


def _stage_json_lines(
    bench: Workbench, path: Path, name: str, folder: Path, reader: Reader, tick: Tick
) -> Staged | None:
    head, judged = json_head(path, name), False
    while head is not None:
        stream = JsonStream(path, head, MOST_QUARANTINED, judged=judged)
        try:
            return _stage_stream(bench, stream, folder, reader, tick)
        except KeyAppears:
            head = json_head(path, name, whole=True)
        except _NotJson:
            judged = True
    return None


class _NotJson(Exception):
    """Some line that was taken for a row is no JSON."""


def _stage_stream(
    bench: Workbench, stream: JsonStream, folder: Path, reader: Reader, tick: Tick
) -> Staged:
    head, reading = stream.head, reader(stream.head)
    bench.stream(INPUT, stream.reader(), reading.names)
    staged = Staged(
        head.file,
        head,
        reading,
        folder / "staged.parquet",
        stream.plain,
        0,
        container=Container.JSON_LINES,
    )
    try:
        rows = _write(bench, staged, lambda _: tick(stream.share))
    except duckdb.Error as fault:
        if stream.fault is not None:
            raise stream.fault from None
        if NO_JSON in str(fault) and not stream.judged:
            raise _NotJson from None
        raise
    if rows != stream.rows:
        raise SourceError(
            "the rows of the file can't be told apart",
            place=Place(head.file),
            why=f"{stream.rows:,} rows were laid out and {rows:,} read back",
            hint="load again; if that doesn't help, export it as CSV or Parquet",
        )
    misfits = Sifted(rows, stream.misfits, tuple(stream.first)) if stream.misfits else None
    return replace(staged, rows=rows, sifted=misfits)


def _write(bench: Workbench, staged: Staged, tick: Tick, also: Sequence[str] = ()) -> int:
    """Write the charges, and count the rows of the input that they come from."""
    bench.lend(staged.reading.functions)
    values = [exp.alias_(c.value, c.name, quoted=True) for c in staged.reading.columns]
    query = sql(
        "SELECT _values FROM _input AS i",
        _values=[*values, *columns(also)],
        _input=_rows_of(staged.reading),
    )
    rows = bench.write(query, staged.path, tick)
    bench.parquet(STAGED, [staged.path], row_number=True)
    if staged.reading.parts is not None:
        whole = sql("SELECT count(*) AS n FROM _s AS s WHERE _n = 0", _s=table(STAGED), _n=_NUMBER)
        rows = bench.rows(whole)[0]["n"]
    return rows


_STAGINGS = {
    Container.CSV: _stage_csv,
    Container.JSON_LINES: _stage_json_lines,
    Container.PARQUET: _stage_parquet,
}


def _rows_of(reading: Reading) -> exp.Expr:
    """The input's rows with what is prepared, each followed by the charges that it packs."""
    rows: exp.Expr = table(INPUT)
    for level in _levels(reading.prepared):
        rows = exp.Subquery(this=sql("SELECT i.*, _values FROM _i AS i", _values=level, _i=rows))
    if reading.parts is None:
        return rows
    every = expression("SELECT list_prepend(NULL, _parts)", _parts=reading.parts)
    query = sql(
        """
        SELECT w.*, unnest(_every) AS x_Part,
               CAST(generate_subscripts(_every, 1) - 1 AS INTEGER) AS x_PartNumber
        FROM _input AS w
        """,
        _every=every,
        _input=rows,
    )
    return exp.Subquery(this=query)


def _levels(prepared: Iterable[tuple[str, exp.Expr]]) -> list[list[exp.Expr]]:
    """What is prepared, by level: a value that builds on others comes after them.

    Within one SELECT the engine would put the others' expressions in its place,
    and work them out anew for each.
    """
    levels: list[list[exp.Expr]] = []
    level_of: dict[str, int] = {}
    for name, value in prepared:
        needed = [
            level_of[one.name] + 1 for one in value.find_all(exp.Column) if one.name in level_of
        ]
        level = level_of[name] = max(needed, default=0)
        levels += [[]] * (level == len(levels))
        levels[level] = [*levels[level], exp.alias_(value, name, quoted=True)]
    return levels
