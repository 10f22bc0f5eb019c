"""Lesser departures from the specification: the rows load, and people are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlglot import exp

from apportion.domain.finding import Finding
from apportion.domain.money import plain_text
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.load.departures import QUANTITY_UNREADABLE, departures
from apportion.load.stage import STAGED, Staged
from apportion.load.survey import Survey
from apportion.load.workbench import Workbench
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.store.relation import column, sql, table
from apportion.store.relation import text as literal


def remarks(
    bench: Workbench, staged: Staged, surveyed: Survey
) -> Mapping[Period, tuple[Finding, ...]]:
    """What is to be told of the rows of a file that load, by period."""
    asked = list(departures(staged.reading))
    query = sql(
        """
        SELECT CAST(date_trunc('month', BillingPeriodStart) AS DATE) AS Month, _answers
        FROM _staged AS s WHERE _fault IS NULL GROUP BY 1 ORDER BY 1
        """,
        _answers=[part for number, one in enumerate(asked) for part in _answers(number, one)],
        _staged=table(STAGED),
        _fault=exp.paren(surveyed.judge.first_fault()),
    )
    return {
        Period.of(row["Month"]): tuple(
            _finding(bench, staged, surveyed, row, number, one)
            for number, one in enumerate(asked)
            if row[f"n{number}"] and row[f"g{number}"]
        )
        for row in bench.rows(query)
    }


def _finding(
    bench: Workbench,
    staged: Staged,
    surveyed: Survey,
    row: Mapping[str, Any],
    number: int,
    told: Departure,
) -> Finding:
    told_of = {"value": row[f"v{number}"], "rows": row[f"n{number}"]}
    if "{amount}" in told.message:
        told_of["amount"] = _amounts(bench, surveyed, told, row["Month"])
    names = staged.reading.names
    written = staged.reading.written(told.name)
    return Finding(
        told.code,
        told.level,
        told.message.format(**told_of),
        Place(
            staged.file,
            None if not staged.is_csv else 1,
            names.index(written) + 1 if written in names else None,
        ),
        told.hint,
        row[f"n{number}"],
    )


def _amounts(bench: Workbench, surveyed: Survey, told: Departure, month: date) -> str:
    """The sum by currency of what is told of, say ``-10 USD``."""
    query = sql(
        """
        SELECT s.BillingCurrency AS Currency, sum(_value) AS Amount
        FROM _staged AS s
        WHERE _fault IS NULL AND date_trunc('month', BillingPeriodStart) = _month AND _condition
        GROUP BY s.BillingCurrency ORDER BY s.BillingCurrency
        """,
        _value=column(told.name),
        _staged=table(STAGED),
        _fault=exp.paren(surveyed.judge.first_fault()),
        _month=exp.cast(literal(month.isoformat()), exp.DataType.Type.DATE),
        _condition=exp.paren(told.condition),
    )
    return ", ".join(f"{plain_text(one['Amount'])} {one['Currency']}" for one in bench.rows(query))


def quantities_unreadable(found: Mapping[Period, tuple[Finding, ...]]) -> bool:
    """Whether some quantity or price has to be made NULL before the charges are kept."""
    return any(one.code == QUANTITY_UNREADABLE for many in found.values() for one in many)


def _answers(number: int, asked: Departure) -> list[exp.Expr]:
    count = expression("SELECT count(CASE WHEN _condition THEN 1 END)", _condition=asked.condition)
    value = expression(
        "SELECT min(CASE WHEN _condition THEN CAST(_value AS VARCHAR) END)",
        _condition=asked.condition,
        _value=column(asked.name),
    )
    given = asked.given or exp.true()
    return [
        exp.alias_(count, f"n{number}"),
        exp.alias_(value, f"v{number}"),
        exp.alias_(given, f"g{number}"),
    ]
