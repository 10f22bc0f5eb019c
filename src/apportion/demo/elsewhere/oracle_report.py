"""Oracle: a FOCUS report with the column names of 1.0-preview, as Oracle writes it.

Recommendation rents a bare-metal machine of eight GPUs for its yearly retraining.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from apportion.demo.company import REC
from apportion.domain.period import Period

COLUMNS = """
    AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency
    BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeDescription ChargeFrequency
    ChargePeriodEnd ChargePeriodStart ChargeSubcategory CommitmentDiscountCategory
    CommitmentDiscountId CommitmentDiscountName CommitmentDiscountType EffectiveCost
    InvoiceIssuer ListCost ListUnitPrice PricingCategory PricingQuantity PricingUnit Provider
    Publisher Region ResourceId ResourceName ResourceType ServiceCategory ServiceName SkuId
    SkuPriceId SubAccountId SubAccountName Tags UsageQuantity UsageUnit oci_ReferenceNumber
    oci_CompartmentId oci_CompartmentName oci_OverageFlag oci_UnitPriceOverage
    oci_BilledQuantityOverage oci_CostOverage oci_AttributedUsage oci_AttributedCost
    oci_BackReferenceNumber
""".split()

_ORACLE = "Oracle"
_GPU_HOUR = Decimal("10.00")
_GPUS = 8
_GB_MONTH = Decimal("0.0255")
_GIGABYTES = 40_000


def write_oracle_report(path: Path, period: Period) -> Decimal:
    """Write a month's report; what it bills."""
    rows = list(_rows(period))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 3, mtime=0))
    return sum((Decimal(row["BilledCost"]) for row in rows), Decimal(0))


def _rows(period: Period) -> Iterator[dict[str, str]]:
    for number, day in enumerate(period.span):
        span = {
            "ChargePeriodStart": f"{day}T00:00:00.000Z",
            "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00.000Z",
        }
        if period.month in {9, 10} and 5 <= day.day < 19:
            yield _row(period, f"gpu-{number}") | span | _machine()
        yield _row(period, f"store-{number}") | span | _storage()


def _row(period: Period, reference: str) -> dict[str, str]:
    return {
        "BillingAccountId": "ocid1.tenancy.oc1..sample",
        "BillingAccountName": "sample-company",
        "BillingCurrency": "USD",
        "BillingPeriodStart": f"{period.start}T00:00:00.000Z",
        "BillingPeriodEnd": f"{period.until}T00:00:00.000Z",
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargeSubcategory": "On-Demand",
        "InvoiceIssuer": _ORACLE,
        "PricingCategory": "On-Demand",
        "Provider": _ORACLE,
        "Publisher": _ORACLE,
        "Region": "us-ashburn-1",
        "SubAccountId": "ocid1.compartment.oc1..rec",
        "SubAccountName": "recommendation",
        "oci_ReferenceNumber": f"{period}-{reference}",
        "oci_CompartmentId": "ocid1.compartment.oc1..rec",
        "oci_CompartmentName": "recommendation",
        "oci_OverageFlag": "N",
    }


def _machine() -> dict[str, str]:
    hours = 24 * _GPUS
    return _cost(_GPU_HOUR, Decimal(hours)) | {
        "ChargeDescription": "OCI - Compute - GPU - H100, per GPU hour",
        "PricingUnit": "GPU HOURS",
        "UsageUnit": "GPU HOURS",
        "ResourceId": "ocid1.instance.oc1.iad.rec-retrain",
        "ResourceName": "rec-retrain",
        "ResourceType": "instance",
        "ServiceCategory": "Compute",
        "ServiceName": "COMPUTE",
        "SkuId": "B98415",
        "SkuPriceId": "B98415",
        "Tags": json.dumps({"team": REC}),
    }


def _storage() -> dict[str, str]:
    gb_months = (Decimal(_GIGABYTES) / 30).quantize(Decimal("0.0001"))
    return _cost(_GB_MONTH, gb_months) | {
        "ChargeDescription": "OCI - Object Storage - Storage, per GB a month",
        "PricingUnit": "GB MONTHS",
        "UsageUnit": "GB MONTHS",
        "ResourceId": "ocid1.bucket.oc1.iad.rec-history",
        "ResourceName": "rec-history",
        "ResourceType": "bucket",
        "ServiceCategory": "Storage",
        "ServiceName": "OBJECTSTORE",
        "SkuId": "B91628",
        "SkuPriceId": "B91628",
    }


def _cost(price: Decimal, quantity: Decimal) -> dict[str, str]:
    cost = format(price * quantity, "f")
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ListUnitPrice": format(price, "f"),
        "PricingQuantity": format(quantity, "f"),
        "UsageQuantity": format(quantity, "f"),
        "oci_AttributedUsage": format(quantity, "f"),
        "oci_AttributedCost": cost,
    }
