"""Any table: a CSV, Excel sheet or Parquet file whose columns become charges by formulas.

What a table doesn't say has a stated default: the other three costs are the
billed one, a charge is Usage of the category Other, in the currency of the
source; provider, publisher, issuer, account and service are called like the
source. Prices are looked up in a list beside it, and cost can be spread over
months.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from apportion.domain.charge import BY_NAME, COSTS, Kind, version_of
from apportion.domain.finding import Finding, Level
from apportion.errors import Place, SourceError
from apportion.model.formula import AS_TIME, Formula
from apportion.model.project import SourceSpec
from apportion.model.table import PRICE, TableSpec
from apportion.sources.columns import match_columns
from apportion.sources.expression import expression
from apportion.sources.formula import FormulaWriter
from apportion.sources.head import Head
from apportion.sources.moment import lacks_zone
from apportion.sources.price_list import asked_price, price_table
from apportion.sources.reading import ReadColumn, Reading, is_float, is_record
from apportion.sources.ready_tables import tables_of
from apportion.sources.spread import SpreadWriter
from apportion.store.relation import text as literal

_TEXTS = {
    "ChargeCategory": "Usage",
    "ServiceCategory": "Other",
}
_NAMED = ("ProviderName", "PublisherName", "InvoiceIssuerName", "ServiceName")
"""Columns that are called like the provider where the table doesn't say; it like the source."""

_BILLING_PERIOD = "BillingPeriodStart"


def read_table(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """How a table is read; `currency` is that of the source, or of the project.

    Raises ConfigurationError for a formula that names a column which the file
    doesn't have, SourceError for a file that is no such table.
    """
    names = _names(head)
    return _TableReading(head, names, spec, _choose(spec, head, names), currency).reading()


def _names(head: Head) -> tuple[str, ...]:
    """The columns as written; two that differ in the case of letters alone are refused."""
    matched = match_columns(head.names, head.file).names
    return tuple(written or name for written, name in zip(head.names, matched, strict=True))


def _choose(spec: SourceSpec, head: Head, names: Sequence[str]) -> TableSpec:
    """The first of the source's tables whose columns are all there."""
    tables = tables_of(spec)
    there = {name.lower() for name in names}
    for table in tables:
        if there.issuperset(name.lower() for name in table.needs):
            return table
    wanted = "; or ".join(", ".join(table.needs) for table in tables)
    raise SourceError(
        f"this is no table of {spec.format}",
        place=Place(head.file, 1),
        why=f"it is known by the columns {wanted}",
        hint="export the table with all its columns, or describe yours by `format: table`",
    )


class _TableReading:
    """One file of a table on its way to a reading."""

    def __init__(
        self, head: Head, names: tuple[str, ...], spec: SourceSpec, table: TableSpec, currency: str
    ) -> None:
        self._head, self._names, self._spec, self._table = head, names, spec, table
        bare = FormulaWriter(head, names)
        price = asked_price(table.prices, bare, spec) if table.prices else None
        self._writer = FormulaWriter(head, names, price)
        optional = bool(table.needs)
        self._given = {
            name: self._read(name, formula)
            for name, formula in table.columns.items()
            if not (optional and self._writer.missing(formula))
        }
        self._currency = self._value("BillingCurrency") or literal(currency)

    def reading(self) -> Reading:
        spread = self._spread()
        columns = [*(self._spread_columns(spread) if spread else self._plain_columns())]
        named = {one.name for one in columns}
        columns += [one for one in self._given.values() if one.name not in named]
        columns += self._defaults({one.name for one in columns})
        return Reading(
            version=self._table.road or version_of(one.name for one in columns),
            bases=COSTS,
            names=self._names,
            columns=tuple(columns),
            findings=tuple(self._findings()),
            tags_are_records=bool(self._table.tags) or self._has_record_tags(),
            parts=spread.parts() if spread else None,
            prices=price_table(self._table.prices, self._spec) if self._table.prices else None,
        )

    def _read(self, name: str, formula: Formula) -> ReadColumn:
        value = self._writer.write(formula, as_written=name.startswith("BillingPeriod"))
        return self._column(name, value, formula)

    def _column(self, name: str, value: exp.Expr, formula: Formula) -> ReadColumn:
        inputs = self._inputs(formula)
        is_plain = len(inputs) == 1 and formula.text.strip('" ').lower() == inputs[0].lower()
        return ReadColumn(
            name,
            BY_NAME[name].kind if name in BY_NAME else Kind.TEXT,
            value,
            written=inputs[0] if is_plain else "",
            formula="" if is_plain else formula.text,
            inputs=inputs,
            numbers=self._writer.inputs(formula.numbers),
        )

    def _inputs(self, formula: Formula) -> tuple[str, ...]:
        """The columns that a formula looks at, by itself or to find its price."""
        asked = [formula]
        if PRICE in formula.columns and (prices := self._table.prices):
            asked += [*prices.match.values(), *filter(None, [prices.at])]
        return self._writer.inputs([name for one in asked for name in one.columns])

    def _value(self, name: str) -> exp.Expr | None:
        return self._given[name].value if name in self._given else None

    def _spread(self) -> SpreadWriter | None:
        if self._table.spread is None:
            return None
        total = self._given["BilledCost"].value
        return SpreadWriter(self._table.spread, self._writer, total, self._currency)

    def _plain_columns(self) -> Iterator[ReadColumn]:
        """The costs and the times of a table that isn't spread."""
        billed = self._given["BilledCost"]
        yield billed
        contracted = self._given.get("ContractedCost", billed)
        yield _named(self._given.get("EffectiveCost", billed), "EffectiveCost")
        yield _named(self._given.get("ListCost", contracted), "ListCost")
        yield _named(contracted, "ContractedCost")
        start = self._value(_BILLING_PERIOD) or self._value("ChargePeriodStart")
        assert start is not None
        month = expression("SELECT CAST(date_trunc('month', _start) AS TIMESTAMP)", _start=start)
        source = self._given.get(_BILLING_PERIOD) or self._given["ChargePeriodStart"]
        yield _named(source, _BILLING_PERIOD, month)
        ends = ["BillingPeriodEnd"]
        if "ChargePeriodStart" not in self._given:
            yield _named(source, "ChargePeriodStart")
            ends.append("ChargePeriodEnd")
        for name in ends:
            if name not in self._given:
                yield ReadColumn(name, Kind.TIME, _month_later(month))

    def _spread_columns(self, spread: SpreadWriter) -> Iterator[ReadColumn]:
        """The costs and the times of a table that is spread over months."""
        assert self._table.spread is not None
        billed, effective = spread.costs()
        for name in COSTS:
            value = effective if name == "EffectiveCost" else billed
            yield self._column(name, value.copy(), _whole(self._table))
        month = spread.start(self._value(_BILLING_PERIOD))
        month = expression("SELECT CAST(_month AS TIMESTAMP)", _month=month)
        start = self._column(_BILLING_PERIOD, month, self._table.spread.start)
        yield start
        yield _named(start, "ChargePeriodStart")
        for name in ("BillingPeriodEnd", "ChargePeriodEnd"):
            yield ReadColumn(name, Kind.TIME, _month_later(month))
        yield from spread.columns(self._value("ChargeCategory"))

    def _defaults(self, there: set[str]) -> Iterator[ReadColumn]:
        if self._table.tags:
            yield ReadColumn("Tags", Kind.JSON, self._tags())
        provider: exp.Expr = self._value("ProviderName") or literal(self._spec.name)
        texts: dict[str, exp.Expr] = {n: literal(value) for n, value in _TEXTS.items()}
        texts |= dict.fromkeys(_NAMED, provider)
        texts |= {"BillingCurrency": self._currency, "BillingAccountId": literal(self._spec.name)}
        for name, value in texts.items():
            if name not in there:
                yield ReadColumn(name, Kind.TEXT, value.copy())

    def _tags(self) -> exp.Expr:
        pairs: list[exp.Expr] = []
        for key, formula in self._table.tags.items():
            pairs += [literal(key), self._writer.write(formula)]
        return exp.cast(exp.Anonymous(this="json_object", expressions=pairs), "VARCHAR")

    def _has_record_tags(self) -> bool:
        inputs = self._given["Tags"].inputs if "Tags" in self._given else ()
        return any(is_record(self._type(name)) for name in inputs)

    def _type(self, name: str) -> str:
        return self._head.types[self._names.index(name)]

    def _findings(self) -> Iterator[Finding]:
        costs = (self._given[name] for name in COSTS if name in self._given)
        floats = sorted({n for one in costs for n in one.numbers if is_float(self._type(n))})
        if floats:
            yield Finding(
                "cost-float",
                Level.WARNING,
                f"binary floating point holds {', '.join(floats)}: read by its shortest decimal "
                "form",
                Place(self._head.file),
                hint="export decimals; a float can't hold most amounts exactly",
            )
        without = sorted({name for name in self._times() if self._lacks_zone(name)})
        if without:
            yield Finding(
                "time-without-zone",
                Level.NOTE,
                f"times without a zone are taken as UTC: {', '.join(without)}",
                Place(self._head.file),
                hint="write times as 2026-10-01T00:00:00Z",
            )

    def _times(self) -> Iterator[str]:
        formulas = list(self._table.columns.values())
        if self._table.spread:
            formulas.append(self._table.spread.start)
        for formula in formulas:
            for call in formula.tree.find_all(exp.Anonymous):
                if call.name == AS_TIME:
                    yield from self._writer.inputs([c.name for c in call.find_all(exp.Column)])

    def _lacks_zone(self, name: str) -> bool:
        written = self._head.names[self._names.index(name)]
        return any(lacks_zone(row.get(written, "")) for row in self._head.sample)


def _named(column: ReadColumn, name: str, value: exp.Expr | None = None) -> ReadColumn:
    """A column's value, or another, under a further name; people are pointed to the same place."""
    return ReadColumn(
        name,
        BY_NAME[name].kind,
        (value or column.value).copy(),
        column.written,
        column.formula,
        column.inputs,
        column.numbers,
    )


def _whole(table: TableSpec) -> Formula:
    """All that decides a month's cost, as one formula to show."""
    spread = table.spread
    assert spread is not None
    asked = [table.columns["BilledCost"], spread.over, *filter(None, [spread.residual])]
    columns = {name: place for one in asked for name, place in one.columns.items()}
    numbers = tuple(name for one in asked for name in one.numbers)
    left = f" - ({spread.residual.text})" if spread.residual else ""
    text = f"({asked[0].text}{left}) over {spread.over.text} months"
    return Formula(text, asked[0].tree, asked[0].kind, columns, numbers)


def _month_later(month: exp.Expr) -> exp.Expr:
    return expression("SELECT CAST(_month + to_months(1) AS TIMESTAMP)", _month=month)
