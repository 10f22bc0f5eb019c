"""A charge: one row of a bill in FOCUS terms, and the columns that it is made of.

Source: FOCUS CostAndUsage 1.0 to 1.4 (FinOps Open Cost and Usage Specification).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a column's values are read."""

    TEXT = "text"
    DECIMAL = "decimal"
    TIME = "time"
    JSON = "json"


TEXT, DECIMAL, TIME, JSON = Kind.TEXT, Kind.DECIMAL, Kind.TIME, Kind.JSON

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")


@dataclass(frozen=True)
class Column:
    """A FOCUS column: its name, kind, and the versions that know it."""

    name: str
    kind: Kind
    since: str = "1.0"
    removed: str | None = None
    mandatory: bool = False

    def known_in(self, version: str) -> bool:
        return self.since <= version and (self.removed is None or version < self.removed)


FOCUS_COLUMNS: tuple[Column, ...] = (
    Column("AllocatedMethodDetails", JSON, since="1.3"),
    Column("AllocatedMethodId", TEXT, since="1.3"),
    Column("AllocatedResourceId", TEXT, since="1.3"),
    Column("AllocatedResourceName", TEXT, since="1.3"),
    Column("AllocatedTags", JSON, since="1.3"),
    Column("AvailabilityZone", TEXT),
    Column("BilledCost", DECIMAL, mandatory=True),
    Column("BillingAccountId", TEXT, mandatory=True),
    Column("BillingAccountName", TEXT, mandatory=True),
    Column("BillingAccountType", TEXT, since="1.2"),
    Column("BillingCurrency", TEXT, mandatory=True),
    Column("BillingPeriodEnd", TIME, mandatory=True),
    Column("BillingPeriodStart", TIME, mandatory=True),
    Column("CapacityReservationId", TEXT, since="1.1"),
    Column("CapacityReservationStatus", TEXT, since="1.1"),
    Column("ChargeCategory", TEXT, mandatory=True),
    Column("ChargeClass", TEXT, mandatory=True),
    Column("ChargeDescription", TEXT, mandatory=True),
    Column("ChargeFrequency", TEXT),
    Column("ChargePeriodEnd", TIME, mandatory=True),
    Column("ChargePeriodStart", TIME, mandatory=True),
    Column("CommitmentDiscountCategory", TEXT),
    Column("CommitmentDiscountId", TEXT),
    Column("CommitmentDiscountName", TEXT),
    Column("CommitmentDiscountQuantity", DECIMAL, since="1.1"),
    Column("CommitmentDiscountStatus", TEXT),
    Column("CommitmentDiscountType", TEXT),
    Column("CommitmentDiscountUnit", TEXT, since="1.1"),
    Column("CommitmentProgramEligibilityDetails", JSON, since="1.4"),
    Column("ConsumedQuantity", DECIMAL),
    Column("ConsumedUnit", TEXT),
    Column("ContractApplied", JSON, since="1.3"),
    Column("ContractedCost", DECIMAL, mandatory=True),
    Column("ContractedUnitPrice", DECIMAL),
    Column("EffectiveCost", DECIMAL, mandatory=True),
    Column("HostProviderName", TEXT, since="1.3", mandatory=True),
    Column("InvoiceDetailId", TEXT, since="1.4"),
    Column("InvoiceId", TEXT, since="1.2"),
    Column("InvoiceIssuerName", TEXT, mandatory=True),
    Column("ListCost", DECIMAL, mandatory=True),
    Column("ListUnitPrice", DECIMAL),
    Column("PricingCategory", TEXT),
    Column("PricingCurrency", TEXT, since="1.2"),
    Column("PricingCurrencyContractedUnitPrice", DECIMAL, since="1.2"),
    Column("PricingCurrencyEffectiveCost", DECIMAL, since="1.2"),
    Column("PricingCurrencyListUnitPrice", DECIMAL, since="1.2"),
    Column("PricingQuantity", DECIMAL, mandatory=True),
    Column("PricingUnit", TEXT, mandatory=True),
    Column("ProviderName", TEXT, removed="1.4", mandatory=True),
    Column("PublisherName", TEXT, removed="1.4", mandatory=True),
    Column("RegionId", TEXT),
    Column("RegionName", TEXT),
    Column("ResourceId", TEXT),
    Column("ResourceName", TEXT),
    Column("ResourceType", TEXT),
    Column("ServiceCategory", TEXT, mandatory=True),
    Column("ServiceName", TEXT, mandatory=True),
    Column("ServiceProviderName", TEXT, since="1.3", mandatory=True),
    Column("ServiceSubcategory", TEXT, since="1.1"),
    Column("SkuId", TEXT),
    Column("SkuMeter", TEXT, since="1.1"),
    Column("SkuPriceDetails", JSON, since="1.1"),
    Column("SkuPriceId", TEXT),
    Column("SubAccountId", TEXT),
    Column("SubAccountName", TEXT),
    Column("SubAccountType", TEXT, since="1.2"),
    Column("Tags", JSON),
)

BY_NAME = {column.name: column for column in FOCUS_COLUMNS}

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
"""The four cost bases. They travel together; each is proven on its own."""

QUANTITIES = ("PricingQuantity", "ConsumedQuantity")
"""Summed beside the costs. Their units are part of the charge key, so one key has one unit."""

KEY_COLUMNS: tuple[str, ...] = tuple(
    column.name
    for column in FOCUS_COLUMNS
    if column.kind is Kind.TEXT and column.name not in {"InvoiceDetailId", "AllocatedMethodId"}
)
"""The text columns that rules can see. With the tags they make the charge key.

`InvoiceDetailId` counts invoice lines and would make every row a key of its own.
"""


def version_of(columns: Iterable[str]) -> str:
    """The oldest FOCUS version that knows all the FOCUS columns of a file.

    A file of 1.4 no longer has ProviderName; one of 1.0 has none of the later
    columns. Unknown and ``x_`` columns don't count.

    >>> version_of(["BilledCost", "InvoiceId"]), version_of(["BilledCost"])
    ('1.2', '1.0')
    """
    known = [BY_NAME[name] for name in columns if name in BY_NAME]
    return max((column.since for column in known), default=VERSIONS[0])
