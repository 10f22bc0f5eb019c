"""Rows that a join looks up: the values of some columns, and the ordinal that they decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.globs import Form
from apportion.store.relation import column, number

T = TypeVar("T")

Row = tuple[tuple[str, ...], int, int, int]
"""Values, first span, last span, ordinal."""

Range = tuple[int, int]


class Part(NamedTuple):
    """A column as it is, or the first or last `length` characters of it."""

    column: str
    form: Form = Form.EXACT
    length: int = 0

    def of(self, value: exp.Expr) -> exp.Expr:
        """The part of a value."""
        if self.form is Form.EXACT:
            return value
        end = exp.Left if self.form is Form.PREFIX else exp.Right
        return end(this=value, expression=number(self.length))


@dataclass
class Lookup:
    """Rows of a join: values of its parts, the spans in which they count, and the ordinal.

    Two rows never count for the same values in the same span: the first one
    that is added wins, so a join finds one row at most.
    """

    parts: tuple[Part, ...]
    rows: dict[tuple[str, ...], list[tuple[int, int, int]]] = field(default_factory=dict)

    def add(self, values: tuple[str, ...], spans: Range, ordinal: int) -> None:
        """Add a row behind those that are there, for the spans that none of them covers."""
        known = self.rows.get(values)
        if known is None:
            self.rows[values] = [(*spans, ordinal)]
        elif (known[0][0], known[-1][1]) != spans or len(known) > 1:
            gaps = _gaps(known, spans)
            known.extend((first, last, ordinal) for first, last in gaps)
            known.sort()

    def flat(self) -> list[Row]:
        """All rows, each with its spans and ordinal."""
        return [(values, *row) for values, rows in self.rows.items() for row in rows]


def _gaps(taken: list[tuple[int, int, int]], spans: Range) -> Iterator[Range]:
    """The parts of a range of spans that sorted, separate ranges leave free.

    >>> list(_gaps([(1, 2, 0), (4, 4, 0)], (0, 6)))
    [(0, 0), (3, 3), (5, 6)]
    """
    start, end = spans
    for first, last, _ in list(taken):
        if start < first and start <= end:
            yield start, min(first - 1, end)
        start = max(start, last + 1)
    if start <= end:
        yield start, end


def relation_of(width: int, rows: Sequence[Row]) -> pa.Table:
    """Rows as a relation: V0, V1, … for the values, FirstSpan, LastSpan, Ordinal."""
    values = zip(*(row[0] for row in rows), strict=True) if rows else ((),) * width
    arrays = {f"V{n}": pa.array(each, pa.string()) for n, each in enumerate(values)}
    numbers = zip(*(row[1:4] for row in rows), strict=True) if rows else ((),) * 3
    names = ("FirstSpan", "LastSpan", "Ordinal")
    for name, each in zip(names, numbers, strict=True):
        arrays[name] = pa.array(each, pa.int32())
    return pa.table(arrays)


def join_on(
    parts: Sequence[Part], see: Callable[[str], exp.Expr], alias: str, span: exp.Expr | None
) -> exp.Expr:
    """The condition under which a charge finds a row of the relation under an alias.

    Without a `span`, there is but one, and every row counts in it.
    """
    tests: list[exp.Expr] = [
        exp.EQ(this=part.of(see(part.column)), expression=column(f"V{n}", alias))
        for n, part in enumerate(parts)
    ]
    return exp.and_(*tests, *([within(alias, span)] if span else []))


def within(alias: str, span: exp.Expr) -> exp.Expr:
    """The condition that a span is one in which a row of the relation under an alias counts."""
    return exp.Between(this=span, low=column("FirstSpan", alias), high=column("LastSpan", alias))


def batches(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items in groups of a size, in order.

    >>> batches([1, 2, 3], 2)
    [[1, 2], [3]]
    """
    return [items[start : start + size] for start in range(0, len(items), size)]
