"""Azure's FOCUS exports, written with exactly the columns of each version, load as `focus`."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.charge import BY_NAME, Kind
from apportion.sources.preview import released_name
from azure_bills import write_run
from loads import House, codes, csv_text

SCHEMAS = Path(__file__).parents[3] / "shared" / "data" / "azure" / "schemas"
NAMES = (
    "focus_1.0-preview.json columns_focus_1.0-preview.json focus_1.0.json columns_focus_1.0.json "
    "focus_1.2-preview.json columns_focus_1.2-preview.json focus_1.2.json"
).split()

VALUES = {
    "BilledCost": "1.25",
    "EffectiveCost": "2.5",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-05T00:00:00Z",
    "ChargePeriodEnd": "2026-10-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "BillingAccountId": "/providers/Microsoft.Billing/billingAccounts/1",
    "InvoiceIssuerName": "Microsoft",
    "ServiceName": "Azure Machine Learning",
    "ServiceCategory": "AI and Machine Learning",
    "Tags": '{"team":"nlp"}',
}


def columns_of(name: str) -> list[str]:
    path = SCHEMAS / name
    if not path.exists():
        pytest.skip(f"the list of columns isn't there: {path}")
    told = json.loads(path.read_text(encoding="utf-8-sig"))
    if "Columns" in told:
        return [column["ColumnName"] for column in told["Columns"]]
    return [one["source"]["name"] for one in told["translator"]["mappings"]]


def bill(columns: list[str]) -> str:
    def value(name: str) -> str:
        kind = BY_NAME[name].kind if name in BY_NAME else Kind.TEXT
        return VALUES.get(name, "3" if kind is Kind.DECIMAL else "")

    return csv_text([{name: value(name) for name in columns}] * 2, columns)


@pytest.mark.parametrize("name", NAMES)
def test_an_azure_focus_export_loads(house: House, name: str) -> None:
    columns = columns_of(name)
    loaded = house.take(bill(columns))
    totals = house.totals()
    assert (totals.loaded["BilledCost"], totals.loaded["EffectiveCost"]) == (
        Decimal("2.5"),
        Decimal(5),
    )
    preview = "1.0-preview" in name
    names = {released_name(one, columns) if preview else one for one in columns}
    assert names <= set(house.rows("charges")[0])
    # 1.0-preview came before ContractedCost and ChargeClass were in FOCUS, and isn't blamed.
    assert not {"cost-column-missing", "column-missing"} & codes(loaded.findings)


def test_of_focus_exports_with_manifests_the_newest_run_counts(house: House) -> None:
    text = bill(list(VALUES))
    for run, day in (("one", "06"), ("two", "07")):
        write_run(
            house.bills / "20261001-20261031" / run,
            {"part_0.csv": text},
            kind="FocusCost",
            submitted=f"2026-10-{day}T04:00:00Z",
        )
    house.load()
    assert house.totals().loaded["BilledCost"] == Decimal("2.5")
