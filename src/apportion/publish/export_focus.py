"""Write a period's charges as FOCUS, in the version asked for, and prove that none was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlglot import exp

from apportion.domain.charge import COSTS, Column, Kind
from apportion.domain.finding import Finding, Level
from apportion.domain.money import WIDE
from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot
from apportion.errors import ProofError, UsageError
from apportion.load.faults import PROVEN_COSTS
from apportion.load.workbench import Workbench
from apportion.publish.charges_relation import CHARGES, current_snapshots, register_charges
from apportion.publish.focus_columns import (
    STAND_INS,
    VERSIONS,
    as_text,
    columns_of,
    custom_name,
    stands_in,
    written,
)
from apportion.run.uncarried import uncarried
from apportion.sources.expression import expression
from apportion.sources.tags import TagReader
from apportion.store.books import Books
from apportion.store.lake import Lake
from apportion.store.relation import column, sql, table

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
    check_version(version, VERSIONS)
    snapshots = current_snapshots(books, period, sources)
    with lake.staging() as folder, Workbench(folder) as bench:
        bench.lend_tags(TagReader(remember=True))
        extra = register_charges(bench, lake, snapshots)
        known = columns_of(version)
        part = path.with_name(f".{path.name}.part")
        try:
            query = export_query(CHARGES, known, extra, as_texts=kind == "csv")
            rows = write_export(bench, query, part, kind)
            totals = _prove(bench, snapshots, rows)
            findings = tuple(stood_in(bench, known))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return Exported(path, version, rows, totals, findings)


def check_version(version: str, known: Sequence[str]) -> None:
    """Raise UsageError for a version that can't be written."""
    if version not in known:
        raise UsageError(
            f"FOCUS {version} can't be written", hint=f"ask for one of {', '.join(known)}"
        )


def export_query(
    relation: str, known: Sequence[Column], extra: Sequence[str], *, as_texts: bool
) -> exp.Query:
    """The rows of a relation of charges in the columns of a version, then the bills' own ones."""
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
    return sql("SELECT _values FROM _charges AS c", _values=values, _charges=table(relation))


def write_export(bench: Workbench, query: exp.Query, path: Path, kind: str) -> int:
    """Write the rows of a query as CSV or Parquet, and count them."""
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
    sums = sums_of(bench, CHARGES, column)
    loaded: dict[tuple[str, str], Decimal] = {}
    expected = 0
    for totals in (one for s in snapshots for unit in s.units for one in unit.totals):
        expected += totals.loaded_rows
        for basis, amount in totals.loaded.items():
            key = (totals.currency, basis)
            loaded[key] = WIDE.add(loaded.get(key, Decimal(0)), amount)
    wrong = [key for key, amount in loaded.items() if sums.get(key, Decimal(0)) != amount]
    if wrong or rows != expected:
        raise lost(f"{rows:,} of {expected:,} rows; {wrong}")
    made = sums_of(bench, CHARGES, written)
    for basis in PROVEN_COSTS:
        if not any(uncarried(snapshots, basis)):
            wrong += [
                (currency, basis)
                for (currency, name), amount in loaded.items()
                if name == basis and made[currency, basis] != amount
            ]
    if wrong:
        raise lost(f"stand-ins changed {wrong}")
    return made


def lost(why: str) -> ProofError:
    """The fault of an export whose money isn't that of the bill."""
    return ProofError(
        "what was written isn't what was loaded",
        why=why,
        hint="this is a fault of apportion: please report it; no file was left",
    )


def sums_of(
    bench: Workbench, relation: str, value: Callable[[str], exp.Expr]
) -> Mapping[tuple[str, str], Decimal]:
    """The four costs of a relation of charges, by currency and basis."""
    found = bench.rows(
        sql(
            "SELECT BillingCurrency AS Currency, _sums FROM _charges AS c GROUP BY 1 ORDER BY 1",
            _sums=[exp.alias_(exp.Sum(this=value(b)), f"{b}Sum", quoted=True) for b in COSTS],
            _charges=table(relation),
        )
    )
    return {(row["Currency"], b): row[f"{b}Sum"] or Decimal(0) for row in found for b in COSTS}


def stood_in(bench: Workbench, known: Sequence[Column]) -> Iterator[Finding]:
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
