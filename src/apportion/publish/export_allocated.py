"""FOCUS with the allocation in it: one row for each charge of a pool and each of its receivers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from apportion.domain.charge import BY_NAME, COSTS
from apportion.domain.result import Run
from apportion.domain.snapshot import Snapshot, SnapshotKind
from apportion.errors import NotLoaded
from apportion.load.key_rows import key_rows
from apportion.load.workbench import Workbench
from apportion.model.project import Model
from apportion.publish.allocated_parts import AllocatedPart, allocated_parts
from apportion.publish.charges_relation import CHARGES, register_charges
from apportion.publish.export_focus import (
    Exported,
    check_version,
    export_query,
    lost,
    stood_in,
    sums_of,
    write_export,
)
from apportion.publish.focus_columns import columns_of
from apportion.run.owned_keys import owned_keys
from apportion.run.workspace import Workspace
from apportion.sources.expression import expression
from apportion.sources.tags import TagReader
from apportion.store.relation import column, number, sql, table, text

ALLOCATED = "allocated charges"
VERSIONS = ("1.3", "1.4")
"""Versions that know allocated charges."""

SUMMABLE = (
    *COSTS,
    "PricingCurrencyEffectiveCost",
    "ConsumedQuantity",
    "PricingQuantity",
    "CommitmentDiscountQuantity",
)
"""Columns whose parts add up to the origin charge's; all others are repeated."""

OWN = ("x_OriginId", "x_Owner")
"""Columns of ours: which charge a row is a part of, and who carries it."""

_WANTED, _OWNED, _PARTS = "wanted keys", "owned rows", "allocated parts"
_ORIGINS, _OUT = "origins", "allocated out"


def export_allocated(  # noqa: PLR0913 -- two places, and what is wanted by name
    workspace: Workspace,
    model: Model,
    run: Run,
    *,
    version: str,
    path: Path,
    kind: str = "csv",
    sources: Sequence[str] = (),
) -> Exported:
    """Write a run's charges, those of pools split over who carries them in the end.

    Parts are cut to 18 places, and the receiver with the largest part takes the
    rest, so that the parts of a charge sum to it exactly in every summable
    column. Charges of teams, unallocated ones and pools that are kept as a whole
    stay as they are. `x_OriginId` ties the parts of a charge together.

    Raises UsageError for a version without allocated charges and where the model
    has changed since the run, ProofError where money were lost (no file then).

    Source: FOCUS 1.3 and 1.4, AllocatedMethodDetails and its handling attribute.
    """
    check_version(version, VERSIONS)
    snapshots = _snapshots(workspace, run, sources)
    with workspace.lake.staging() as folder, Workbench(folder) as bench:
        bench.table(_WANTED, owned_keys(workspace, model, run))
        bench.create(_OWNED, _owned(bench, workspace, snapshots))
        bench.table(_PARTS, _as_table(allocated_parts(run)))
        bench.lend_tags(TagReader(remember=True))
        extra = register_charges(bench, workspace.lake, snapshots, numbered=True)
        names = [*BY_NAME, *extra]
        bench.create(ALLOCATED, exp.union(_whole(names), _split(names), distinct=False))
        bench.table(_ORIGINS, _origins(snapshots))
        known = columns_of(version)
        part = path.with_name(f".{path.name}.part")
        try:
            bench.view(_OUT, _named())
            query = export_query(_OUT, known, [*extra, *OWN], as_texts=kind == "csv")
            rows = write_export(bench, query, part, kind)
            totals = _prove(bench)
            findings = tuple(stood_in(bench, known))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return Exported(path, version, rows, totals, findings)


def _snapshots(workspace: Workspace, run: Run, sources: Sequence[str]) -> list[Snapshot]:
    bills = workspace.books.of_kind(run.snapshots, SnapshotKind.CHARGES)
    found = [workspace.books.snapshot(name) for name in bills]
    kept = [one for one in found if not sources or one.source in sources]
    if not kept:
        raise NotLoaded(
            f"the run of {run.period} has no charges of {', '.join(sources)}",
            hint=f"its sources are {', '.join(sorted(one.source for one in found))}",
        )
    return kept


def _owned(bench: Workbench, workspace: Workspace, snapshots: Sequence[Snapshot]) -> exp.Query:
    """(UNIT, ROW, OwnerKind, Owner) of every charge."""
    parts: list[exp.Query] = []
    for source, unit in ((one.source, unit) for one in snapshots for unit in one.units):
        keyed = f"keyed rows of {len(parts)}"
        key_rows(bench, workspace.lake, unit, _WANTED, keyed)
        parts.append(
            sql(
                """
                SELECT _unit AS ApportionUnit, r.RowNumber AS ApportionRow, w.OwnerKind, w.Owner
                FROM _keyed AS r
                JOIN _wanted AS w
                  ON w.KeyId = r.KeyId AND w.Source = _source AND r.Day >= w.SpanStart
                     AND (w.SpanUntil IS NULL OR r.Day < w.SpanUntil)
                """,
                _unit=number(len(parts)),
                _keyed=table(keyed),
                _wanted=table(_WANTED),
                _source=text(source),
            )
        )
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    return whole


def _as_table(parts: Iterable[AllocatedPart]) -> pa.Table:
    """Parts as rows; ratios in three limbs of six digits, so that products stay within 38."""
    listed = list(parts)
    ratios = [abs(part.ratio) for part in listed]
    limbs = ([r % 10**6 for r in ratios], [r // 10**6 % 10**6 for r in ratios],
             [r // 10**12 for r in ratios])  # fmt: skip
    texts = {
        "PartPool": [part.pool for part in listed],
        "PartCurrency": [part.currency for part in listed],
        "PartMethod": [part.method for part in listed],
        "PartDetails": [part.details for part in listed],
        "PartResource": [part.resource for part in listed],
        "PartName": [part.name for part in listed],
        "PartTags": [part.tags for part in listed],
        "PartOwner": [part.owner for part in listed],
    }
    numbers = {
        "PartSign": [-1 if part.ratio < 0 else 1 for part in listed],
        **{f"PartLimb{n}": limb for n, limb in enumerate(limbs)},
    }
    made = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    made |= {name: pa.array(values, pa.int64()) for name, values in numbers.items()}
    made["TakesRest"] = pa.array([part.takes_rest for part in listed], pa.bool_())
    return pa.table(made)


def _whole(names: Sequence[str]) -> exp.Query:
    """Charges that aren't split."""
    return sql(
        """
        SELECT _values, c.ApportionUnit, c.ApportionRow,
               CASE WHEN o.OwnerKind = 'unallocated' THEN o.Owner
                    ELSE o.OwnerKind || ' ' || o.Owner END AS x_Owner
        FROM _charges AS c
        JOIN _owned AS o
          ON o.ApportionUnit = c.ApportionUnit AND o.ApportionRow = c.ApportionRow
        WHERE o.OwnerKind <> 'pool' OR NOT EXISTS (
            SELECT 1 FROM _parts AS p
            WHERE p.PartPool = o.Owner AND p.PartCurrency = c.BillingCurrency
        )
        """,
        _values=[exp.alias_(column(name, "c"), name, quoted=True) for name in names],
        _charges=table(CHARGES),
        _owned=table(_OWNED),
        _parts=table(_PARTS),
    )


def _split(names: Sequence[str]) -> exp.Query:
    """Charges of pools, one row for each receiver."""
    cut = [exp.alias_(_cut(name), f"Cut{name}", quoted=True) for name in SUMMABLE]
    parts = sql(
        """
        SELECT c.*, p.*, _cut
        FROM _charges AS c
        JOIN _owned AS o
          ON o.ApportionUnit = c.ApportionUnit AND o.ApportionRow = c.ApportionRow
        JOIN _parts AS p
          ON o.OwnerKind = 'pool' AND p.PartPool = o.Owner
             AND p.PartCurrency = c.BillingCurrency
        """,
        _cut=cut,
        _charges=table(CHARGES),
        _owned=table(_OWNED),
        _parts=table(_PARTS),
    )
    return sql(
        """
        SELECT _values, s.ApportionUnit, s.ApportionRow, s.PartOwner AS x_Owner
        FROM _rows AS s
        """,
        _values=[exp.alias_(_value(name), name, quoted=True) for name in names],
        _rows=parts,
    )


_UNITS = """
SELECT CAST(replace(CAST(CAST(_it AS DECIMAL(38, 18)) AS VARCHAR), '.', '') AS HUGEINT)
"""
_DECIMAL = """
SELECT CAST(
    CASE WHEN _units < 0 THEN '-' ELSE '' END
    || CAST(abs(_units) // 1000000000000000000 AS VARCHAR) || '.'
    || lpad(CAST(abs(_units) % 1000000000000000000 AS VARCHAR), 18, '0')
AS DECIMAL(38, 18))
"""


def _cut(name: str) -> exp.Expr:
    """A receiver's part of an amount, cut to 18 places; none for whoever takes the rest.

    In whole numbers: three limbs of the ratio by Horner's rule, so that no product
    has more than 38 digits.
    """
    return expression(
        """
        SELECT CASE WHEN NOT p.TakesRest THEN
            (((abs(_units) * p.PartLimb0) // 1000000 + abs(_units) * p.PartLimb1) // 1000000
             + abs(_units) * p.PartLimb2) // 1000000 * sign(_units) * p.PartSign
        END
        """,
        _units=expression(_UNITS, _it=column(name, "c")),
    )


def _value(name: str) -> exp.Expr:
    """A column of an allocated charge."""
    if name in SUMMABLE:
        return expression(
            """
            SELECT CASE WHEN s.TakesRest THEN _whole - coalesce(sum(_part) OVER (
                       PARTITION BY s.ApportionUnit, s.ApportionRow), 0)
                   ELSE _part END
            """,
            _whole=_amount(name, "s"),
            _part=_decimal(column(f"Cut{name}", "s")),
        )
    if name in _ALLOCATED_AS:
        return column(_ALLOCATED_AS[name], "s")
    return column(name, "s")


_ALLOCATED_AS = {
    "AllocatedMethodId": "PartMethod",
    "AllocatedMethodDetails": "PartDetails",
    "AllocatedResourceId": "PartResource",
    "AllocatedResourceName": "PartName",
    "AllocatedTags": "PartTags",
}


def _decimal(units: exp.Expr) -> exp.Expr:
    """Units of the 18th place as an amount."""
    return expression(_DECIMAL, _units=units)


def _origins(snapshots: Sequence[Snapshot]) -> pa.Table:
    """An id of each unit that stays from export to export."""
    units = [unit.id for one in snapshots for unit in one.units]
    return pa.table({"ApportionUnit": list(range(len(units))), "UnitId": units})


def _named() -> exp.Query:
    """Allocated charges with the id of their origin: its unit and row."""
    return sql(
        """
        SELECT a.*, left(u.UnitId, 16) || ':' || CAST(a.ApportionRow + 1 AS VARCHAR) AS x_OriginId
        FROM _allocated AS a JOIN _units AS u ON u.ApportionUnit = a.ApportionUnit
        ORDER BY a.ApportionUnit, a.ApportionRow, a.x_Owner, a.AllocatedResourceId
        """,
        _allocated=table(ALLOCATED),
        _units=table(_ORIGINS),
    )


def _prove(bench: Workbench) -> dict[tuple[str, str], Decimal]:
    """The money of the parts is that of the charges, in every column that sums, origin by origin.

    Raises ProofError otherwise; gives the sums by currency and basis.
    """
    parts, whole = ("SELECT coalesce(sum(_it), 0)", "SELECT coalesce(_it, 0)")
    sums = [expression(parts, _it=_amount(name, "a")) for name in SUMMABLE]
    one = [expression(whole, _it=_amount(name, "c")) for name in SUMMABLE]
    (wrong,) = bench.rows(
        sql(
            """
            SELECT count(*) AS n FROM (
                (SELECT a.ApportionUnit, a.ApportionRow, _sums FROM _allocated AS a
                 GROUP BY a.ApportionUnit, a.ApportionRow)
                EXCEPT ALL
                (SELECT c.ApportionUnit, c.ApportionRow, _one FROM _charges AS c)
            ) AS d
            """,
            _sums=sums,
            _one=one,
            _allocated=table(ALLOCATED),
            _charges=table(CHARGES),
        )
    )
    origins = [
        bench.rows(
            sql(
                """
                SELECT count(*) AS n FROM (
                    SELECT DISTINCT c.ApportionUnit, c.ApportionRow FROM _c AS c) AS o
                """,
                _c=table(name),
            )
        )[0]["n"]
        for name in (ALLOCATED, CHARGES)
    ]
    if wrong["n"] or origins[0] != origins[1]:
        raise lost(f"{wrong['n']:,} of {origins[1]:,} charges; {origins[0]:,} were written")
    return dict(sums_of(bench, ALLOCATED, column))


def _amount(name: str, of: str) -> exp.Expr:
    return exp.cast(column(name, of), "DECIMAL(38, 18)")
