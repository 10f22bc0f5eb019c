"""The records of a gateway's export, one by one: CSV, JSON lines, a JSON list or answer, Parquet.

Gateways log what people wrote beside what it cost. Of a record that is set aside only the fields
are shown that its format names: never a prompt, never an answer.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apportion.errors import Place, SourceError
from apportion.sources.files import InputFile
from apportion.sources.usage.csv_records import csv_records
from apportion.sources.usage.gateway_files import json_objects, parquet_objects
from apportion.sources.usage.usage_format import UsageBatch
from apportion.sources.usage.usage_rows import UsageRows
from apportion.sources.usage.usage_texts import open_text

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """What an export looks like: what it is called, the fields that each record must have, those
    that may be shown of one, and under which key an answer holds its list.
    """

    what: str
    needs: tuple[str, ...]
    shown: tuple[str, ...]
    hint: str
    inside: tuple[str, ...] = ("data",)
    refuse: Callable[[Sequence[str]], str] = lambda _: ""
    """Why records with these fields mustn't be loaded; empty where they may."""


class DiscreetRows(UsageRows):
    """Rows that show of a record set aside only the fields that its format names."""

    shown: tuple[str, ...] = ()

    def reject(self, line: int | None, column: str, reason: str, hint: str, row: Row) -> None:
        super().reject(line, column, reason, hint, {n: row[n] for n in self.shown if n in row})


def read_records(
    file: InputFile, shape: Shape, record: Callable[[Row], Mapping[str, object] | None]
) -> Iterator[UsageBatch]:
    """Make a usage record of each record; None is none of its own, and is counted as skipped.

    What `record` raises as ValueError, TypeError or KeyError sets the record aside.
    """
    rows = discreet(shape)
    for line, row in objects(file, shape, rows):
        try:
            made = record(row)
        except (ValueError, TypeError, KeyError) as fault:
            why = f"{fault} is missing" if isinstance(fault, KeyError) else str(fault)
            rows.reject(line, "", why, shape.hint, row)
            continue
        if made is None:
            rows.skip()
        else:
            rows.add(line, **{name: one for name, one in made.items() if one is not None})
        yield from rows.batches()
    yield from rows.batches(last=True)


def discreet(shape: Shape) -> DiscreetRows:
    rows = DiscreetRows()
    rows.shown = shape.shown
    return rows


def objects(file: InputFile, shape: Shape, rows: UsageRows) -> Iterator[tuple[int | None, Row]]:
    """Each record with its line; raises SourceError for a file that is no such export."""
    seen = False
    for line, row in _found(file, shape, rows):
        if not seen:
            _check(file, shape, list(row))
            seen = True
        yield line, row


def _found(file: InputFile, shape: Shape, rows: UsageRows) -> Iterator[tuple[int | None, Row]]:
    with file.path.open("rb") as opened:
        if opened.read(4) == b"PAR1":
            yield from parquet_objects(file)
            return
    with open_text(file) as text:
        opening = text.read(4096).lstrip()[:1]
    if opening and opening in "{[":
        for line, found in json_objects(file):
            if found is None:
                rows.reject(line, "", "the line is no JSON", shape.hint, {})
            else:
                yield from _unfolded(line, found, shape)
    elif opening:
        with open_text(file) as text:
            _check(file, shape, [name.strip() for name in next(csv.reader(text), [])])
        yield from csv_records(file, (), rows, shape.what)


def _unfolded(line: int | None, found: Row, shape: Shape) -> Iterator[tuple[int | None, Row]]:
    """The records of an object: its list, or itself; what says how it was fetched is none."""
    if set(found) == {"apportion_pull"}:
        return
    for key in shape.inside:
        inner = found.get(key)
        if isinstance(inner, list):
            yield from ((line, one) for one in inner if isinstance(one, dict))
            return
        if isinstance(inner, dict) and len(found) == 1:
            yield line, inner
            return
    yield line, found


def _check(file: InputFile, shape: Shape, names: Sequence[str]) -> None:
    if why := shape.refuse(names):
        raise SourceError(why, place=Place(file.name, 1), hint=shape.hint)
    lacking = [name for name in shape.needs if name not in names]
    if lacking:
        raise SourceError(
            f"no {shape.what}: {lacking[0]!r} is missing",
            place=Place(file.name, 1),
            why=f"a record has {', '.join(names)[:300] or 'nothing'}",
            hint=shape.hint,
        )
