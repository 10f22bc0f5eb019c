"""How a file is read: what a format answers when it has seen the head of a file."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.charge import COSTS, Kind
from apportion.domain.finding import Finding
from apportion.sources.amount import amount
from apportion.sources.expression import expression
from apportion.sources.moment import moment
from apportion.store.relation import column
from apportion.store.relation import text as literal

_NULL = "NULL"


@dataclass(frozen=True)
class ReadColumn:
    """A column of the charges: its name, its kind, and its value over the input's columns."""

    name: str
    kind: Kind
    value: exp.Expr


@dataclass(frozen=True)
class Reading:
    """A file's way into charges.

    `names` are the input's columns in order, under the names that `columns`
    refer to. `bases` are the cost bases that the input has. The charges always
    have the four costs, BillingPeriodStart, ChargePeriodStart and
    BillingCurrency, whatever the input lacks. `tags_are_records` says that tags
    come as records with one field for each, where null means that it isn't there.
    """

    version: str
    bases: tuple[str, ...]
    names: tuple[str, ...]
    columns: tuple[ReadColumn, ...]
    findings: tuple[Finding, ...] = ()
    tags_are_records: bool = False

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
    text = _as_text(column(name), written)
    if kind is Kind.DECIMAL:
        return amount(text, exact=not is_float(written))
    if kind is Kind.TIME:
        return moment(text, as_written=name.startswith("BillingPeriod"))
    return text


def _as_text(value: exp.Expr, written: str) -> exp.Expr:
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
