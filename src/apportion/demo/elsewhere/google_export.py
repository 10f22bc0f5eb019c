"""Google Cloud: the detailed billing export as JSON lines, as BigQuery writes it.

NLP calls hosted models, computer vision tries tensor processors, and a start-up
programme pays a part of it. Costs stand before credits, and each row lists its
own. The export names the invoice's month, which isn't always the month of use.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from apportion.demo.chance import chance
from apportion.demo.company import CV, NLP, month_index
from apportion.demo.seasons import ONE, Season, growth, rhythm
from apportion.domain.period import Period

ACCOUNT = "01A2B3-C4D5E6-F70819"

_TAX = Decimal("0.08")
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Metered:
    """Something used every day: its SKU, list price of a unit, and how many on a usual day."""

    owner: str
    project: str
    labels: tuple[tuple[str, str], ...]
    service: tuple[str, str]
    sku: tuple[str, str]
    unit: str
    price: str
    usual: str
    growth: int
    season: Season = Season.STEADY
    committed: str = ""
    """The part of the list price that a committed-use discount gives back."""


_VERTEX = ("C7E2-9256-1C43", "Vertex AI")
_COMPUTE = ("6F81-5844-456A", "Compute Engine")
_STORAGE = ("95FF-2EF5-5EA1", "Cloud Storage")
_TEAM_NLP, _TEAM_CV = (("team", NLP),), (("team", CV),)

USES = (
    Metered(NLP, "nlp-agents", _TEAM_NLP, _VERTEX,
            ("A1B2-0001", "Gemini 2.5 Flash GA Text Input - Predictions"),
            "count", "0.0000003", "900000000", 40, Season.OFFICE),
    Metered(NLP, "nlp-agents", _TEAM_NLP, _VERTEX,
            ("A1B2-0002", "Gemini 2.5 Flash GA Text Input Caching - Predictions"),
            "count", "0.000000075", "500000000", 40, Season.OFFICE),
    Metered(NLP, "nlp-agents", (), _VERTEX,
            ("A1B2-0003", "Gemini 2.5 Flash GA Text Output - Predictions"),
            "count", "0.0000025", "60000000", 40, Season.OFFICE),
    Metered(CV, "cv-research", _TEAM_CV, _COMPUTE,
            ("A1B2-0011", "Cloud TPU v5e running in Americas"),
            "hour", "1.20", "96", 10, Season.RESEARCH, "0.25"),
    Metered(CV, "cv-research", (), _STORAGE,
            ("A1B2-0021", "Standard Storage US Multi-region"),
            "gibibyte month", "0.026", "2400", 12),
)  # fmt: skip
"""Everything used; two of the five bear no label."""


def write_google_export(path: Path, period: Period, seed: int) -> Decimal:
    """Write a month's export; the total of its invoice, to which it sums exactly."""
    rows = list(_rows(period, seed))
    text = "".join(json.dumps(row, default=_number) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(_unquoted(text).encode(), 3, mtime=0))
    return sum((_net(row) for row in rows), Decimal(0)).quantize(Decimal("0.01"))


def _rows(period: Period, seed: int) -> Iterator[dict[str, Any]]:
    net = Decimal(0)
    for use in USES:
        luck = chance(seed, "google", period, use.sku[0])
        grown = growth(use.growth, month_index(period))
        for day in period.span:
            factor = grown * rhythm(use.season, day) * luck.randint(850, 1150)
            quantity = (Decimal(use.usual) * factor / ONE**3).quantize(Decimal(1))
            row = _used(period, use, day, quantity)
            net += _net(row)
            yield row
    tax = (net * _TAX).quantize(_PLACES, ROUND_HALF_UP)
    yield _of_invoice(period, "tax", "Tax", tax)
    exact = net + tax
    cents = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    yield _of_invoice(period, "rounding_error", "Rounding error", cents - exact)


def _used(period: Period, use: Metered, day: date, quantity: Decimal) -> dict[str, Any]:
    cost = (quantity * Decimal(use.price)).quantize(_PLACES, ROUND_HALF_UP)
    return _row(period, day, use.service, use.sku, cost) | {
        "project": {
            "id": use.project,
            "number": "1000" + str(len(use.project)),
            "name": use.project,
            "labels": [],
        },
        "labels": [{"key": key, "value": value} for key, value in use.labels],
        "location": {"location": "us", "country": "US", "region": None, "zone": None},
        "usage": {
            "amount": quantity,
            "unit": "requests" if use.unit == "count" else use.unit,
            "amount_in_pricing_units": quantity,
            "pricing_unit": use.unit,
        },
        "credits": _credits(use, cost),
        "price": {"effective_price": Decimal(use.price), "unit": use.unit},
        "resource": {"name": f"{use.project}/{use.sku[0]}", "global_name": None},
    }


def _credits(use: Metered, cost: Decimal) -> Sequence[dict[str, Any]]:
    found = []
    if use.committed:
        given = -(cost * Decimal(use.committed)).quantize(_PLACES, ROUND_HALF_UP)
        found.append(_credit("COMMITTED_USAGE_DISCOUNT", "Committed use discount: TPU", given))
    if use.service is _VERTEX:
        given = -(cost * Decimal("0.10")).quantize(_PLACES, ROUND_HALF_UP)
        found.append(_credit("PROMOTION", "Programme for start-ups", given))
    return found


def _credit(kind: str, name: str, amount: Decimal) -> dict[str, Any]:
    return {"type": kind, "id": kind.lower(), "name": name, "full_name": name, "amount": amount}


def _of_invoice(period: Period, kind: str, name: str, cost: Decimal) -> dict[str, Any]:
    """Tax and rounding belong to no project."""
    last = period.until - timedelta(days=1)
    row = _row(period, last, ("CEA5-75D3-3F6D", "Invoice"), ("0000-0000", name), cost)
    return row | {"cost_type": kind, "project": None}


def _row(
    period: Period, day: date, service: tuple[str, str], sku: tuple[str, str], cost: Decimal
) -> dict[str, Any]:
    return {
        "billing_account_id": ACCOUNT,
        "service": {"id": service[0], "description": service[1]},
        "sku": {"id": sku[0], "description": sku[1]},
        "usage_start_time": f"{day} 00:00:00 UTC",
        "usage_end_time": f"{day + timedelta(days=1)} 00:00:00 UTC",
        "project": None,
        "labels": [],
        "system_labels": [],
        "cost": cost,
        "currency": "USD",
        "currency_conversion_rate": Decimal(1),
        "usage": None,
        "credits": [],
        "invoice": {"month": f"{period.year}{period.month:02d}"},
        "cost_type": "regular",
        "export_time": f"{period.until} 06:00:00 UTC",
    }


def _net(row: dict[str, Any]) -> Decimal:
    credits_ = sum((one["amount"] for one in row["credits"]), Decimal(0))
    found: Decimal = row["cost"] + credits_
    return found


def _number(value: object) -> str:
    assert isinstance(value, Decimal)
    return f"\ue000{value:f}\ue000"


def _unquoted(text: str) -> str:
    """Decimals as numbers with all their digits, which the library can't write."""
    return text.replace('"\\ue000', "").replace('\\ue000"', "")
