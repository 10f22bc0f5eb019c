"""Azure: enterprise exports of actual and of amortised cost, billed in euros.

Search calls hosted models, Fraud trains on a machine that it reserved for three
years, paid monthly. The actual export has the purchase and free use under it,
the amortised one spreads the purchase over the use; what isn't used is a row.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from apportion.demo.chance import chance
from apportion.demo.company import FRAUD, SEARCH, month_index
from apportion.demo.seasons import ONE, Season, growth, rhythm
from apportion.domain.period import Period

COLUMNS = """
    BillingAccountId BillingAccountName BillingPeriodStartDate BillingPeriodEndDate
    BillingProfileId BillingProfileName AccountOwnerId AccountName SubscriptionId SubscriptionName
    Date Product PartNumber MeterId ServiceFamily MeterCategory MeterSubCategory MeterRegion
    MeterName Quantity EffectivePrice Cost UnitPrice BillingCurrency ResourceLocation
    AvailabilityZone ConsumedService ResourceId ResourceName ServiceInfo1 ServiceInfo2
    AdditionalInfo Tags InvoiceSectionId InvoiceSection CostCenter UnitOfMeasure ResourceGroup
    ReservationId ReservationName ProductOrderId ProductOrderName OfferId IsAzureCreditEligible
    Term PublisherName PlanName ChargeType Frequency PublisherType PayGPrice PricingModel
    benefitId benefitName CostAllocationRuleName
""".split()

_RESERVED = "b1a2c3d4-0000-4000-8000-000000000001"
_RESERVED_NAME = "fraud-a100"
_HOUR = Decimal("2.35")
"""What an hour of the reserved machine comes to."""
_LIST_HOUR = Decimal("3.78")
_USED_HOURS = 20
_PLACES = Decimal("0.0000000001")


@dataclass(frozen=True)
class Meter:
    """A meter of the hosted models: price of a block, and blocks of a thousand on a usual day."""

    name: str
    price: str
    usual: int


_METERS = (
    Meter("gpt 4.1 Inp glbl Tokens", "0.0018", 60_000),
    Meter("gpt 4.1 cached Inp glbl Tokens", "0.00046", 34_000),
    Meter("gpt 4.1 Outp glbl Tokens", "0.0074", 9_000),
)


def write_azure_exports(actual: Path, amortized: Path, period: Period, seed: int) -> Decimal:
    """Write both exports of a month; what the actual one bills."""
    usage = list(_tokens(period, seed))
    _write(actual, [*usage, _purchase(period), *_machine(period, Decimal(0))])
    _write(amortized, [*usage, *_machine(period, _HOUR), *_unused(period)])
    billed = sum((Decimal(row["Cost"]) for row in usage), Decimal(0))
    return billed + Decimal(_purchase(period)["Cost"])


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.getvalue().encode(), 3, mtime=0))


def _tokens(period: Period, seed: int) -> Iterator[dict[str, str]]:
    grown = growth(30, month_index(period))
    for meter in _METERS:
        luck = chance(seed, "azure", period, meter.name)
        for day in period.span:
            factor = grown * rhythm(Season.RETAIL, day) * luck.randint(850, 1150)
            blocks = Decimal(meter.usual * factor // ONE**3)
            price = Decimal(meter.price)
            yield _row(period, day, SEARCH, "search-models") | {
                "MeterCategory": "Foundry Models",
                "MeterSubCategory": "Azure OpenAI",
                "MeterName": meter.name,
                "MeterId": f"meter-{meter.name.lower().replace(' ', '-')}",
                "ServiceFamily": "AI + Machine Learning",
                "ConsumedService": "Microsoft.CognitiveServices",
                "Product": meter.name,
                "ResourceId": _resource("CognitiveServices/accounts", SEARCH, "search-models"),
                "UnitOfMeasure": "1K",
                "Quantity": format(blocks, "f"),
                "UnitPrice": format(price, "f"),
                "EffectivePrice": format(price, "f"),
                "PayGPrice": format(price, "f"),
                "Cost": _text(price * blocks),
                "ChargeType": "Usage",
                "Frequency": "UsageBased",
                "PricingModel": "OnDemand",
            }


def _machine(period: Period, hour: Decimal) -> Iterator[dict[str, str]]:
    """The reserved machine's use: free where the purchase is a row, else at its hourly part."""
    for day in period.span:
        yield _reserved(period, day, Decimal(_USED_HOURS), hour) | {
            "ResourceId": _resource("virtualMachines", FRAUD, "fraud-train"),
            "ResourceName": "fraud-train",
            "ConsumedService": "Microsoft.Compute",
            "AdditionalInfo": json.dumps({"ServiceType": "Standard_NC24ads_A100_v4"})[1:-1],
            "ChargeType": "Usage",
            "Frequency": "UsageBased",
        }


def _unused(period: Period) -> Iterator[dict[str, str]]:
    for day in period.span:
        row = _reserved(period, day, Decimal(24 - _USED_HOURS), _HOUR)
        yield row | {"ChargeType": "UnusedReservation", "Frequency": "UsageBased", "Tags": ""}


def _purchase(period: Period) -> dict[str, str]:
    fee = _HOUR * 24 * period.span.days
    return _reserved(period, period.start, Decimal(1), fee) | {
        "Cost": _text(fee),
        "ChargeType": "Purchase",
        "Frequency": "Recurring",
        "Tags": "",
        "MeterName": "",
        "UnitOfMeasure": "1",
        "PayGPrice": "0",
    }


def _reserved(period: Period, day: date, hours: Decimal, price: Decimal) -> dict[str, str]:
    return _row(period, day, FRAUD, "") | {
        "MeterCategory": "Virtual Machines",
        "MeterSubCategory": "NCads A100 v4 Series",
        "MeterName": "NC24ads A100 v4",
        "MeterId": "meter-nc24ads-a100-v4",
        "ServiceFamily": "Compute",
        "Product": "NC24ads A100 v4, reserved for three years",
        "UnitOfMeasure": "1 Hour",
        "Quantity": format(hours, "f"),
        "UnitPrice": format(_LIST_HOUR, "f"),
        "EffectivePrice": format(price, "f"),
        "PayGPrice": format(_LIST_HOUR, "f"),
        "Cost": _text(price * hours),
        "PricingModel": "Reservation",
        "ReservationId": _RESERVED,
        "ReservationName": _RESERVED_NAME,
        "benefitId": f"/providers/Microsoft.Capacity/reservationOrders/{_RESERVED}",
        "benefitName": _RESERVED_NAME,
        "Term": "36",
    }


def _row(period: Period, day: date, team: str, resource: str) -> dict[str, str]:
    last = period.until - timedelta(days=1)
    return {
        "BillingAccountId": "7654321",
        "BillingAccountName": "Sample company Europe",
        "BillingPeriodStartDate": f"{period.start:%m/%d/%Y}",
        "BillingPeriodEndDate": f"{last:%m/%d/%Y}",
        "BillingCurrency": "EUR",
        "AccountName": "europe",
        "SubscriptionId": f"00000000-0000-4000-8000-{len(team):012d}",
        "SubscriptionName": f"{team}-europe",
        "Date": f"{day:%m/%d/%Y}",
        "ResourceLocation": "westeurope",
        "MeterRegion": "West Europe",
        "ResourceGroup": f"{team}-rg",
        "ResourceName": resource,
        "PublisherType": "Azure",
        "PublisherName": "Microsoft",
        "Tags": f'"team": "{team}"',
    }


def _resource(kind: str, team: str, name: str) -> str:
    number = f"00000000-0000-4000-8000-{len(team):012d}"
    provider = "Microsoft.Compute" if kind == "virtualMachines" else "Microsoft"
    joined = f"{provider}/{kind}" if kind == "virtualMachines" else f"{provider}.{kind}"
    return f"/subscriptions/{number}/resourceGroups/{team}-rg/providers/{joined}/{name}"


def _text(amount: Decimal) -> str:
    return format(amount.quantize(_PLACES, ROUND_HALF_UP).normalize(), "f")
