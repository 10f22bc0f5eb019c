"""Small FOCUS bills and projects for tests."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

COLUMNS = (
    "BilledCost EffectiveCost ListCost ContractedCost BillingCurrency BillingPeriodStart "
    "BillingPeriodEnd ChargePeriodStart ChargePeriodEnd ChargeCategory ChargeClass "
    "ChargeDescription BillingAccountId BillingAccountName SubAccountId InvoiceIssuerName "
    "ProviderName PublisherName PricingQuantity PricingUnit ServiceCategory ServiceName "
    "ResourceId ResourceName Tags"
).split()

Row = dict[str, str]


def row(cost: str, tags: Mapping[str, str] | None = None, **over: str) -> Row:
    """A charge of October 2026 with the same cost on all four bases; columns may be set."""
    made = {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-10-01T00:00:00Z",
        "BillingPeriodEnd": "2026-11-01T00:00:00Z",
        "ChargePeriodStart": "2026-10-05T00:00:00Z",
        "ChargePeriodEnd": "2026-10-06T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeDescription": "compute",
        "BillingAccountId": "1",
        "BillingAccountName": "Acme",
        "SubAccountId": "11",
        "InvoiceIssuerName": "Cloud",
        "ProviderName": "Cloud",
        "PublisherName": "Cloud",
        "PricingQuantity": "1",
        "PricingUnit": "Hours",
        "ServiceCategory": "Compute",
        "ServiceName": "Compute",
        "ResourceId": "r-1",
        "ResourceName": "machine-1",
        "Tags": json.dumps(dict(tags or {})),
    }
    return made | over


def write_bill(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = list(rows)
        columns = dict.fromkeys((*COLUMNS, *(name for one in rows for name in one)))
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


SETTINGS = """\
name: Test company
currency: USD
sources:
  cloud: {format: focus, path: bills}
"""

MODEL = """\
organisation:
  - {name: nlp, kind: team, cost_center: CC-1, head_count: 3}
  - {name: cv, kind: team, cost_center: CC-2, head_count: 1}
rules:
  - {name: team tag, team_from_tag: team}
pools:
  - {name: platform, tag: {service: platform}, split: {by: even}}
budgets:
  - {team: nlp, amount: "100"}
"""


def write_project(
    folder: Path,
    rows: Iterable[Mapping[str, str]],
    *,
    settings: str = SETTINGS,
    model: str = MODEL,
) -> Path:
    """A project with one bill; its model gives charges to the team that their tag names."""
    (folder / "model").mkdir(parents=True)
    (folder / "apportion.yaml").write_text(settings)
    (folder / "model" / "model.yaml").write_text(model)
    write_bill(folder / "bills" / "2026-10.csv", rows)
    return folder
