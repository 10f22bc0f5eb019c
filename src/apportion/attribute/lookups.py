"""Rows that a join looks up: the values of some columns, and the ordinal that they decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.globs import Form
from apportion.store.relation import column, number

T = TypeVar("T")

Run = tuple[int, int, int]
"""The first and the last of some neighbouring spans, and the ordinal that decides in them."""

Row = tuple[tuple[str, ...], Run]
"""The values of some columns, and what they decide."""


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
    rows: dict[tuple[str, ...], tuple[Run, ...]] = field(default_factory=dict)

    def add(self, values: tuple[str, ...], run: Run) -> None:
        """Add a row behind those that are there, for the spans that none of them covers."""
        known = self.rows.setdefault(values, (run,))
        if known[0][:2] != run[:2] or len(known) > 1:
            self.rows[values] = tuple(sorted((*known, *_gaps(known, run))))

    def flat(self) -> list[Row]:
        """All rows, each with its spans and ordinal."""
        return [(values, run) for values, runs in self.rows.items() for run in runs]


def _gaps(taken: Iterable[Run], run: Run) -> Iterator[Run]:
    """The parts of a run that sorted, separate runs leave free.

    >>> list(_gaps([(1, 2, 0), (4, 4, 0)], (0, 6, 9)))
    [(0, 0, 9), (3, 3, 9), (5, 6, 9)]
    """
    start, end, ordinal = run
    for first, last, _ in taken:
        if start < first and start <= end:
            yield start, min(first - 1, end), ordinal
        start = max(start, last + 1)
    if start <= end:
        yield start, end, ordinal


def relation_of(width: int, rows: Sequence[Row]) -> pa.Table:
    """Rows as a relation: V0, V1, … for the values, FirstSpan, LastSpan, Ordinal."""
    arrays = {f"V{n}": pa.array([row[0][n] for row in rows], pa.string()) for n in range(width)}
    for n, name in enumerate(("FirstSpan", "LastSpan", "Ordinal")):
        arrays[name] = pa.array([row[1][n] for row in rows], pa.int32())
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
