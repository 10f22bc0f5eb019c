"""The bill of a vendor of hosted models: FOCUS 1.3 in Parquet, from January 2026 on.

Each team calls the vendor from a workspace of its own; one workspace, the
default, is used by whoever is in a hurry. Seats of the coding assistant are
bought for everybody. The vendor is invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from apportion.demo.chance import chance
from apportion.demo.company import CV, NLP, REC, SEARCH, month_index
from apportion.demo.seasons import ONE, Season, growth, rhythm
from apportion.domain.charge import FOCUS_COLUMNS, Kind
from apportion.domain.period import Period

FIRST_BILL = Period(2026, 1)

VENDOR = "Example Models"
API = "Example Models API"
SEATS = "Example Models Assistant"

Value = str | Decimal | datetime | dict[str, str] | None


@dataclass(frozen=True)
class Workspace:
    """Where calls come from; tokens a day in millions at the start, and growth a month."""

    id: str
    name: str
    owner: str
    millions: int
    growth: int


WORKSPACES = (
    Workspace("ws-01", "nlp-assistant", NLP, 130, 60),
    Workspace("ws-02", "cv-captions", CV, 48, 30),
    Workspace("ws-03", "rec-explain", REC, 32, 40),
    Workspace("ws-04", "search-rewrite", SEARCH, 35, 25),
    Workspace("ws-00", "default", "", 20, 20),
)

_MODELS: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "large-2": (("input", "3.00", 550), ("cached-input", "0.30", 900), ("output", "15.00", 90)),
    "small-2": (("input", "0.25", 400), ("cached-input", "0.025", 250), ("output", "1.25", 60)),
}
"""Kind of token, price of a million in USD, and per mille of a workspace's volume."""

_SEAT = Decimal("39.00")


def write_vendor_bill(path: Path, period: Period, seed: int) -> None:
    """Write a month's Parquet file: decimals, UTC times, tags as a map."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        Kind.TEXT: pa.string(),
        Kind.DECIMAL: pa.decimal128(38, 12),
        Kind.TIME: pa.timestamp("us", tz="UTC"),
        Kind.JSON: pa.string(),
    }
    tags = pa.map_(pa.string(), pa.string())
    schema = pa.schema(
        (column.name, tags if column.name == "Tags" else kinds[column.kind])
        for column in FOCUS_COLUMNS
        if column.known_in("1.3")
    )
    rows = [dict.fromkeys(schema.names) | row for row in _rows(period, seed)]
    table = pa.Table.from_pylist(rows, schema=schema)
    pq.write_table(table, path, compression="zstd")


def _rows(period: Period, seed: int) -> Iterator[dict[str, Value]]:
    months = month_index(period) - month_index(FIRST_BILL)
    for workspace in WORKSPACES:
        luck = chance(seed, "vendor", period, workspace.id)
        grown = growth(workspace.growth, months)
        for day in period.span:
            factor = grown * rhythm(Season.OFFICE, day) * luck.randint(800, 1200)
            tokens = workspace.millions * factor // ONE**2
            for model, kinds in _MODELS.items():
                for kind, price, part in kinds:
                    millions = Decimal(tokens * part // ONE).scaleb(-3)
                    meter = f"{model}-{kind}"
                    charge = _calls(workspace, day, meter, Decimal(price), millions)
                    yield _charge(period, API) | charge
    yield _seats(period, 70 + 2 * months)


def _calls(
    workspace: Workspace, day: date, meter: str, price: Decimal, millions: Decimal
) -> dict[str, Value]:
    tags = {"workspace": workspace.name} | ({"team": workspace.owner} if workspace.owner else {})
    return _costs(price * millions) | {
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{meter} tokens",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _midnight(day),
        "ChargePeriodEnd": _midnight(day + timedelta(days=1)),
        "ConsumedQuantity": millions,
        "ConsumedUnit": "1000000 Tokens",
        "ContractedUnitPrice": price,
        "ListUnitPrice": price,
        "PricingCategory": "Standard",
        "PricingQuantity": millions,
        "PricingUnit": "1000000 Tokens",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "SkuId": meter,
        "SkuMeter": meter,
        "SkuPriceId": f"{meter}-2025",
        "SubAccountId": workspace.id,
        "SubAccountName": workspace.name,
        "SubAccountType": "Workspace",
        "Tags": tags,
    }


def _seats(period: Period, seats: int) -> dict[str, Value]:
    return _charge(period, SEATS) | _costs(seats * _SEAT) | {
        "ChargeCategory": "Purchase",
        "ChargeDescription": f"{seats} seats",
        "ChargeFrequency": "Recurring",
        "ChargePeriodStart": _midnight(period.start),
        "ChargePeriodEnd": _midnight(period.until),
        "ContractedUnitPrice": _SEAT,
        "ListUnitPrice": _SEAT,
        "PricingCategory": "Standard",
        "PricingQuantity": Decimal(seats),
        "PricingUnit": "Seats",
        "ServiceCategory": "Developer Tools",
        "ServiceSubcategory": "Development Environments",
        "SkuId": "seat",
        "SkuMeter": "seat",
        "SkuPriceId": "seat-2025",
        "Tags": {},
    }  # fmt: skip


def _costs(cost: Decimal) -> dict[str, Value]:
    """No discounts, no commitments: all costs are one."""
    names = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
    return dict.fromkeys((*names, "PricingCurrencyEffectiveCost"), cost)


def _charge(period: Period, service: str) -> dict[str, Value]:
    return {
        "BillingAccountId": "sample-company",
        "BillingAccountName": "Sample company",
        "BillingAccountType": "Organisation",
        "BillingCurrency": "USD",
        "BillingPeriodStart": _midnight(period.start),
        "BillingPeriodEnd": _midnight(period.until),
        "HostProviderName": VENDOR,
        "InvoiceId": f"EM-{period}",
        "InvoiceIssuerName": VENDOR,
        "PricingCurrency": "USD",
        "ProviderName": VENDOR,
        "PublisherName": VENDOR,
        "ServiceName": service,
        "ServiceProviderName": VENDOR,
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
