"""How a file is read: what a format answers when it has seen the head of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
from sqlglot import exp

from apportion.domain.charge import COSTS, Kind
from apportion.domain.finding import Finding
from apportion.sources.amount import amount
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.sources.moment import moment
from apportion.sources.price_table import PriceTable
from apportion.store.relation import column
from apportion.store.relation import text as literal

PART, NUMBER = "x_Part", "x_PartNumber"
"""Columns of charges that were packed into a row with others; see `Reading.parts`."""

_NULL = "NULL"


@dataclass(frozen=True)
class ReadColumn:
    """A column of the charges: its name, its kind, and its value over the input's columns.

    `written` is the input's column that people are pointed to when the value
    can't be read; empty where it is called the same, or where there is none.
    `formula` is for a value that is computed from several columns of the input:
    how people wrote it; `inputs` are those columns, and `numbers` the ones of
    them that are read as numbers.
    """

    name: str
    kind: Kind
    value: exp.Expr
    written: str = ""
    formula: str = ""
    inputs: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    """A function in Python that a format's expressions call by name, from texts to `result`."""

    name: str
    read: Callable[[pa.ChunkedArray], pa.Array]
    result: str = "VARCHAR"


@dataclass(frozen=True)
class Refusal:
    """What a format knows of rows whose money can't be told: such rows are set aside.

    `condition` is over the charges' columns; `column` is the one of them whose
    column in the bill people are pointed to.
    """

    code: str
    column: str
    what: str
    hint: str
    condition: exp.Expr


@dataclass(frozen=True)
class Reading:
    """A file's way into charges.

    `names` are the input's columns in order, under the names that `columns`
    refer to. `bases` are the cost bases that the input has. The charges always
    have the four costs, BillingPeriodStart, ChargePeriodStart and
    BillingCurrency, whatever the input lacks. `tags_are_records` says that tags
    come as records with one field for each, where null means that it isn't there.

    `parts` is for bills that pack several charges into one row (a cost and its
    credits): a list over the input's columns. The row itself is a charge, for
    which the column PART is NULL, and so is each element of the list, which PART
    then holds; NUMBER counts them from 0, the row itself.

    `known` holds, for a native column, all values that the format knows: rows
    with another one load, and are told. An empty text stands for no value.

    `prices` is a list in which the values look up prices, by the function that
    is lent as `price_list.LISTED`.

    `prepared` are named values that the expressions build on, each worked out once
    for a row; a later one may use an earlier one. `functions` are what is called
    besides the functions of the engine.

    `decimal_mark` is what stands before the decimals in the file; empty where that
    differs from number to number.

    `departures` are what a format asks of its rows besides what is asked of all.
    """

    version: str
    bases: tuple[str, ...]
    names: tuple[str, ...]
    columns: tuple[ReadColumn, ...]
    findings: tuple[Finding, ...] = ()
    tags_are_records: bool = False
    parts: exp.Expr | None = None
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prices: PriceTable | None = None
    prepared: tuple[tuple[str, exp.Expr], ...] = ()
    functions: tuple[Function, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    departures: tuple[Departure, ...] = ()
    decimal_mark: str = "."

    def column(self, name: str) -> ReadColumn | None:
        """How a column of the charges is read."""
        return next((column for column in self.columns if column.name == name), None)

    def written(self, name: str) -> str:
        """The input's column that a column of the charges comes from."""
        return self._written.get(name, name)

    def has(self, name: str) -> bool:
        """Whether the charges have a column."""
        return name in self._written

    @cached_property
    def _written(self) -> dict[str, str]:
        return {column.name: column.written or column.name for column in self.columns}

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """Names of the columns of a kind, in order."""
        return tuple(column.name for column in self.columns if column.kind is kind)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Decimals that are no costs: quantities and prices, which carry no money by themselves."""
        return tuple(name for name in self.of_kind(Kind.DECIMAL) if name not in COSTS)


def read_column(name: str, kind: Kind, written_type: str) -> ReadColumn:
    """A column of the input, read by its kind; `written_type` is its DuckDB type."""
    return ReadColumn(name, kind, _value(name, kind, written_type.upper()))


def _value(name: str, kind: Kind, written: str) -> exp.Expr:
    text = as_text(column(name), written)
    if kind is Kind.DECIMAL:
        return amount(text, exact=not is_float(written))
    if kind is Kind.TIME:
        return moment(text, as_written=name.startswith("BillingPeriod"))
    return text


def as_text(value: exp.Expr, written: str) -> exp.Expr:
    """A value as text, NULL where the text is empty or says NULL, as exports of databases do."""
    if written.endswith("]") or written.startswith(("MAP", "STRUCT", "UNION")):
        return expression("SELECT CAST(to_json(_value) AS VARCHAR)", _value=value)
    if written == "VARCHAR":
        plain = value
    else:
        plain = expression("SELECT CAST(_value AS VARCHAR)", _value=value)
    return expression(
        "SELECT nullif(nullif(_plain, ''), _null)", _plain=plain, _null=literal(_NULL)
    )


def is_record(written: str) -> bool:
    """Whether a type is a record, with one field for each tag where it holds tags."""
    return written.upper().startswith("STRUCT") and not written.endswith("]")


def is_float(written: str) -> bool:
    """Whether a type is binary floating point, which can't hold most amounts exactly."""
    return written.upper() in {"DOUBLE", "FLOAT"}
