"""FOCUS CostAndUsage, 1.0-preview and 1.0 to 1.4, as CSV, JSON lines or Parquet.

Source: FOCUS specification 1.0 to 1.4. The version is recognised from the
columns. A column that the proof or the statement can't do without is needed;
where an export is known not to have it, the source says so in `without`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from apportion.domain.charge import BY_NAME, COSTS, Kind, version_of
from apportion.domain.finding import Finding, Level
from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.columns import findings_for_missing, match_columns, missing_columns
from apportion.sources.expression import expression
from apportion.sources.head import LINE, Head
from apportion.sources.moment import lacks_zone
from apportion.sources.preview import (
    ABSENT,
    VERSION,
    as_released,
    is_preview,
    released_name,
)
from apportion.sources.reading import ReadColumn, Reading, is_float, is_record, read_column
from apportion.store.relation import text as literal

NEEDED = (
    "BilledCost",
    "EffectiveCost",
    "BillingCurrency",
    "BillingPeriodStart",
    "ChargePeriodStart",
)
"""Without these a row has no money, no currency or no month."""

_WHY = {
    "BilledCost": "it is the cost that invoices are reconciled on",
    "EffectiveCost": "it is the cost that teams are shown",
    "BillingCurrency": "an amount without a currency is no money",
    "BillingPeriodStart": "it says which month's bill a row belongs to",
    "ChargePeriodStart": "it says on which day a charge arose",
}

_ONE_OF = (("BilledCost", "EffectiveCost"), ("BillingPeriodStart", "ChargePeriodStart"))
"""Of each pair one must be there, whatever `without` says."""


def read_focus(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """How a FOCUS file is read; `currency` stands in only where `without` says so.

    Raises SourceError for a column that comes twice or a needed one that is missing.
    """
    matched = match_columns(head.names, head.file)
    preview = is_preview(matched.names)
    read = _columns(matched.names, head.types, preview=preview)
    names = tuple(column.name for column in read)
    _refuse_missing(names, spec, head.file)
    version = version_of(names)
    kinds = dict(zip(matched.names, head.types, strict=True))
    types = {column.name: kinds[column.written or column.name] for column in read}
    bases = tuple(basis for basis in COSTS if basis in names)
    known_lacking = {*NEEDED, *spec.without, *(ABSENT if preview else ())}
    missing = missing_columns(names, version, known_lacking)
    columns = (*read, *_stand_ins(read, currency))
    return Reading(
        version=VERSION if preview else version,
        bases=bases,
        names=matched.names,
        columns=as_released(columns) if preview else columns,
        findings=(
            *matched.findings,
            *findings_for_missing(missing, version, head.file),
            *_findings_for_floats(types, bases, head.file),
            *_findings_for_zones(head, names),
        ),
        tags_are_records=is_record(types.get("Tags", "")),
    )


def _columns(
    written: Sequence[str], types: Sequence[str], *, preview: bool
) -> tuple[ReadColumn, ...]:
    """The file's columns in order, under the names that FOCUS has for them since 1.0."""
    found = []
    for name, kind in zip(written, types, strict=True):
        if name == LINE:
            continue
        released = released_name(name, written) if preview else name
        read = read_column(name, _kind(released), kind)
        found.append(replace(read, name=released, written=name if name != released else ""))
    return tuple(found)


def _kind(name: str) -> Kind:
    return BY_NAME[name].kind if name in BY_NAME else Kind.TEXT


def _refuse_missing(names: Sequence[str], spec: SourceSpec, file: str) -> None:
    lacking = [name for name in NEEDED if name not in names and name not in spec.without]
    hint = f"add it to the export, or declare `without: [{', '.join(lacking)}]` for this source"
    for either in _ONE_OF:
        if set(either).isdisjoint(names):
            lacking += [name for name in either if name not in lacking]
            hint = f"add it to the export; {' or '.join(either)} must be there at least"
    if not lacking:
        return
    several = len(lacking) > 1
    raise SourceError(
        f"{'needed columns are' if several else 'a needed column is'} missing: "
        + ", ".join(lacking),
        place=Place(file, 1),
        why="; ".join(f"{name}: {_WHY[name]}" for name in lacking),
        hint=hint,
    )


def _stand_ins(read: Sequence[ReadColumn], currency: str) -> list[ReadColumn]:
    """What stands in for columns that are known to be missing, so that all charges look alike."""
    there = {found.name: found.value for found in read}
    found: list[ReadColumn] = [
        ReadColumn(name, Kind.DECIMAL, expression("SELECT CAST(NULL AS DECIMAL(38, 18))"))
        for name in COSTS
        if name not in there
    ]
    if "BillingCurrency" not in there:
        found.append(ReadColumn("BillingCurrency", Kind.TEXT, literal(currency)))
    if "ChargePeriodStart" not in there:
        start = there["BillingPeriodStart"]
        found.append(ReadColumn("ChargePeriodStart", Kind.TIME, start.copy()))
    if "BillingPeriodStart" not in there:
        month = "SELECT CAST(date_trunc('month', _start) AS TIMESTAMP)"
        start = there["ChargePeriodStart"]
        found.append(ReadColumn("BillingPeriodStart", Kind.TIME, expression(month, _start=start)))
    return found


def _findings_for_floats(
    types: dict[str, str], bases: Sequence[str], file: str
) -> tuple[Finding, ...]:
    floats = [basis for basis in bases if is_float(types[basis])]
    if not floats:
        return ()
    return (
        Finding(
            "cost-float",
            Level.WARNING,
            f"binary floating point holds {', '.join(floats)}: read by its shortest decimal form",
            Place(file),
            hint="export decimals; a float can't hold most amounts exactly",
        ),
    )


def _findings_for_zones(head: Head, names: Sequence[str]) -> tuple[Finding, ...]:
    shown = [name for name in head.names if name != LINE]
    without_zone = [
        name
        for written, name in zip(shown, names, strict=True)
        if _kind(name) is Kind.TIME and any(lacks_zone(row[written]) for row in head.sample)
    ]
    if not without_zone:
        return ()
    return (
        Finding(
            "time-without-zone",
            Level.NOTE,
            f"times without a zone are taken as UTC: {', '.join(without_zone)}",
            Place(head.file),
            hint="FOCUS writes times as 2026-10-01T00:00:00Z",
        ),
    )
