"""Lesser departures from the specification: the rows load, and people are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.charge import COSTS, Kind
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.errors import Place
from apportion.load.faults import PROVEN_COSTS
from apportion.load.stage import STAGED, Staged
from apportion.load.survey import Survey
from apportion.load.workbench import Workbench
from apportion.sources.allowed_values import ALLOWED_VALUES, NEVER_EMPTY
from apportion.sources.amount import unreadable
from apportion.sources.expression import expression
from apportion.sources.reading import Reading
from apportion.sources.tags import Remark as TagRemark
from apportion.store.relation import column, sql, table
from apportion.store.relation import text as literal


@dataclass(frozen=True)
class Remark:
    """Something to tell of the rows that meet a condition; `{value}` stands for one of theirs."""

    code: str
    level: Level
    message: str
    hint: str
    name: str
    condition: exp.Expression


def remarks(
    bench: Workbench, staged: Staged, surveyed: Survey
) -> Mapping[Period, tuple[Finding, ...]]:
    """What is to be told of the rows of a file that load, by period."""
    asked = list(_questions(staged.reading))
    query = sql(
        """
        SELECT CAST(date_trunc('month', BillingPeriodStart) AS DATE) AS Month, _answers
        FROM _staged AS s WHERE _fault IS NULL GROUP BY 1 ORDER BY 1
        """,
        _answers=[part for number, one in enumerate(asked) for part in _answers(number, one)],
        _staged=table(STAGED),
        _fault=exp.paren(surveyed.judge.first_fault()),
    )
    position = {name: number for number, name in enumerate(staged.reading.names, start=1)}
    return {
        Period.of(row["Month"]): tuple(
            Finding(
                one.code,
                one.level,
                one.message.format(value=row[f"v{number}"], rows=row[f"n{number}"]),
                Place(staged.file, None if not staged.is_csv else 1, position.get(one.name)),
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
    return any(one.code == "quantity-unreadable" for many in found.values() for one in many)


def _answers(number: int, asked: Remark) -> list[exp.Expression]:
    count = expression("SELECT count(CASE WHEN _condition THEN 1 END)", _condition=asked.condition)
    value = expression(
        "SELECT min(CASE WHEN _condition THEN CAST(_value AS VARCHAR) END)",
        _condition=asked.condition,
        _value=column(asked.name),
    )
    return [exp.alias_(count, f"n{number}"), exp.alias_(value, f"v{number}")]


def _questions(reading: Reading) -> Iterator[Remark]:
    names = set(reading.names)
    for name in reading.quantities:
        yield _unreadable_quantity(name)
    for name in COSTS:
        if name in reading.bases and name not in PROVEN_COSTS:
            yield _empty_cost(name)
    if "BillingPeriodStart" in names:
        yield _not_first()
    for name in reading.of_kind(Kind.TIME):
        if name.endswith("End"):
            yield _no_end(name)
    for name, allowed in ALLOWED_VALUES.items():
        if name in names:
            yield _not_allowed(name, allowed)
    for name in NEVER_EMPTY:
        if name in names:
            yield _empty_value(name)


def _unreadable_quantity(name: str) -> Remark:
    return Remark(
        code="quantity-unreadable",
        level=Level.WARNING,
        message=f"{name} can't be read in {{rows:,}} rows and is left empty there",
        hint="the money of these rows is not touched; correct the export if rules or units need it",
        name=name,
        condition=expression("SELECT _v >= _mark", _v=column(name), _mark=unreadable()),
    )


def _empty_cost(name: str) -> Remark:
    return Remark(
        code="cost-empty",
        level=Level.NOTE,
        message=f"{name} is empty in {{rows:,}} rows and counts as 0 there",
        hint=f"it matters where {name} is shown or shared by",
        name=name,
        condition=_is_null(name),
    )


def _not_first() -> Remark:
    return Remark(
        code="period-not-month",
        level=Level.WARNING,
        message="BillingPeriodStart is not the first of a month in {rows:,} rows, say {value}: "
        "they count to the month it falls in",
        hint="billing periods are calendar months here; see that invoices are cut the same way",
        name="BillingPeriodStart",
        condition=expression(
            "SELECT BillingPeriodStart <> date_trunc('month', BillingPeriodStart)"
        ),
    )


def _no_end(name: str) -> Remark:
    return Remark(
        code="time-unreadable",
        level=Level.NOTE,
        message=f"{name} is empty or can't be read in {{rows:,}} rows",
        hint="nothing is computed from it; write it as 2026-10-01T00:00:00Z",
        name=name,
        condition=_is_null(name),
    )


def _not_allowed(name: str, allowed: tuple[str, ...]) -> Remark:
    known = exp.In(this=column(name), expressions=[literal(value) for value in allowed])
    return Remark(
        code="value-not-allowed",
        level=Level.NOTE,
        message=f"{name} has values that FOCUS doesn't know in {{rows:,}} rows, say {{value!r}}",
        hint=f"FOCUS allows {', '.join(allowed)}",
        name=name,
        condition=expression("SELECT NOT _known", _known=exp.paren(known)),
    )


def _empty_value(name: str) -> Remark:
    return Remark(
        code="value-missing",
        level=Level.NOTE,
        message=f"{name} is empty in {{rows:,}} rows",
        hint="FOCUS asks for it in every row; rules can't see what isn't there",
        name=name,
        condition=_is_null(name),
    )


def _is_null(name: str) -> exp.Expression:
    return expression("SELECT _value IS NULL", _value=column(name))


_OF_TAGS = {
    TagRemark.UNREADABLE: (
        "Tags can't be read as JSON in {rows:,} rows, say {example!r}: these rows have no tags",
        "write tags as a JSON object",
    ),
    TagRemark.BRACELESS: (
        "Tags lack their braces in {rows:,} rows, say {example!r}: these rows have no tags",
        "that is the form of Azure's own exports; export FOCUS, or wrap the text in braces",
    ),
    TagRemark.DOUBLE: (
        "a tag key comes twice in {rows:,} rows, say {example!r}: the last value counts",
        "give each resource one value for each key",
    ),
    TagRemark.CLEANED: (
        "tags hold control characters in {rows:,} rows: each became U+FFFD",
        "remove them at the resource",
    ),
}


def remarks_on_tags(staged: Staged) -> tuple[Finding, ...]:
    """What is to be told of the tags of a whole file."""
    return tuple(
        Finding(
            str(remark),
            Level.WARNING if remark is not TagRemark.DOUBLE else Level.NOTE,
            _OF_TAGS[remark][0].format(rows=rows, example=staged.tags.example[remark]),
            Place(staged.file),
            _OF_TAGS[remark][1],
            rows,
        )
        for remark, rows in sorted(staged.tags.remarks.items())
    )
