"""A bill's rows in FOCUS 1.2: every column, amounts as exact decimal text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from apportion.demo.catalogue import Coverage, Resource
from apportion.demo.commitments import Terms
from apportion.demo.company import PAYER, Account
from apportion.demo.meter import Metered
from apportion.demo.prices import EC2, Sku
from apportion.domain.charge import FOCUS_COLUMNS
from apportion.domain.period import Period

Row = dict[str, str]

COLUMNS = tuple(column.name for column in FOCUS_COLUMNS if column.known_in("1.2"))

PROVIDER = "Amazon Web Services"
CURRENCY = "USD"
PLAN_ID = "arn:aws:savingsplans::999900000001:savingsplan/sample-compute"
RESERVATION_ID = "arn:aws:elasticache:us-east-1:111100000002:reserved-instance/sample-cache"

_COMMITTED = {
    Coverage.PLAN: {
        "PricingCategory": "Committed",
        "CommitmentDiscountCategory": "Spend",
        "CommitmentDiscountId": PLAN_ID,
        "CommitmentDiscountName": "Compute plan",
        "CommitmentDiscountStatus": "Used",
        "CommitmentDiscountType": "Savings Plan",
        "CommitmentDiscountUnit": "USD",
    },
    Coverage.RESERVED: {
        "PricingCategory": "Committed",
        "CommitmentDiscountCategory": "Usage",
        "CommitmentDiscountId": RESERVATION_ID,
        "CommitmentDiscountName": "Feature store cache",
        "CommitmentDiscountStatus": "Used",
        "CommitmentDiscountType": "Reserved Node",
        "CommitmentDiscountUnit": "Hours",
    },
}


@dataclass(frozen=True)
class Costs:
    """The four costs of a row."""

    billed: Decimal
    effective: Decimal
    listed: Decimal
    contracted: Decimal

    @classmethod
    def same(cls, amount: Decimal) -> Costs:
        """A charge without list price or discount: all four costs are one."""
        return cls(amount, amount, amount, amount)

    def columns(self) -> Row:
        return {
            "BilledCost": text(self.billed),
            "EffectiveCost": text(self.effective),
            "ListCost": text(self.listed),
            "ContractedCost": text(self.contracted),
            "PricingCurrencyEffectiveCost": text(self.effective),
        }


def text(amount: Decimal) -> str:
    """Plain decimal text, never with an exponent."""
    return format(amount, "f")


@lru_cache(maxsize=4096)
def moment(day: date, hour: int = 0) -> str:
    """A time as FOCUS writes it; hour 24 is the next day's first.

    >>> moment(date(2026, 10, 31), 24)
    '2026-11-01T00:00:00Z'
    """
    at = day + timedelta(days=hour // 24)
    return f"{at.isoformat()}T{hour % 24:02d}:00:00Z"


def blank(period: Period, account: Account) -> Row:
    """A row with what all rows of a bill have in common."""
    return dict.fromkeys(COLUMNS, "") | {
        "BillingAccountId": PAYER.id,
        "BillingAccountName": PAYER.name,
        "BillingAccountType": "Management account",
        "BillingCurrency": CURRENCY,
        "BillingPeriodStart": moment(period.start),
        "BillingPeriodEnd": moment(period.until),
        "InvoiceId": f"SAMPLE-{period}",
        "InvoiceIssuerName": PROVIDER,
        "PricingCurrency": CURRENCY,
        "ProviderName": PROVIDER,
        "PublisherName": PROVIDER,
        "SubAccountId": account.id,
        "SubAccountName": account.name,
        "SubAccountType": "Account",
    }


def usage_rows(
    period: Period, used: list[tuple[Metered, Terms]], slices: int
) -> Iterator[tuple[Row, Decimal]]:
    """A row for each use and slice of the day, with its billed cost.

    Invariant: the number of slices changes no total.
    """
    templates: dict[tuple[str, str, Coverage], Row] = {}
    for use, terms in used:
        key = (use.resource.id, use.sku.id, terms.coverage)
        if key not in templates:
            templates[key] = _template(period, use.resource, use.sku, terms.coverage)
        for part in _sliced(use.quantity, slices):
            yield _usage(templates[key], use, terms, part)


@dataclass(frozen=True)
class _Slice:
    """A part of a day, in full hours, and what was used in it."""

    hour: int
    until: int
    quantity: Decimal


def _sliced(quantity: Decimal, slices: int) -> Iterator[_Slice]:
    """Cut a day's quantity into equal parts, the last one taking what is left."""
    part = (quantity / slices).quantize(Decimal("0.0001"), ROUND_FLOOR)
    hours = 24 // slices
    if part:
        yield from (_Slice(n * hours, (n + 1) * hours, part) for n in range(slices - 1))
    yield _Slice(24 - hours, 24, quantity - part * (slices - 1))


def _template(period: Period, resource: Resource, sku: Sku, coverage: Coverage) -> Row:
    row = blank(period, resource.account)
    row |= {
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": f"USD {sku.price} per {sku.unit}: {sku.meter}",
        "ConsumedUnit": sku.unit,
        "ContractedUnitPrice": text(sku.contracted),
        "ListUnitPrice": text(sku.price),
        "PricingCategory": "Standard",
        "PricingCurrencyContractedUnitPrice": text(sku.contracted),
        "PricingCurrencyListUnitPrice": text(sku.price),
        "PricingUnit": sku.unit,
        "RegionId": "us-east-1",
        "RegionName": "US East (N. Virginia)",
        "ResourceId": resource.id,
        "ResourceName": resource.name,
        "ResourceType": sku.resource_type,
        "ServiceCategory": sku.category,
        "ServiceName": sku.service,
        "ServiceSubcategory": sku.subcategory,
        "SkuId": sku.id,
        "SkuMeter": sku.meter,
        "SkuPriceDetails": sku.details,
        "SkuPriceId": f"{sku.id}.{coverage.replace(' ', '-')}",
        "Tags": resource.tags,
    }
    if sku.service == EC2:
        row["AvailabilityZone"] = "us-east-1" + "abc"[len(resource.name) % 3]
    return row | _COMMITTED.get(coverage, {})


def _usage(template: Row, use: Metered, terms: Terms, part: _Slice) -> tuple[Row, Decimal]:
    quantity = part.quantity
    billed, effective = terms.billed * quantity, terms.effective * quantity
    costs = Costs(billed, effective, use.sku.price * quantity, use.sku.contracted * quantity)
    row = template | costs.columns()
    row["ChargePeriodStart"] = moment(use.day, part.hour)
    row["ChargePeriodEnd"] = moment(use.day, part.until)
    row["ConsumedQuantity"] = row["PricingQuantity"] = text(quantity)
    if terms.coverage is Coverage.PLAN:
        row["CommitmentDiscountQuantity"] = row["EffectiveCost"]
    elif terms.coverage is Coverage.RESERVED:
        row["CommitmentDiscountQuantity"] = row["ConsumedQuantity"]
    return row, billed
