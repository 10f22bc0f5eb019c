"""AWS's own exports in FOCUS: 1.0 and 1.2, with the gaps that AWS documents, by manifest too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bills import Row, row
from loads import House, codes, csv_text

NATIVE = {
    "x_CostCategories": '{"Team": "nlp"}',
    "x_Discounts": '{"edp": "-1"}',
    "x_Operation": "RunInstances",
    "x_ServiceCode": "AmazonEC2",
    "x_UsageType": "BoxUsage:p5.48xlarge",
}

GAPS = ("ListUnitPrice", "ContractedUnitPrice", "PricingUnit", "SkuId", "SkuPriceId")
"""What AWS says may be null, and needs nobody's attention."""


def exported(cost: str, version: str) -> Row:
    made = row(cost, {"team": "nlp"}, ServiceName="Amazon Elastic Compute Cloud") | NATIVE
    made |= dict.fromkeys(GAPS, "") | {"SkuId": "sku", "ChargeFrequency": "Usage-Based"}
    return made | ({"InvoiceId": "EU-1", "SubAccountType": "Linked"} if version == "1.2" else {})


@pytest.fixture
def focus(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "project", format="focus")
    yield made
    made.books.close()


@pytest.mark.parametrize("version", ["1.0", "1.2"])
def test_an_export_with_native_columns(focus: House, version: str) -> None:
    rows = [exported("1.5", version), exported("2", version) | {"InvoiceIssuerName": ""}]
    loaded = focus.take(csv_text(rows, [*rows[0]]), "x_UsageType")
    assert focus.totals().loaded["BilledCost"] == Decimal("3.5")
    assert not focus.quarantined()
    assert {unit.version for unit in focus.snapshot().units} == {version}
    assert "value-missing" in codes(loaded.findings)  # the issuer that AWS leaves out
    assert {charge["x_CostCategories"] for charge in focus.rows("charges")} == {'{"Team": "nlp"}'}
    assert {key["x_UsageType"] for key in focus.rows("keys")} == {"BoxUsage:p5.48xlarge"}


def test_an_export_as_parquet_with_maps(focus: House) -> None:
    """Costs are doubles there, tags and categories maps."""
    rows = [exported("0.1", "1.2"), exported("0.2", "1.2")]
    columns = {name: [one[name] or None for one in rows] for name in rows[0]}
    arrays = {name: pa.array(texts, pa.string()) for name, texts in columns.items()}
    for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        arrays[name] = pa.array([float(one[name]) for one in rows])
    for name in ("Tags", "x_CostCategories", "x_Discounts"):
        maps = [list(json.loads(one[name]).items()) for one in rows]
        arrays[name] = pa.array(maps, pa.map_(pa.string(), pa.string()))
    focus.take(pa.table(arrays))
    assert focus.totals().loaded["EffectiveCost"] == Decimal("0.3")
    assert {key["Tags"] for key in focus.rows("keys")} == {'{"team":"nlp"}'}


def test_only_the_current_version_of_an_export_counts(focus: House) -> None:
    data = "exp/data/BILLING_PERIOD=2026-10"
    for version, cost in (("a", "7"), ("b", "9")):
        rows = [exported(cost, "1.2")]
        focus.put(csv_text(rows, [*rows[0]]), f"{data}/{version}/exp-00001.csv")
    manifest = json.dumps({"dataFiles": [f"s3://bucket/pre/{data}/b/exp-00001.csv"]})
    focus.put(manifest, "exp/metadata/BILLING_PERIOD=2026-10/exp-Manifest.json")
    focus.load()
    assert focus.totals().loaded["BilledCost"] == 9
