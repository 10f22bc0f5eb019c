"""The rows of bills behind statement lines: the last step from a figure back to the invoice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from apportion.domain.money import WIDE
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Run
from apportion.domain.snapshot import SnapshotKind, Unit
from apportion.errors import ProofError
from apportion.load.key_rows import key_rows
from apportion.load.workbench import Workbench
from apportion.model.project import Model
from apportion.run.explain import Explanation
from apportion.run.owned_keys import owned_keys
from apportion.run.workspace import Workspace
from apportion.sources.reading import NUMBER
from apportion.store.relation import column, number, sql, table, text

WANTED, LINES, BEHIND = "wanted keys", "lines", "rows behind lines"


@dataclass(frozen=True)
class BillRow:
    """One charge of a bill. `row` counts the file's rows from 1, without the header.

    It is None where rows of the file were set aside, belong to several billing
    periods, or pack several charges: then they can't be told by number. `pool` is
    the pool that it fell into, behind a line of a pool, and `weight` the exact
    fraction of its amount that is in the line.
    """

    day: date
    source: str
    file: str
    row: int | None
    resource: str
    service: str
    rule: str
    amount: Decimal
    pool: str = ""
    weight: Fraction = Fraction(1)

    @property
    def carried(self) -> Fraction:
        """What of its amount is in the line, exact."""
        return Fraction(self.amount) * self.weight


@dataclass(frozen=True)
class RowsBehind:
    """The largest rows behind a line, and what all of them are: `count` rows of `total`.

    For a line of a pool they are the rows of the pool, and of the pools that charge it, near
    or far; the line holds of each its weight, and all of that sums to the line.
    """

    line: str
    currency: str
    rows: tuple[BillRow, ...]
    count: int
    total: Decimal

    @property
    def shown(self) -> Decimal:
        return reduce(WIDE.add, (row.amount for row in self.rows), Decimal(0))


def rows_behind(
    workspace: Workspace, model: Model, run: Run, found: Sequence[Explanation], most: int | None
) -> dict[str, RowsBehind]:
    """By line, the `most` largest rows of bills behind it, or all; together they sum to it.

    Raises UsageError when the model has changed since the run, LakeError where
    charges are lost or damaged, ProofError if the rows didn't sum to the line
    (a fault of the program).
    """
    with workspace.lake.staging() as folder, Workbench(folder) as bench:
        bench.table(WANTED, _wanted(workspace, model, run, found))
        bench.table(LINES, _lines(found))
        files: list[str] = []
        parts: list[exp.Query] = []
        billed = workspace.books.of_kind(run.snapshots, SnapshotKind.CHARGES)
        for snapshot in (workspace.books.snapshot(name) for name in billed):
            for unit in snapshot.units:
                keyed = f"rows of unit {len(files)}"
                key_rows(bench, workspace.lake, unit, WANTED, keyed)
                whole = _as_in_the_bill(workspace, snapshot.source, unit)
                parts.append(_matched(keyed, snapshot.source, len(files), run.basis, whole=whole))
                files.append(unit.input)
        bench.create(BEHIND, _union(parts))
        return {each.line.id: _rows(bench, each, files, most) for each in found}


def _as_in_the_bill(workspace: Workspace, source: str, unit: Unit) -> bool:
    """Whether the unit holds all rows of its file in their order, a charge each."""
    parts_of_file = workspace.books.units(source, unit.content, unit.config)
    aside = any(totals.quarantined_rows for totals in unit.totals)
    (charges,) = (file for file in unit.files if file.role == "charges")
    names = pq.read_schema(workspace.lake.path(charges)).names
    return len(parts_of_file) == 1 and not aside and NUMBER not in names


def _wanted(workspace: Workspace, model: Model, run: Run, found: Iterable[Explanation]) -> pa.Table:
    """The charge keys behind the lines, by source and the days on which an owner carries them."""
    owners = sorted({owner for each in found for owner in _owners(each)})
    carried = (
        exp.and_(column("OwnerKind", "a").eq(text(kind)), column("Owner", "a").eq(text(name)))
        for kind, name in owners
    )
    return owned_keys(workspace, model, run, exp.or_(exp.false(), *carried))


def _owners(found: Explanation) -> list[tuple[str, str]]:
    """Whose charges are behind a line: the owner's own, or those of pools."""
    if found.line.pool:
        return [(str(OwnerKind.POOL), name) for name in found.weights]
    return [(str(found.owner.kind), found.owner.name)]


def _lines(found: Sequence[Explanation]) -> pa.Table:
    """What tells the charges of each line; a pool's are of any service."""
    rows = [(each, *owner) for each in found for owner in _owners(each)]
    made = {
        "Line": [each.line.id for each, _, _ in rows],
        "LineOwnerKind": [kind for _, kind, _ in rows],
        "LineOwner": [name for _, _, name in rows],
        "LineCurrency": [each.currency for each, _, _ in rows],
        "LineService": [None if each.line.pool else each.line.service for each, _, _ in rows],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in made.items()})


def _matched(keyed: str, source: str, file: int, basis: str, *, whole: bool) -> exp.Query:
    """A unit's rows with the lines that they are behind."""
    return sql(
        """
        SELECT l.Line, l.LineOwner AS Owner, _source AS Source, CAST(_file AS INTEGER) AS File,
               r.RowNumber + 1 AS RowNumber,
               _known AS RowKnown, r.Day, r.Resource, w.ServiceName AS Service, w.Rule,
               coalesce(_cost, 0) AS Amount
        FROM _keyed AS r
        JOIN _wanted AS w
          ON w.KeyId = r.KeyId AND w.Source = _source AND r.Day >= w.SpanStart
             AND (w.SpanUntil IS NULL OR r.Day < w.SpanUntil)
        JOIN _lines AS l
          ON l.LineOwnerKind = w.OwnerKind AND l.LineOwner = w.Owner
             AND l.LineCurrency = w.BillingCurrency
             AND (l.LineService IS NULL OR l.LineService = coalesce(w.ServiceName, ''))
        """,
        _keyed=table(keyed),
        _file=number(file),
        _known=exp.true() if whole else exp.false(),
        _cost=column(basis, "r"),
        _source=text(source),
        _wanted=table(WANTED),
        _lines=table(LINES),
    )


def _rows(
    bench: Workbench, found: Explanation, files: Sequence[str], most: int | None
) -> RowsBehind:
    own = exp.column("Line").eq(text(found.line.id))
    sums = bench.rows(
        sql(
            """
            SELECT Owner, count(*) AS Count, sum(Amount) AS Total FROM _b AS b
            WHERE _own GROUP BY Owner
            """,
            _b=table(BEHIND),
            _own=own,
        )
    )
    largest = bench.rows(
        sql(
            """
            SELECT * FROM (
                SELECT b.*, row_number() OVER (
                    PARTITION BY Owner ORDER BY abs(Amount) DESC, Day, File, RowNumber
                ) AS Turn
                FROM _b AS b WHERE _own
            ) AS t
            WHERE _all OR Turn <= _most
            ORDER BY abs(Amount) DESC, Day, File, RowNumber
            """,
            _b=table(BEHIND),
            _own=own,
            _all=exp.true() if most is None else exp.false(),
            _most=number(most or 0),
        )
    )
    carried = sum(
        (Fraction(one["Total"]) * _weight(found, one["Owner"]) for one in sums), Fraction(0)
    )
    if carried != found.exact:
        raise ProofError(
            f"the bill rows behind line {found.line.id} don't sum to it",
            why=f"they are {carried}, and it is {found.exact}",
            hint="this is a fault of apportion: please report it",
        )
    rows = sorted((_row(row, found, files) for row in largest), key=lambda row: -abs(row.carried))
    return RowsBehind(
        found.line.id,
        found.currency,
        tuple(rows[:most]),
        sum(one["Count"] for one in sums),
        reduce(WIDE.add, (one["Total"] for one in sums), Decimal(0)),
    )


def _weight(found: Explanation, owner: str) -> Fraction:
    """The fraction of an owner's charges that is in a line."""
    return found.weights[owner] if found.line.pool else Fraction(1)


def _row(row: dict[str, Any], found: Explanation, files: Sequence[str]) -> BillRow:
    return BillRow(
        day=row["Day"],
        source=row["Source"],
        file=files[row["File"]],
        row=row["RowNumber"] if row["RowKnown"] else None,
        resource=row["Resource"] or "",
        service=row["Service"] or "",
        rule=row["Rule"] or "",
        amount=row["Amount"],
        pool=row["Owner"] if found.line.pool else "",
        weight=_weight(found, row["Owner"]),
    )


def _union(parts: Sequence[exp.Query]) -> exp.Query:
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    return whole
