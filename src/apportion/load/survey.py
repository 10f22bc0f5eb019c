"""Look over the staged rows of a file: by month, currency and fault, how many and how much.

This is the side of the proof that says what was *read*. It is summed over all
rows of the file before any row is set aside, split by period, or folded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlglot import exp

from apportion.domain.money import is_currency
from apportion.domain.period import Period
from apportion.load.faults import PROVEN_COSTS, Judge
from apportion.load.stage import STAGED, Staged
from apportion.load.workbench import Workbench
from apportion.sources.amount import unreadable
from apportion.sources.expression import expression
from apportion.store.relation import column, number, sql, table


@dataclass(frozen=True)
class Group:
    """Rows of one month, currency and fault; each None where it can't be read, or has no fault.

    `money` sums the amounts that can be read, `unread` counts those that can't.
    `first_row` is the number of the first of the rows, from 0.
    """

    month: Period | None
    currency: str | None
    fault: str | None
    rows: int
    first_row: int
    money: Mapping[str, Decimal]
    unread: Mapping[str, int]


@dataclass(frozen=True)
class Survey:
    """All groups of a file, and the judge that told their faults."""

    judge: Judge
    groups: tuple[Group, ...]

    @property
    def periods(self) -> tuple[Period, ...]:
        """The billing periods that rows of the file name, in order."""
        return tuple(sorted({group.month for group in self.groups if group.month}))

    def home(self) -> Period | None:
        """Where rows go that don't say their period: to the one most rows name, else the latest."""
        named: Counter[Period] = Counter()
        for group in self.groups:
            if group.month:
                named[group.month] += group.rows
        return max(named, key=lambda period: (named[period], period), default=None)

    def has_faults(self) -> bool:
        return any(group.fault for group in self.groups)


def survey(bench: Workbench, staged: Staged) -> Survey:
    """Judge and sum up all staged rows of a file."""
    judge = Judge(staged.reading, _currencies(bench), sifted=staged.marks_bytes)
    bases = staged.reading.bases
    query = sql(
        """
        SELECT r.Month, r.Currency, r.Fault, count(*) AS Rows, min(r.Row) AS FirstRow, _sums
        FROM (
            SELECT CAST(date_trunc('month', BillingPeriodStart) AS DATE) AS Month,
                   _currency AS Currency, _fault AS Fault, file_row_number AS Row, _costs
            FROM _staged AS s
        ) AS r
        GROUP BY r.Month, r.Currency, r.Fault
        ORDER BY r.Month, r.Currency, r.Fault
        """,
        _currency=judge.currency(),
        _fault=judge.first_fault(),
        _sums=[part for basis in bases for part in _sums(basis)],
        _costs=[column(basis) for basis in bases],
        _staged=table(STAGED),
    )
    groups = tuple(_group(row, bases) for row in bench.rows(query))
    return Survey(judge, groups)


def _currencies(bench: Workbench) -> list[str]:
    found = bench.rows(
        sql("SELECT DISTINCT s.BillingCurrency AS c FROM _staged AS s", _staged=table(STAGED))
    )
    return [row["c"] for row in found if row["c"] and is_currency(row["c"])]


def _sums(basis: str) -> list[exp.Expr]:
    """The sum of the amounts that can be read, and the count of those that can't.

    List and contracted cost may be empty: an empty one is zero, not unread.
    """
    cost, mark = column(basis, "r"), unreadable()
    money = expression("SELECT sum(CASE WHEN _cost < _mark THEN _cost END)", _cost=cost, _mark=mark)
    unread = expression(
        "SELECT count(CASE WHEN _cost < _mark THEN NULL WHEN _cost IS NULL THEN _empty ELSE 1 END)",
        _cost=cost,
        _mark=mark,
        _empty=number(1) if basis in PROVEN_COSTS else exp.null(),
    )
    return [
        exp.alias_(money, f"{basis}Read", quoted=True),
        exp.alias_(unread, f"{basis}Unread", quoted=True),
    ]


def _group(row: Mapping[str, Any], bases: Sequence[str]) -> Group:
    month: date | None = row["Month"]
    known = row["Currency"] is not None
    return Group(
        month=Period.of(month) if month else None,
        currency=row["Currency"],
        fault=row["Fault"],
        rows=row["Rows"],
        first_row=row["FirstRow"],
        money={b: row[f"{b}Read"] or Decimal(0) for b in bases if known},
        unread={b: row[f"{b}Unread"] if known else row["Rows"] for b in bases},
    )
