"""Rows as they stand in the input, found again for those that are set aside."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sqlglot import exp

from apportion.load.json_rows import records
from apportion.load.sift import FAULT
from apportion.load.stage import STAGED, Staged
from apportion.load.workbench import LONGEST_ROW, Workbench
from apportion.sources.container import Container
from apportion.sources.head import LINE
from apportion.sources.reading import NUMBER
from apportion.store.relation import column, number, sql, table


@dataclass(frozen=True)
class Original:
    """A row of the input: its line (in Parquet its row, from 1) and its texts by column."""

    line: int
    texts: Mapping[str, str | None]


def originals(bench: Workbench, staged: Staged, rows: Iterable[int]) -> dict[int, Original]:
    """The input's rows by their numbers, from 0; they are read anew, so ask for few."""
    places = _places(bench, staged, set(rows))
    wanted = sorted(set(places.values()))
    if not wanted:
        return {}
    if staged.container is Container.PARQUET:
        found = _from_parquet(bench, staged, wanted)
    elif staged.container is Container.JSON_LINES:
        found = dict(_from_json_lines(staged, wanted))
    else:
        texts = _from_lines if staged.numbered and not staged.sifted else _from_records
        found = dict(texts(staged, wanted))
    return {row: found[place] for row, place in places.items()}


def _places(bench: Workbench, staged: Staged, rows: set[int]) -> dict[int, int]:
    """Where rows stand in the input: elsewhere, if rows of the input are several charges."""
    if staged.reading.parts is None or not rows:
        return {row: row for row in rows}
    query = sql(
        """
        SELECT r.Row, r.Place FROM (
            SELECT file_row_number AS Row,
                   count(CASE WHEN _number = 0 THEN 1 END) OVER (ORDER BY file_row_number) - 1
                       AS Place
            FROM _staged AS s
        ) AS r WHERE r.Row IN (_wanted)
        """,
        _number=column(NUMBER),
        _staged=table(STAGED),
        _wanted=[number(row) for row in sorted(rows)],
    )
    return {found["Row"]: found["Place"] for found in bench.rows(query)}


def _from_lines(staged: Staged, wanted: list[int]) -> Iterator[tuple[int, Original]]:
    """Where a row is a line, lines are passed over without being parsed."""
    end, separator = staged.head.line_end.decode(), staged.head.separator
    first = staged.head.lines
    with _opened(staged.text, end) as lines:
        left = iter(wanted)
        row = next(left)
        for number_of_line, line in enumerate(lines):
            if number_of_line == row + first:
                fields = next(csv.reader([line.removesuffix(end)], delimiter=separator))
                yield row, _original(staged, number_of_line + 1, fields)
                row = next(left, -1)
                if row < 0:
                    return


def _from_records(staged: Staged, wanted: list[int]) -> Iterator[tuple[int, Original]]:
    csv.field_size_limit(2 * LONGEST_ROW)
    with _opened(staged.text, "") as lines:
        # What was sifted was written anew, with commas.
        records = csv.reader(lines, delimiter="," if staged.sifted else staged.head.separator)
        next(records)
        found = 0
        left = set(wanted)
        before = records.line_num
        for fields in records:
            if fields:
                if found in left:
                    yield found, _original(staged, before + 1, fields)
                found += 1
                if found > wanted[-1]:
                    return
            before = records.line_num


def _from_json_lines(staged: Staged, wanted: list[int]) -> Iterator[tuple[int, Original]]:
    left = set(wanted)
    for row, (line, record) in enumerate(records(staged.text)):
        if row in left:
            named = zip(staged.reading.names, staged.head.names, strict=True)
            yield row, Original(line, {name: record.get(key) for name, key in named})
        if row == wanted[-1]:
            return


def _opened(path: Path, newline: str) -> TextIO:
    return path.open(encoding="utf-8-sig", errors="replace", newline=newline)


def _original(staged: Staged, line: int, fields: list[str]) -> Original:
    names = [*staged.reading.names, *((LINE, FAULT) if staged.sifted else ())]
    texts = dict(zip(names, fields, strict=False))
    texts.pop(FAULT, None)
    return Original(int(texts.pop(LINE, line)), texts)


def _from_parquet(bench: Workbench, staged: Staged, wanted: list[int]) -> dict[int, Original]:
    names = staged.reading.names
    bench.parquet("as_written", [staged.text], [*names, "file_row_number"], row_number=True)
    texts = [exp.alias_(exp.cast(column(n), "VARCHAR"), n, quoted=True) for n in names]
    query = sql(
        "SELECT file_row_number, _texts FROM _input AS i WHERE file_row_number IN (_wanted)",
        _texts=texts,
        _input=table("as_written"),
        _wanted=[number(row) for row in wanted],
    )
    found: dict[int, Original] = {}
    for texts_of_row in bench.rows(query):
        row = texts_of_row.pop("file_row_number")
        found[row] = Original(row + 1, texts_of_row)
    return found
