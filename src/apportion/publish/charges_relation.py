"""All charges of a period as one relation, with every column that any bill has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from apportion.domain.charge import BY_NAME, COSTS
from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Snapshot, Unit
from apportion.errors import NotLoaded
from apportion.load.workbench import CANONICAL_TAGS, Workbench
from apportion.publish.focus_columns import typed_null
from apportion.run.uncarried import is_completed
from apportion.sources.expression import expression
from apportion.sources.reading import NUMBER, PART
from apportion.store.books import Books
from apportion.store.lake import Lake
from apportion.store.relation import column, number, sql, table

CHARGES = "charges"
UNIT, ROW = "ApportionUnit", "ApportionRow"
"""Where a charge lies: its unit among those of the snapshots, and its row there, from 0."""


def current_snapshots(books: Books, period: Period, sources: Sequence[str]) -> list[Snapshot]:
    """What is current of a period; raises NotLoaded where there is nothing."""
    found = [
        one
        for one in books.current(period=period, quarantined=False)
        if not sources or one.source in sources
    ]
    if not found:
        of = f" of {', '.join(sources)}" if sources else ""
        raise NotLoaded(
            f"no charges{of} are loaded for {period}", hint="load the bill: `apportion load`"
        )
    return found


def register_charges(
    bench: Workbench, lake: Lake, snapshots: Iterable[Snapshot], *, numbered: bool = False
) -> tuple[str, ...]:
    """Make the relation CHARGES of all units, with every column that any of them has.

    Of two exports of the same charges each carries what the other doesn't: such a
    cost is zero in the one that lacks it, or a stand-in would count it twice.
    With `numbered` each has UNIT and ROW, by which it can be found again.
    """
    held_by = [(one, unit) for one in snapshots for unit in one.units]
    units = [unit for _, unit in held_by]
    elsewhere = [
        {b for b in COSTS if b not in unit.bases and is_completed(unit, one, b)}
        for one, unit in held_by
    ]
    names = [f"unit {number}" for number in range(len(units))]
    paths = [lake.checked(_charges(unit)) for unit in units]
    for name, path in zip(names, paths, strict=True):
        bench.parquet(name, [path], row_number=numbered)
    held = [pq.read_schema(path) for path in paths]
    extra = tuple(
        dict.fromkeys(
            name
            for schema in held
            for name in schema.names
            if name not in BY_NAME and name not in {PART, NUMBER}
        )
    )
    parts: list[exp.Query] = [
        sql(
            "SELECT _values FROM _unit AS u",
            _values=[*_every(schema, extra, zero), *(_numbers(place) if numbered else ())],
            _unit=table(name),
        )
        for place, (name, schema, zero) in enumerate(zip(names, held, elsewhere, strict=True))
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    bench.view(CHARGES, whole)
    return extra


def _charges(unit: Unit) -> LakeFile:
    (file,) = (one for one in unit.files if one.role == "charges")
    return file


def _numbers(place: int) -> Iterator[exp.Expr]:
    yield exp.alias_(number(place), UNIT, quoted=True)
    yield exp.alias_(column("file_row_number"), ROW, quoted=True)


def _every(schema: pa.Schema, extra: Iterable[str], zero: Collection[str]) -> Iterator[exp.Expr]:
    there = set(schema.names)
    for name, one in BY_NAME.items():
        value = column(name) if name in there else typed_null(one)
        if name in zero:
            value = expression("SELECT CAST(0 AS DECIMAL(38, 18))")
        if name == "Tags" and name in there:
            value = exp.Anonymous(this=CANONICAL_TAGS, expressions=[value])
        yield exp.alias_(value, name, quoted=True)
    for name in extra:
        value = exp.cast(column(name), "VARCHAR") if name in there else exp.cast(exp.null(), "TEXT")
        yield exp.alias_(value, name, quoted=True)
