"""Small native Azure bills for tests: a row in one vocabulary, written in another's spelling."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Row = dict[str, str]

VM = (
    "/subscriptions/1CAA-5A3/resourceGroups/Train-RG/providers/Microsoft.Compute"
    "/virtualMachines/GPU-1"
)
RESERVATION = "/providers/Microsoft.Capacity/reservationOrders/49ED/reservations/77"
PLAN = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/0A1B/savingsPlans/22"


def ea_row(cost: str, quantity: str = "1", price: str = "", **over: str) -> Row:
    """A row of October 2026 as EA exports write it; what is asked for may be set over it."""
    made = {
        "BillingAccountId": "8611537",
        "BillingAccountName": "Acme",
        "BillingPeriodStartDate": "10/01/2026",
        "BillingPeriodEndDate": "10/31/2026",
        "SubscriptionId": "1CAA-5A3",
        "SubscriptionName": "Research",
        "Date": "10/05/2026",
        "Product": "Virtual Machines ND - H100",
        "MeterId": "m-1",
        "MeterCategory": "Virtual Machines",
        "MeterSubCategory": "ND Series",
        "MeterName": "ND96isr H100 v5",
        "Quantity": quantity,
        "EffectivePrice": price or cost,
        "Cost": cost,
        "UnitPrice": price or cost,
        "BillingCurrency": "USD",
        "ResourceLocation": "EastUS2",
        "ConsumedService": "Microsoft.Compute",
        "ResourceId": VM,
        "ResourceName": "GPU-1",
        "AdditionalInfo": "",
        "Tags": '"team": "nlp"',
        "CostCenter": "CC-1",
        "UnitOfMeasure": "1 Hour",
        "ResourceGroup": "Train-RG",
        "ReservationId": "",
        "ReservationName": "",
        "ChargeType": "Usage",
        "Frequency": "UsageBased",
        "PublisherType": "Azure",
        "PublisherName": "Microsoft",
        "PayGPrice": price or cost,
        "PricingModel": "OnDemand",
        "CostAllocationRuleName": "",
        "benefitId": "",
        "benefitName": "",
    }
    unknown = set(over) - set(made)
    assert not unknown, unknown
    return made | over


def reserved(cost: str, charge_type: str = "Usage", **over: str) -> Row:
    """A row that has to do with a reservation."""
    benefit = {"benefitId": RESERVATION, "benefitName": "H100 for a year"}
    return ea_row(cost, ChargeType=charge_type, PricingModel="Reservation", **benefit, **over)


def azure_text(
    rows: Sequence[Mapping[str, str]],
    names: Mapping[str, str] | None = None,
    *,
    separator: str = ",",
    bom: bool = True,
) -> str:
    """Rows as an export writes them; `names` says how columns are spelt, empty leaves one out."""
    spelt = {name: (names or {}).get(name, name) for name in rows[0]}
    written = io.StringIO()
    kept = [name for name, spelling in spelt.items() if spelling]
    writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    writer.writerow(spelt[name] for name in kept)
    writer.writerows([row[name] for name in kept] for row in rows)
    return ("\ufeff" if bom else "") + written.getvalue()


def write_run(
    folder: Path,
    parts: Mapping[str, str | bytes],
    *,
    kind: str = "ActualCost",
    submitted: str = "2026-10-06T04:00:00Z",
    first: str = "2026-10-01",
    last: str = "2026-10-31",
    export: str = "/subscriptions/1caa/providers/Microsoft.CostManagement/exports/daily",
    blobs: Iterable[Mapping[str, object]] | None = None,
) -> Path:
    """A run of an export: its parts, and the manifest that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    named: list[Mapping[str, object]] = []
    for name, content in parts.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
        rows = len(data.decode("utf-8-sig").splitlines()) - 1 if name.endswith("csv") else None
        named.append(
            {"blobName": f"exports/acme/{folder.name}/{name}", "byteCount": len(data)}
            | ({"dataRowCount": rows} if rows is not None else {})
        )
    told = list(named if blobs is None else blobs)
    manifest = {
        "blobCount": len(told),
        "exportConfig": {"exportName": "daily", "resourceId": export, "type": kind},
        "runInfo": {
            "submittedTime": submitted,
            "startDate": f"{first}T00:00:00",
            "endDate": f"{last}T00:00:00",
        },
        "blobs": told,
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest))
    return path
