"""Google Cloud's billing export: standard and detailed, as CSV, JSON lines or Parquet.

Source: Google Cloud, "Structure of Standard data export" and "Structure of
Detailed data export". `cost` is before credits, so a row becomes a charge of its
own and one for each of its credits; together they are what is billed. Commitments
are charged as they run, so billed and effective cost agree, row by row: Google
sums cost and credits in the older model of commitments, and puts the discounted
price into cost in that of July 2025, where what is left of the fee is unused.
"""

from __future__ import annotations

from sqlglot import exp

from apportion.domain.charge import COSTS, Kind
from apportion.domain.finding import Finding, Level
from apportion.errors import Place, SourceError
from apportion.model.project import SourceSpec
from apportion.sources.amount import unreadable
from apportion.sources.columns import refuse_doubles
from apportion.sources.expression import expression
from apportion.sources.gcp.categories import COST_TYPES, Categories
from apportion.sources.gcp.credits import (
    CREDIT_TYPES,
    GOOGLE_CREDITS,
    UNREADABLE,
    CreditReader,
)
from apportion.sources.gcp.labels import BETWEEN, GOOGLE_TAGS, PRECEDENCE, LabelReader
from apportion.sources.gcp.row import GoogleRow
from apportion.sources.gcp.services import service_category
from apportion.sources.head import Head
from apportion.sources.moment import moment
from apportion.sources.nested_columns import NestedColumns
from apportion.sources.reading import NUMBER, Function, ReadColumn, Reading, Refusal
from apportion.store.relation import column
from apportion.store.relation import text as literal

GOOGLE = "Google Cloud"

NEEDED = ("billing_account_id", "cost", "currency", "invoice.month", "usage_start_time")
"""Without these a row has no money, no currency or no month."""

KEPT = {
    "x_CostType": "cost_type",
    "x_ServiceId": "service.id",
    "x_ProjectNumber": "project.number",
    "x_ProjectAncestry": "project.ancestry_numbers",
    "x_Location": "location.location",
    "x_TransactionType": "transaction_type",
    "x_AdjustmentId": "adjustment_info.id",
    "x_AdjustmentType": "adjustment_info.type",
    "x_AdjustmentMode": "adjustment_info.mode",
    "x_AdjustmentDescription": "adjustment_info.description",
    "x_ConsumptionModelId": "consumption_model.id",
    "x_ConsumptionModel": "consumption_model.description",
}
"""Native columns that rules may look at, under the names that the charges have them by."""


def read_gcp(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """How a file of Google's billing export is read; source and project settings don't matter.

    Raises SourceError for a column that comes twice, a needed one that is
    missing, and rows that were multiplied by their credits.
    """
    names = tuple(name or f"Unnamed{number}" for number, name in enumerate(head.names, start=1))
    refuse_doubles(names, head.names, head.file)
    fields = NestedColumns(names, head.types)
    _refuse_missing(fields, head.file)
    row = GoogleRow(fields)
    columns = (*_money(row), *_times(row), *_texts(row), *_credit(row))
    return Reading(
        version="detailed" if fields.has("resource.name") else "standard",
        bases=COSTS,
        names=names,
        columns=columns,
        findings=(*_without_credits(row, head.file), *_floats(fields, head.file)),
        known=_known(row),
        parts=row.credits,
        prepared=fields.prepared,
        functions=(
            Function(GOOGLE_CREDITS, CreditReader().read, "VARCHAR[]"),
            Function(GOOGLE_TAGS, LabelReader().read),
        ),
        refusals=_refusals(row),
    )


def _money(row: GoogleRow) -> tuple[ReadColumn, ...]:
    fields = row.fields
    billed, currency = fields.written("cost"), fields.written("currency")
    in_credit = expression("SELECT CAST(0 AS DECIMAL(38, 18))")
    at_list = _first(fields.amount("cost_at_list"), row.cost)
    contracted = _first(fields.amount("cost_at_effective_price_default"), row.cost)
    return (
        ReadColumn("BilledCost", Kind.DECIMAL, row.billed, billed),
        ReadColumn("EffectiveCost", Kind.DECIMAL, row.billed, billed),
        ReadColumn("ListCost", Kind.DECIMAL, row.either(at_list, in_credit), "cost_at_list"),
        ReadColumn(
            "ContractedCost",
            Kind.DECIMAL,
            row.either(contracted, in_credit),
            "cost_at_effective_price_default",
        ),
        ReadColumn("BillingCurrency", Kind.TEXT, fields.text("currency"), currency),
        _quantity(row, "PricingQuantity", "usage.amount_in_pricing_units"),
        ReadColumn("ConsumedQuantity", Kind.DECIMAL, row.own(_consumed(row)[0]), "usage.amount"),
        _quantity(row, "ListUnitPrice", "price.list_price"),
        _quantity(row, "ContractedUnitPrice", "price.effective_price_default"),
        _quantity(row, "x_CurrencyConversionRate", "currency_conversion_rate"),
    )


def _quantity(row: GoogleRow, name: str, path: str) -> ReadColumn:
    """A quantity or a price is told once, by the charge whose credits don't repeat it."""
    return ReadColumn(
        name, Kind.DECIMAL, row.own(row.fields.amount(path)), row.fields.written(path)
    )


def _consumed(row: GoogleRow) -> tuple[exp.Expr, exp.Expr]:
    """Quantity and unit of usage: as measured, or as priced where there are too many digits.

    Storage is measured in byte-seconds, of which a disk has 10^17 a month.
    """
    measured, priced = (
        row.fields.amount(f"usage.{name}") for name in ("amount", "amount_in_pricing_units")
    )
    held = expression(
        "SELECT abs(_measured) < _mark OR _priced IS NULL",
        _measured=measured,
        _priced=priced,
        _mark=unreadable(),
    )
    quantity = expression(_WHERE_HELD, _held=held, _yes=measured, _no=priced)
    unit = expression(
        _WHERE_HELD,
        _held=held,
        _yes=row.fields.text("usage.unit"),
        _no=row.fields.text("usage.pricing_unit"),
    )
    return quantity, unit


_WHERE_HELD = "SELECT CASE WHEN _held THEN _yes ELSE _no END"


def _times(row: GoogleRow) -> tuple[ReadColumn, ...]:
    fields, start = row.fields, row.billing_period
    end = expression("SELECT CAST(_start + INTERVAL 1 MONTH AS TIMESTAMP)", _start=start)
    month = fields.written("invoice.month")
    times = {
        "ChargePeriodStart": "usage_start_time",
        "ChargePeriodEnd": "usage_end_time",
        "x_ExportTime": "export_time",
    }
    return (
        ReadColumn("BillingPeriodStart", Kind.TIME, start, month),
        ReadColumn("BillingPeriodEnd", Kind.TIME, end, month),
        *(
            ReadColumn(name, Kind.TIME, moment(fields.text(path)), fields.written(path))
            for name, path in times.items()
        ),
    )


def _texts(row: GoogleRow) -> tuple[ReadColumn, ...]:
    fields, kind = row.fields, Categories(row)
    copied = {
        "BillingAccountId": "billing_account_id",
        "SubAccountId": "project.id",
        "SubAccountName": "project.name",
        "ServiceName": "service.description",
        "RegionId": "location.region",
        "AvailabilityZone": "location.zone",
        "ResourceId": "resource.global_name",
        "ResourceName": "resource.name",
        "SkuId": "sku.id",
        "SkuMeter": "sku.description",
        **KEPT,
    }
    made = {
        "ChargeCategory": kind.charge_category,
        "ChargeClass": kind.charge_class,
        "ChargeFrequency": kind.charge_frequency,
        "ChargeDescription": row.either(
            fields.text("sku.description"),
            _first(row.of_credit("full_name"), row.of_credit("name")),
        ),
        "PricingCategory": kind.pricing_category,
        "CommitmentDiscountCategory": kind.commitment_category,
        "CommitmentDiscountId": kind.commitment_id,
        "CommitmentDiscountName": kind.commitment_name,
        "CommitmentDiscountStatus": kind.commitment_status,
        "CommitmentDiscountType": kind.commitment_type,
        "PricingUnit": row.own(fields.text("usage.pricing_unit")),
        "ConsumedUnit": row.own(_consumed(row)[1]),
        "ServiceCategory": _service_category(fields),
        "ProviderName": literal(GOOGLE),
        "InvoiceIssuerName": literal(GOOGLE),
        "PublisherName": _publisher(fields),
        "ResourceType": _resource_type(fields),
        "SkuPriceId": _price_id(fields),
        "Tags": _tags(fields),
    }
    return (
        *(
            ReadColumn(name, Kind.TEXT, fields.text(path), fields.written(path))
            for name, path in copied.items()
        ),
        *(ReadColumn(name, Kind.TEXT, value) for name, value in made.items()),
    )


def _credit(row: GoogleRow) -> tuple[ReadColumn, ...]:
    if row.credits is None:
        return ()
    names = {"x_CreditId": "id", "x_CreditName": "name", "x_CreditFullName": "full_name"}
    return (
        ReadColumn("x_CreditType", Kind.TEXT, row.credit_type, "credits"),
        *(ReadColumn(name, Kind.TEXT, row.of_credit(key)) for name, key in names.items()),
        ReadColumn(NUMBER, Kind.TEXT, column(NUMBER)),
    )


def _publisher(fields: NestedColumns) -> exp.Expr:
    return expression(
        """
        SELECT CASE WHEN _type LIKE 'THIRD_PARTY%' THEN coalesce(_seller, _google)
                    ELSE _google END
        """,
        _type=fields.text("transaction_type"),
        _seller=fields.text("seller_name"),
        _google=literal(GOOGLE),
    )


def _resource_type(fields: NestedColumns) -> exp.Expr:
    """``instances`` from //compute.googleapis.com/projects/p/zones/z/instances/123."""
    return expression(
        "SELECT nullif(regexp_extract(_name, '/([A-Za-z_-]+)/[^/]+$', 1), '')",
        _name=fields.text("resource.global_name"),
    )


def _price_id(fields: NestedColumns) -> exp.Expr:
    """A SKU has a price for each tier of usage."""
    return expression(
        "SELECT _sku || '/' || _tier",
        _sku=fields.text("sku.id"),
        _tier=fields.text("price.tier_start_amount"),
    )


def _tags(fields: NestedColumns) -> exp.Expr:
    lists = [expression("SELECT coalesce(_t, '')", _t=fields.text(path)) for path in PRECEDENCE]
    joined = exp.Anonymous(this="concat_ws", expressions=[literal(BETWEEN), *lists])
    return fields.once("tags", exp.Anonymous(this=GOOGLE_TAGS, expressions=[joined]))


def _service_category(fields: NestedColumns) -> exp.Expr:
    service_id, name = fields.text("service.id"), fields.text("service.description")
    return fields.once("category of service", service_category(service_id, name))


def _first(*values: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=values[0].copy(), expressions=[value.copy() for value in values[1:]])


def _known(row: GoogleRow) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {"x_CostType": COST_TYPES}
    if row.credits is not None:
        known["x_CreditType"] = (*(one.name for one in CREDIT_TYPES), "")
    return known


def _refusals(row: GoogleRow) -> tuple[Refusal, ...]:
    if row.credits is None:
        return ()
    return (
        Refusal(
            code="credits-unreadable",
            column="x_CreditType",
            what="not a list of credits with amounts, so what the row costs is unknown",
            hint="export credits as JSON, unchanged: TO_JSON_STRING(credits)",
            condition=expression(
                "SELECT coalesce(_type = _mark, FALSE)",
                _type=column("x_CreditType"),
                _mark=literal(UNREADABLE),
            ),
        ),
    )


def _refuse_missing(fields: NestedColumns, file: str) -> None:
    lacking = [path for path in NEEDED if not fields.has(path)]
    if lacking:
        raise SourceError(
            f"columns of Google's billing export are missing: {', '.join(lacking)}",
            place=Place(file, 1),
            why="without them a row has no money, no currency or no month",
            hint="export the table as it is: docs/how-to/google-bills.md has the command",
        )
    if not fields.has("credits") and fields.has("credits.amount"):
        raise SourceError(
            f"credits are unnested into the column {fields.written('credits.amount')}",
            place=Place(file, 1),
            why="a row that has several credits comes as often as that, each time with its cost",
            hint="export `credits` as one column, as JSON: TO_JSON_STRING(credits)",
        )


def _without_credits(row: GoogleRow, file: str) -> tuple[Finding, ...]:
    if row.credits is not None:
        return ()
    return (
        Finding(
            "credits-missing",
            Level.WARNING,
            "there is no column credits: costs are before discounts, promotions and free usage",
            Place(file, 1),
            hint="add it to the export; the total is not that of the invoice without it",
        ),
    )


def _floats(fields: NestedColumns, file: str) -> tuple[Finding, ...]:
    if not fields.is_float("cost"):
        return ()
    return (
        Finding(
            "cost-float",
            Level.NOTE,
            "binary floating point holds cost, as in BigQuery: read by its shortest decimal form",
            Place(file),
            hint="nothing: that is how Google keeps it",
        ),
    )
