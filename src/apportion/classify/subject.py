"""What classification looks at of a charge: who sells it, the service, the meter, the unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apportion.domain.cost_class import NATIVE_COLUMNS

PROVIDERS = ("ServiceProviderName", "ProviderName", "PublisherName")
SERVICES = (
    "ServiceName",
    "x_ProductName",
    "x_ServiceCode",
    "x_ServiceId",
    "x_ConsumedService",
    "x_MeterCategory",
    "x_SkuMeterCategory",
)
METERS = (
    "x_UsageType",
    "x_MeterName",
    "x_SkuMeterName",
    "SkuMeter",
    "x_ServiceType",
    "x_InstanceType",
    "x_SkuDescription",
    "x_MeterSubCategory",
    "x_SkuMeterSubcategory",
    "SkuId",
    "ChargeDescription",
)
"""Columns that may name the meter, the most telling first."""

NATURES = ("x_LineItemType", "x_CreditType", "x_CostType")
UNITS = ("PricingUnit", "x_PricingUnitDescription")
CONSUMED = ("ConsumedUnit",)

SUBJECT_COLUMNS = tuple(
    sorted(
        {*PROVIDERS, *SERVICES, *METERS, *NATURES, *UNITS, *CONSUMED, *NATIVE_COLUMNS}
        | {"ChargeCategory", "ServiceCategory"}
        | {"CommitmentDiscountStatus", "CommitmentDiscountType"}
    )
)
"""Two charges that are equal in these are of one class."""


@dataclass(frozen=True)
class Subject:
    """The texts of a charge, by what they tell.

    `category` is the ChargeCategory, followed by *Unused* where a commitment
    wasn't used, and by *Commitment* where one is bought.
    """

    providers: tuple[str, ...]
    services: tuple[str, ...]
    meters: tuple[str, ...]
    natures: tuple[str, ...]
    units: tuple[str, ...]
    category: str
    service_category: str
    block: str = ""

    @classmethod
    def of(cls, charge: Mapping[str, str | None]) -> Subject:
        """The subject of a charge, whose columns may be missing."""
        return cls(
            providers=_texts(charge, PROVIDERS),
            services=_texts(charge, SERVICES),
            meters=_texts(charge, METERS),
            natures=_texts(charge, NATURES),
            units=_texts(charge, UNITS) or _texts(charge, CONSUMED),
            category=_category(charge),
            service_category=charge.get("ServiceCategory") or "",
            block=charge.get("x_PricingBlockSize") or "",
        )


def _category(charge: Mapping[str, str | None]) -> str:
    category = charge.get("ChargeCategory") or ""
    if category == "Purchase" and charge.get("CommitmentDiscountType"):
        return f"{category} Commitment"
    unused = charge.get("CommitmentDiscountStatus") == "Unused"
    return f"{category} Unused" if unused else category


def _texts(charge: Mapping[str, str | None], names: Sequence[str]) -> tuple[str, ...]:
    """The values of some columns, each once."""
    return tuple(dict.fromkeys(value for name in names if (value := charge.get(name))))
