"""Write a period's charges as FOCUS, in the version asked for, and prove that none was lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from apportion.domain.charge import BY_NAME, COSTS, Column, Kind
from apportion.domain.finding import Finding, Level
from apportion.domain.money import WIDE
from apportion.domain.period import Period
from apportion.domain.snapshot import LakeFile, Snapshot, Unit
from apportion.errors import NotLoaded, ProofError, UsageError
from apportion.load.faults import PROVEN_COSTS
from apportion.load.workbench import CANONICAL_TAGS, Workbench
from apportion.publish.focus_columns import (
    STAND_INS,
    VERSIONS,
    as_text,
    columns_of,
    custom_name,
    stands_in,
    typed_null,
    written,
)
from apportion.run.uncarried import is_completed, uncarried
from apportion.sources.expression import expression
from apportion.sources.reading import NUMBER, PART
from apportion.sources.tags import TagReader
from apportion.store.books import Books
from apportion.store.lake import Lake
from apportion.store.relation import column, sql, table

CHARGES = "charges"
FORMATS = ("csv", "parquet")


@dataclass(frozen=True)
class Exported:
    """What was written: rows and money by currency and basis, and what stands in for what."""

    path: Path
    version: str
    rows: int
    totals: Mapping[tuple[str, str], Decimal]
    findings: tuple[Finding, ...]


def export_focus(  # noqa: PLR0913 -- two places, and what is wanted by name
    books: Books,
    lake: Lake,
    *,
    period: Period,
    version: str,
    path: Path,
    kind: str = "csv",
    sources: Sequence[str] = (),
) -> Exported:
    """Write the current charges of a billing period, of all sources or of those named.

    The file appears whole or not at all. Columns are those of the version in
    the order of their names, then the bills' own ones under ``x_`` names.
    Quarantined rows aren't charges, and aren't written.

    Raises NotLoaded where the period has no charges, UsageError for a version
    that can't be written, ProofError where what was written isn't what was loaded.

    Source: FOCUS 1.2, 1.3, 1.4; custom columns as its attribute rules name them.
    """
    if version not in VERSIONS:
        raise UsageError(
            f"FOCUS {version} can't be written", hint=f"ask for one of {', '.join(VERSIONS)}"
        )
    snapshots = _snapshots(books, period, sources)
    with lake.staging() as folder, Workbench(folder) as bench:
        bench.lend_tags(TagReader(remember=True))
        extra = _register(bench, lake, snapshots)
        known = columns_of(version)
        part = path.with_name(f".{path.name}.part")
        try:
            rows = _write(bench, _query(known, extra, as_texts=kind == "csv"), part, kind)
            totals = _prove(bench, snapshots, rows)
            findings = tuple(_stood_in(bench, known))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return Exported(path, version, rows, totals, findings)


def _snapshots(books: Books, period: Period, sources: Sequence[str]) -> list[Snapshot]:
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


def _register(bench: Workbench, lake: Lake, snapshots: Iterable[Snapshot]) -> tuple[str, ...]:
    """Make the relation CHARGES of all units, with every column that any of them has.

    Of two exports of the same charges each carries what the other doesn't: such a
    cost is zero in the one that lacks it, or a stand-in would count it twice.
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
        bench.parquet(name, [path])
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
            _values=list(_every(schema, extra, zero)),
            _unit=table(name),
        )
        for name, schema, zero in zip(names, held, elsewhere, strict=True)
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    bench.view(CHARGES, whole)
    return extra


def _charges(unit: Unit) -> LakeFile:
    (file,) = (one for one in unit.files if one.role == "charges")
    return file


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


def _query(known: Sequence[Column], extra: Sequence[str], *, as_texts: bool) -> exp.Query:
    values: list[exp.Expr] = []
    for one in known:
        value = written(one.name)
        if as_texts:
            value = as_text(one, value)
        elif one.kind is Kind.TIME:
            value = expression("SELECT CAST(_value AS TIMESTAMPTZ)", _value=value)
        values.append(exp.alias_(value, one.name, quoted=True))
    taken = [one.name for one in known]
    for name in extra:
        taken.append(custom_name(name, taken))
        values.append(exp.alias_(column(name), taken[-1], quoted=True))
    return sql("SELECT _values FROM _charges AS c", _values=values, _charges=table(CHARGES))


def _write(bench: Workbench, query: exp.Query, path: Path, kind: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "parquet":
        return bench.write(query, path)
    return bench.write_csv(query, path)


def _prove(
    bench: Workbench, snapshots: Sequence[Snapshot], rows: int
) -> Mapping[tuple[str, str], Decimal]:
    """The money written, by currency and basis, stand-ins included.

    Without these it must be what the books say was loaded, and with them too for
    the billed and the effective cost, wherever all files carry them.
    """
    sums = _sums(bench, column)
    loaded: dict[tuple[str, str], Decimal] = {}
    expected = 0
    for totals in (one for s in snapshots for unit in s.units for one in unit.totals):
        expected += totals.loaded_rows
        for basis, amount in totals.loaded.items():
            key = (totals.currency, basis)
            loaded[key] = WIDE.add(loaded.get(key, Decimal(0)), amount)
    wrong = [key for key, amount in loaded.items() if sums.get(key, Decimal(0)) != amount]
    if wrong or rows != expected:
        raise _lost(f"{rows:,} of {expected:,} rows; {wrong}")
    made = _sums(bench, written)
    for basis in PROVEN_COSTS:
        if not any(uncarried(snapshots, basis)):
            wrong += [
                (currency, basis)
                for (currency, name), amount in loaded.items()
                if name == basis and made[currency, basis] != amount
            ]
    if wrong:
        raise _lost(f"stand-ins changed {wrong}")
    return made


def _lost(why: str) -> ProofError:
    return ProofError(
        "what was written isn't what was loaded",
        why=why,
        hint="this is a fault of apportion: please report it; no file was left",
    )


def _sums(bench: Workbench, value: Callable[[str], exp.Expr]) -> Mapping[tuple[str, str], Decimal]:
    found = bench.rows(
        sql(
            "SELECT BillingCurrency AS Currency, _sums FROM _charges AS c GROUP BY 1 ORDER BY 1",
            _sums=[exp.alias_(exp.Sum(this=value(b)), f"{b}Sum", quoted=True) for b in COSTS],
            _charges=table(CHARGES),
        )
    )
    return {(row["Currency"], b): row[f"{b}Sum"] or Decimal(0) for row in found for b in COSTS}


def _stood_in(bench: Workbench, known: Sequence[Column]) -> Iterator[Finding]:
    """A note for each column in which rows had nothing that FOCUS allows."""
    asked = [one.name for one in known if one.name in STAND_INS]
    counts = [
        exp.alias_(
            expression("SELECT count(CASE WHEN _it THEN 1 END)", _it=stands_in(name)),
            name,
            quoted=True,
        )
        for name in asked
    ]
    (row,) = bench.rows(
        sql("SELECT _counts FROM _charges AS c", _counts=counts, _charges=table(CHARGES))
    )
    for name in asked:
        if row[name]:
            level = Level.WARNING if name in COSTS else Level.NOTE
            yield Finding(
                "export-stand-in",
                level,
                f"{name} says nothing that FOCUS allows in {row[name]:,} rows; "
                f"{STAND_INS[name].words} is written",
                hint="have the bill carry it, if those who read the export need it",
                rows=row[name],
            )
