"""Azure's native Cost Management export (EA, MCA, pay-as-you-go), as CSV or Parquet.

Source: Microsoft, "Understand cost details fields". Which of the two exports a
file is, actual or amortised, is known before it is read (`exports`, `evidence`).
"""

from __future__ import annotations

from sqlglot import exp

from apportion.domain.charge import BY_NAME, Kind
from apportion.domain.finding import Finding, Level
from apportion.errors import Place
from apportion.model.project import SourceSpec
from apportion.sources.azure.charges import in_braces, machine_size, resource_id, text_columns
from apportion.sources.azure.columns import Columns, match_azure
from apportion.sources.azure.costs import (
    ACTUAL,
    carried_bases,
    cost_columns,
    quantity_columns,
)
from apportion.sources.azure.functions import FUNCTIONS
from apportion.sources.azure.texts import Texts
from apportion.sources.departure import Departure
from apportion.sources.expression import expression
from apportion.sources.head import Head
from apportion.sources.reading import ReadColumn, Reading, is_float
from apportion.store.relation import text as literal

_TOLD_IN_FULL = {
    "AvailabilityZone",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "Cost",
    "Date",
    "InvoiceId",
    "PricingCurrency",
    "SubscriptionName",
    "Tags",
}
"""Columns whose whole sense is in a FOCUS column, so that no x_ column keeps them."""


def read_azure(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """How an Azure export is read; every row has its own currency, so `currency` is of no matter.

    `spec.cost` says which cost the file carries, and is empty where it carries
    both. Raises SourceError for a file that is no such export, or whose dates
    can't be what they are declared to be.
    """
    del currency
    columns = match_azure(head)
    texts = Texts(head, columns, decimal=spec.decimal, dates=spec.dates)
    beside = bool(spec.amortized)
    bases = carried_bases(texts, spec.cost, beside_amortized=beside)
    told = [ReadColumn(*one) for one in _texts(texts)]
    kept = [ReadColumn(*one) for one in _native(texts, columns)]
    return Reading(
        version="azure",
        bases=bases,
        names=head.names,
        columns=(
            *cost_columns(texts, bases),
            *_times(texts),
            *quantity_columns(texts, only_bought=beside and spec.cost == ACTUAL),
            *told,
            *kept,
            # Quantities count single units, whatever the block that a price is for.
            ReadColumn("x_PricingBlockSize", Kind.TEXT, literal("1")),
        ),
        findings=(*_findings(texts, bases, spec, head.file),),
        departures=_departures(texts),
        prepared=texts.prepared,
        functions=FUNCTIONS,
        decimal_mark=texts.mark,
    )


def _times(texts: Texts) -> list[ReadColumn]:
    """Days as FOCUS has them: a period ends where the next begins, not on its last day."""
    day = texts.day("Date")
    after = "SELECT _day + INTERVAL 1 DAY"
    if texts.has("BillingPeriodStart"):
        start = texts.day("BillingPeriodStart")
    else:
        start = expression("SELECT CAST(date_trunc('month', _day) AS TIMESTAMP)", _day=day)
    found = [
        ("BillingPeriodStart", start, "BillingPeriodStart"),
        ("ChargePeriodStart", day, "Date"),
        ("ChargePeriodEnd", expression(after, _day=day), "Date"),
    ]
    if texts.has("BillingPeriodEnd"):
        end = expression(after, _day=texts.day("BillingPeriodEnd"))
        found.append(("BillingPeriodEnd", end, "BillingPeriodEnd"))
    return [
        ReadColumn(name, Kind.TIME, value, texts.written(source) or texts.written("Date"))
        for name, value, source in found
    ]


def _texts(texts: Texts) -> list[tuple[str, Kind, exp.Expr, str]]:
    found: list[tuple[str, Kind, exp.Expr, str]] = [
        (name, BY_NAME[name].kind, value, texts.written(source))
        for name, (value, source) in text_columns(texts).items()
    ]
    if texts.has("Tags"):
        found.append(("Tags", Kind.JSON, in_braces(texts["Tags"]), texts.written("Tags")))
    return found


def _native(texts: Texts, columns: Columns) -> list[tuple[str, Kind, exp.Expr, str]]:
    """What rules may need beyond FOCUS: Azure's own columns, by their one name and as written."""
    values: dict[str, exp.Expr] = {
        f"x_{name}": texts[name] for name in columns.known if name not in _TOLD_IN_FULL
    }
    written = {f"x_{name}": columns.known[name] for name in columns.known}
    if texts.has("AdditionalInfo"):
        values["x_AdditionalInfo"] = in_braces(texts["AdditionalInfo"])
        values["x_ServiceType"] = machine_size(texts["AdditionalInfo"])
        written["x_ServiceType"] = columns.known["AdditionalInfo"]
    if texts.has("ResourceGroup"):
        values["x_ResourceGroup"] = resource_id(texts["ResourceGroup"])
    values |= {name: texts.of(name_there) for name, name_there in columns.others.items()}
    written |= columns.others
    return [(name, Kind.TEXT, value, written[name]) for name, value in values.items()]


def _findings(texts: Texts, bases: tuple[str, ...], spec: SourceSpec, file: str) -> list[Finding]:
    found = []
    if "EffectiveCost" not in bases and not spec.amortized:
        found.append(_not_carried("EffectiveCost", "an actual-cost", file, _AMORTIZED_TOO))
    if "BilledCost" not in bases and not spec.amortized:
        found.append(_not_carried("BilledCost", "an amortised-cost", file, _ACTUAL_TOO))
    if not texts.has("BillingPeriodStart"):
        found.append(_months_of_days(file))
    if is_float(texts.type("Cost")):
        found.append(_float(texts.written("Cost"), file))
    return found


_AMORTIZED_TOO = "export amortised cost too, and say where it lies: `amortized: PATH`"
_ACTUAL_TOO = (
    "export actual cost too, make it the `path` of this source and this one its `amortized`"
)


def _not_carried(basis: str, kind: str, file: str, hint: str) -> Finding:
    return Finding(
        "cost-column-missing",
        Level.WARNING,
        f"this is {kind} export: there is no {basis}, nothing can be shown on that basis",
        Place(file, 1),
        hint,
    )


def _months_of_days(file: str) -> Finding:
    return Finding(
        "period-from-day",
        Level.NOTE,
        "the export has no billing period: a charge counts to the month of its day",
        Place(file, 1),
        "where invoices are cut at another day of the month, they can't be reconciled by it",
    )


def _float(column: str, file: str) -> Finding:
    return Finding(
        "cost-float",
        Level.WARNING,
        f"binary floating point holds {column}: read by its shortest decimal form",
        Place(file),
        hint="export decimals; a float can't hold most amounts exactly",
    )


def _departures(texts: Texts) -> tuple[Departure, ...]:
    if not texts.has("UnitOfMeasure", "Quantity"):
        return ()
    return (
        Departure(
            code="unit-unreadable",
            level=Level.WARNING,
            message="UnitOfMeasure can't be read in {rows:,} rows, say {value!r}: "
            "their quantities are left empty",
            hint="the money of these rows is not touched; x_UnitOfMeasure keeps the text",
            name="x_UnitOfMeasure",
            condition=expression("SELECT x_UnitOfMeasure IS NOT NULL AND PricingUnit IS NULL"),
        ),
    )
