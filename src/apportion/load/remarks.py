"""Lesser departures from the specification: the rows load, and people are told."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.load.departures import QUANTITY_UNREADABLE, departures
from apportion.load.stage import STAGED, Staged
from apportion.load.survey import Survey
from apportion.load.workbench import Workbench
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.store.relation import column, sql, table


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
    reading = staged.reading
    position = {name: number for number, name in enumerate(reading.names, start=1)}
    return {
        Period.of(row["Month"]): tuple(
            Finding(
                one.code,
                one.level,
                one.message.format(value=row[f"v{number}"], rows=row[f"n{number}"]),
                Place(
                    staged.file,
                    None if not staged.is_csv else 1,
                    position.get(reading.written(one.name)),
                ),
                one.hint,
                row[f"n{number}"],
            )
            for number, one in enumerate(asked)
            if row[f"n{number}"]
        )
        for row in bench.rows(query)
    }


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
    return [exp.alias_(count, f"n{number}"), exp.alias_(value, f"v{number}")]
