"""What stands on a bill besides use: commitments bought, support, tax, credits, corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from apportion.demo.catalogue import Resource
from apportion.demo.charge_rows import (
    PLAN_ID,
    RESERVATION_ID,
    Costs,
    Row,
    blank,
    moment,
    text,
)
from apportion.demo.commitments import plan_a_day, reservation_fee
from apportion.demo.company import FEATURES, ML_SHARED, PAYER, Account
from apportion.demo.prices import EC2, SUPPORT
from apportion.domain.period import Period

SUPPORT_RATE = Decimal("0.03")
TAX_RATE = Decimal("0.012")

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Event:
    """Something that happened once, with its amount; `resource` is the name of what it is for."""

    period: Period
    account: Account
    category: str
    amount: str
    what: str
    resource: str = ""
    correction: bool = False


EVENTS: tuple[Event, ...] = (
    Event(Period(2025, 3), ML_SHARED, "Credit", "-18000.00", "Programme credit for AI teams"),
    Event(Period(2025, 8), ML_SHARED, "Adjustment", "-1240.50", "Requests of July billed twice",
          "rec-events", correction=True),
    Event(Period(2026, 2), ML_SHARED, "Credit", "-12000.00", "Programme credit for AI teams"),
    Event(Period(2026, 9), ML_SHARED, "Credit", "-2875.25", "Service credit for lost machines",
          "cv-train-01"),
    Event(Period(2026, 10), ML_SHARED, "Credit", "-15000.00", "Programme credit for AI teams"),
)  # fmt: skip


def fee_rows(
    period: Period,
    unused: Mapping[date, Decimal],
    used: Mapping[Account, Decimal],
    by_name: Mapping[str, Resource],
) -> Iterator[Row]:
    """All rows that stand for no use, in their order on the bill.

    `unused` is what the plan lost on each day, `used` the billed cost of use by
    account.
    """
    yield _plan_purchase(period)
    yield from (_plan_unused(period, day, money) for day, money in unused.items())
    yield from _reservation_purchase(period)
    yield _support(period, sum(used.values(), Decimal(0)))
    yield from (_tax(period, account, money) for account, money in used.items())
    yield from (
        _event(event, by_name.get(event.resource)) for event in EVENTS if event.period == period
    )


def rounding_row(period: Period, total: Decimal) -> Row | None:
    """The provider's own rounding, which brings a bill to whole cents as its invoice is."""
    missing = total.quantize(CENT, ROUND_HALF_UP) - total
    if not missing:
        return None
    row = _row(period, PAYER, "Adjustment", "Invoice rounding", Costs.same(missing))
    return row | _SUPPORT


_SUPPORT = {
    "ServiceCategory": "Management and Governance",
    "ServiceName": SUPPORT,
    "ServiceSubcategory": "Support",
}
_COMPUTE = {
    "ServiceCategory": "Compute",
    "ServiceName": EC2,
    "ServiceSubcategory": "Virtual Machines",
}
_CACHING = {
    "ServiceCategory": "Databases",
    "ServiceName": "Amazon ElastiCache",
    "ServiceSubcategory": "Caching",
}


def _row(period: Period, account: Account, category: str, what: str, costs: Costs) -> Row:
    """A charge over the whole month."""
    row = blank(period, account) | costs.columns()
    row |= {
        "ChargeCategory": category,
        "ChargeDescription": what,
        "ChargeFrequency": "Recurring" if category == "Purchase" else "One-Time",
        "ChargePeriodStart": moment(period.start),
        "ChargePeriodEnd": moment(period.until),
    }
    return row


def _plan_purchase(period: Period) -> Row:
    fee = plan_a_day(period) * period.span.days
    costs = Costs(fee, Decimal(0), fee, fee)
    row = _row(period, PAYER, "Purchase", "Compute Savings Plan, monthly fee", costs)
    return row | _COMPUTE | _plan() | _sold("SP-compute", period.span.days * 24, "Hours")


def _plan_unused(period: Period, day: date, money: Decimal) -> Row:
    costs = Costs(Decimal(0), money, Decimal(0), Decimal(0))
    row = _row(period, PAYER, "Usage", "Unused Savings Plan", costs)
    return row | _COMPUTE | _plan() | {
        "SkuId": "SP-compute",
        "SkuPriceId": "SP-compute",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": moment(day),
        "ChargePeriodEnd": moment(day, 24),
        "CommitmentDiscountQuantity": text(money),
        "CommitmentDiscountStatus": "Unused",
    }  # fmt: skip


def _plan() -> Row:
    return {
        "PricingCategory": "Committed",
        "CommitmentDiscountCategory": "Spend",
        "CommitmentDiscountId": PLAN_ID,
        "CommitmentDiscountName": "Compute plan",
        "CommitmentDiscountType": "Savings Plan",
        "CommitmentDiscountUnit": "USD",
    }


def _reservation_purchase(period: Period) -> Iterator[Row]:
    fee = reservation_fee(period)
    if fee:
        costs = Costs(fee, Decimal(0), fee, fee)
        what = "Reserved cache nodes, one year, paid at once"
        row = _row(period, FEATURES, "Purchase", what, costs)
        yield row | _CACHING | _sold("RI-cache", 1, "Reservations") | {
            "ChargeFrequency": "One-Time",
            "ChargePeriodEnd": moment(period.start + timedelta(days=1)),
            "PricingCategory": "Committed",
            "CommitmentDiscountCategory": "Usage",
            "CommitmentDiscountId": RESERVATION_ID,
            "CommitmentDiscountName": "Feature store cache",
            "CommitmentDiscountType": "Reserved Node",
            "CommitmentDiscountUnit": "Hours",
        }  # fmt: skip


def _support(period: Period, used: Decimal) -> Row:
    fee = (used * SUPPORT_RATE).quantize(CENT, ROUND_HALF_UP)
    row = _row(period, PAYER, "Purchase", "Enterprise support", Costs.same(fee))
    return row | _SUPPORT | _sold("SUPPORT", 1, "Months") | {"PricingCategory": "Standard"}


def _tax(period: Period, account: Account, used: Decimal) -> Row:
    tax = (used * TAX_RATE).quantize(CENT, ROUND_HALF_UP)
    return _row(period, account, "Tax", "US sales tax", Costs.same(tax)) | _COMPUTE


def _event(event: Event, resource: Resource | None) -> Row:
    amount = Decimal(event.amount)
    costs = Costs(amount, amount, Decimal(0), Decimal(0))
    row = _row(event.period, event.account, event.category, event.what, costs) | _COMPUTE
    if resource:
        sku = resource.uses[0][0]
        row |= {
            "ResourceId": resource.id,
            "ResourceName": resource.name,
            "ResourceType": sku.resource_type,
            "ServiceCategory": sku.category,
            "ServiceName": sku.service,
            "ServiceSubcategory": sku.subcategory,
            "Tags": resource.tags,
        }
    if event.correction:
        row["ChargeClass"] = "Correction"
        row["ChargePeriodStart"] = moment(event.period.previous().start)
        row["ChargePeriodEnd"] = moment(event.period.start)
    return row


def _sold(sku: str, amount: int, unit: str) -> Row:
    return {"SkuId": sku, "SkuPriceId": sku, "PricingQuantity": str(amount), "PricingUnit": unit}
