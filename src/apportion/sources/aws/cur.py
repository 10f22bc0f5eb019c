"""The AWS Cost and Usage Report, legacy and 2.0, as CSV or Parquet.

Which of the two a file is shows in its columns: CUR 2.0 has tags in a map.
Costs are read as the table of line item types says
(:mod:`apportion.sources.aws.line_items`).

Source: AWS Data Exports user guide, table dictionary of CUR 2.0 and of legacy CUR.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from apportion.domain.charge import COSTS, Kind
from apportion.domain.finding import Finding, Level
from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.aws.charge_columns import charge_columns
from apportion.sources.aws.costs import Costs
from apportion.sources.aws.line_items import TYPES
from apportion.sources.aws.native import NativeColumns
from apportion.sources.aws.plan_unused import LEFT_GROSS, left_gross, stays_gross
from apportion.sources.aws.twice_discounted import GROSS, before_discounts, discounted_twice
from apportion.sources.expression import expression
from apportion.sources.head import Head
from apportion.sources.moment import moment
from apportion.sources.reading import ReadColumn, Reading, is_record

NEEDED = {
    "line_item_unblended_cost": "it is the cost that invoices are reconciled on",
    "line_item_line_item_type": "it says whether a row is usage, a fee, a discount or a tax",
    "line_item_currency_code": "an amount without a currency is no money",
    "bill_billing_period_start_date": "it says which month's bill a row belongs to",
    "line_item_usage_start_date": "it says on which day a charge arose",
}

_FOCUS = "billed_cost"


def read_aws_cur(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """How a Cost and Usage Report is read. The report names its currency in each row.

    Raises SourceError for a file without one of the needed columns.
    """
    native = NativeColumns(head)
    _refuse_missing(native, head.file)
    remainders = _of_discounts(native)
    return Reading(
        version="CUR 2.0" if native.has("resource_tags") else "CUR",
        bases=COSTS,
        names=native.names,
        columns=(*_costs(native), *_times(native), *charge_columns(native), *remainders),
        findings=tuple(_findings(native, head.file)),
        tags_are_records=is_record(native.type("resource_tags")),
        known={"x_LineItemType": TYPES},
        departures=tuple(_DOUBTS[one.name] for one in remainders),
    )


def _refuse_missing(native: NativeColumns, file: str) -> None:
    lacking = [name for name in NEEDED if not native.has(name)]
    if not lacking:
        return
    if native.has(_FOCUS):
        raise SourceError(
            "this is an export in FOCUS, not a Cost and Usage Report",
            place=Place(file, 1),
            hint="say `format: focus` for this source",
        )
    raise SourceError(
        f"needed columns are missing: {', '.join(lacking)}",
        place=Place(file, 1),
        why="; ".join(f"{name}: {NEEDED[name]}" for name in lacking),
        hint="add them to the export; legacy reports spell them line_item_… or lineItem/…",
    )


def _costs(native: NativeColumns) -> Iterator[ReadColumn]:
    costs = Costs(native)
    billed = native.written("line_item_net_unblended_cost") or native.written(
        "line_item_unblended_cost"
    )
    yield ReadColumn("BilledCost", Kind.DECIMAL, costs.billed(), billed)
    yield ReadColumn("EffectiveCost", Kind.DECIMAL, costs.effective())
    yield ReadColumn("ListCost", Kind.DECIMAL, costs.list())
    yield ReadColumn("ContractedCost", Kind.DECIMAL, costs.contracted())


def _of_discounts(native: NativeColumns) -> tuple[ReadColumn, ...]:
    """What private discounts leave to doubt, in reports with net columns."""
    return tuple(one for one in (before_discounts(native), left_gross(native)) if one)


_DOUBTS = {GROSS: discounted_twice(), LEFT_GROSS: stays_gross()}


def _times(native: NativeColumns) -> Iterator[ReadColumn]:
    for name, written in (
        ("BillingPeriodStart", "bill_billing_period_start_date"),
        ("BillingPeriodEnd", "bill_billing_period_end_date"),
    ):
        value = moment(native.text(written), as_written=True)
        yield ReadColumn(name, Kind.TIME, value, native.written(written))
    for name, written, part in (
        ("ChargePeriodStart", "line_item_usage_start_date", 1),
        ("ChargePeriodEnd", "line_item_usage_end_date", 2),
    ):
        text = exp.Coalesce(this=native.text(written), expressions=[_of_interval(native, part)])
        yield ReadColumn(name, Kind.TIME, moment(text), native.written(written))


def _of_interval(native: NativeColumns, part: int) -> exp.Expr:
    """A bound of the time interval, which every row has, for rows that aren't usage."""
    return expression(
        "SELECT nullif(split_part(_interval, '/', _part), '')",
        _interval=native.text("identity_time_interval"),
        _part=exp.Literal.number(part),
    )


def _findings(native: NativeColumns, file: str) -> Iterator[Finding]:
    if native.floats():
        yield Finding(
            "cost-float",
            Level.NOTE,
            "binary floating point holds the costs: read by their shortest decimal form",
            Place(file),
            hint="AWS writes floats in Parquet; an export as CSV has the decimals themselves",
        )
