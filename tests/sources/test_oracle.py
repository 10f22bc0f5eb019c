"""Cost reports of Oracle: the names of FOCUS 1.0-preview, Oracle's own columns, corrections."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from loads import House, codes, csv_text, found

COLUMNS = (
    "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency "
    "BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeDescription ChargeFrequency "
    "ChargePeriodEnd ChargePeriodStart ChargeSubcategory CommitmentDiscountCategory "
    "CommitmentDiscountId CommitmentDiscountName CommitmentDiscountType EffectiveCost "
    "InvoiceIssuer ListCost ListUnitPrice PricingCategory PricingQuantity PricingUnit Provider "
    "Publisher Region ResourceId ResourceName ResourceType ServiceCategory ServiceName SkuId "
    "SkuPriceId SubAccountId SubAccountName Tags UsageQuantity UsageUnit oci_ReferenceNumber "
    "oci_CompartmentId oci_CompartmentName oci_OverageFlag oci_UnitPriceOverage "
    "oci_BilledQuantityOverage oci_CostOverage oci_AttributedUsage oci_AttributedCost "
    "oci_BackReferenceNumber"
).split()

PLAIN = {
    "BillingAccountId": "20209880",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00Z",
    "ChargeCategory": "Usage",
    "ChargeDescription": "GPU Standard - H100",
    "ChargeFrequency": "Usage-Based",
    "ChargePeriodStart": "2026-10-05T13:00Z",
    "ChargePeriodEnd": "2026-10-05T14:00Z",
    "InvoiceIssuer": "Oracle",
    "PricingCategory": "Standard",
    "PricingUnit": "GPU Per Hour",
    "Provider": "Oracle",
    "Publisher": "Oracle",
    "Region": "us-sanjose-1",
    "ResourceId": "ocid1.instance.oc1.us-sanjose-1.example1",
    "ServiceCategory": "Compute",
    "ServiceName": "COMPUTE",
    "SkuId": "B98415",
    "SubAccountId": "ocid1.tenancy.oc1..example",
    "SubAccountName": "acme",
    "Tags": '{"team":"nlp"}',
    "UsageQuantity": "8",
    "UsageUnit": "GPU Hours",
    "oci_CompartmentName": "training",
    "oci_OverageFlag": "N",
}


def line(number: str, cost: str, corrects: str = "", **over: str) -> dict[str, str]:
    costs = {"BilledCost": cost, "EffectiveCost": cost, "ListCost": cost}
    reference = {"oci_ReferenceNumber": number, "oci_BackReferenceNumber": corrects}
    return {**PLAIN, **costs, **reference, **over}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "project", format="oracle", keys=("x_CompartmentName",))
    yield made
    made.books.close()


def test_columns_of_the_preview_become_those_of_focus(house: House) -> None:
    loaded = house.take(csv_text([line("a=1", "32.00")], COLUMNS))
    (charge,) = house.rows("charges")
    wanted = {
        "ProviderName": "Oracle",
        "PublisherName": "Oracle",
        "InvoiceIssuerName": "Oracle",
        "RegionId": "us-sanjose-1",
        "ConsumedQuantity": Decimal(8),
        "ConsumedUnit": "GPU Hours",
        "x_CompartmentName": "training",
        "x_ReferenceNumber": "a=1",
        "ChargeClass": None,
        "BilledCost": Decimal(32),
    }
    assert {name: charge[name] for name in wanted} == wanted
    assert {"Provider", "Region", "UsageUnit", "oci_CompartmentName"}.isdisjoint(charge)
    (key,) = house.rows("keys")
    assert (key["x_CompartmentName"], key["ProviderName"]) == ("training", "Oracle")
    assert codes(loaded.findings) == set()
    (unit,) = house.snapshot().units
    assert (unit.version, unit.bases) == (
        "1.0-preview",
        ("BilledCost", "EffectiveCost", "ListCost"),
    )


def test_a_correction_is_added_to_what_it_corrects(house: House) -> None:
    rows = [line("1", "100.00"), line("2", "40.00"), line("9", "-12.50", corrects="1")]
    loaded = house.take(csv_text(rows, COLUMNS))
    assert house.totals().loaded["BilledCost"] == Decimal("127.50")
    assert [charge["ChargeClass"] for charge in house.rows("charges")] == [
        None,
        None,
        "Correction",
    ]
    assert found(loaded.findings, "charge-corrected").rows == 1


def test_a_row_that_cant_be_read_points_to_the_columns_own_name(house: House) -> None:
    house.take(csv_text([line("1", "1"), line("2", "oops", UsageQuantity="x")], COLUMNS))
    (aside,) = house.quarantined()
    assert (aside.line, aside.column) == (3, "BilledCost")
    assert aside.row["Provider"] == "Oracle"


def test_effective_cost_that_stays_at_zero_is_told(house: House) -> None:
    loaded = house.take(csv_text([line("1", "5", EffectiveCost="0")], COLUMNS))
    assert found(loaded.findings, "effective-cost-zero").rows == 1


def test_subcategories_of_the_preview(house: House) -> None:
    rows = [
        line("1", "-5", ChargeCategory="Adjustment", ChargeSubcategory="Credit"),
        line("2", "5", ChargeSubcategory="Used Commitment"),
        line("3", "7", ChargeSubcategory="On-Demand"),
    ]
    house.take(csv_text(rows, COLUMNS))
    told = [(c["ChargeCategory"], c["CommitmentDiscountStatus"]) for c in house.rows("charges")]
    assert told == [("Credit", None), ("Usage", "Used"), ("Usage", None)]


def test_a_generated_month_is_what_plain_decimals_sum_to(house: House) -> None:
    chance = random.Random(7)
    total = {"BilledCost": Decimal(0), "ListCost": Decimal(0)}
    for number in range(1, 5):
        rows = [generated(chance, f"{number}={n}") for n in range(500)]
        text = csv_text(rows, COLUMNS)
        house.put(gzip.compress(text.encode()), f"report-{number:05}.csv.gz")
        for row in csv.DictReader(io.StringIO(text)):
            for name in total:
                total[name] += Decimal(row[name])
    loaded = house.load()
    units = house.snapshot().units
    for name, wanted in total.items():
        assert sum(t.loaded[name] for u in units for t in u.totals) == wanted
    corrected = [one for one in loaded.findings if one.code == "charge-corrected"]
    assert sum(one.rows for one in corrected) > 10


def generated(chance: random.Random, number: str) -> Mapping[str, str]:
    cost = Decimal(chance.randrange(-100_000, 5_000_000)).scaleb(-chance.randrange(2, 12))
    corrects = number if cost < 0 else ""
    day = chance.randrange(1, 30)
    return line(
        number,
        f"{cost:f}",
        corrects,
        ListCost=f"{cost * 2:f}",
        ChargePeriodStart=f"2026-10-{day:02}T05:00Z",
        ChargePeriodEnd=f"2026-10-{day:02}T06:00Z",
        ServiceName=chance.choice(["COMPUTE", "BLOCK_STORAGE", "NETWORK", "GENERATIVE_AI"]),
        Tags=json.dumps({"team": chance.choice(["nlp", "vision"]), "Oracle-Tags.CreatedBy": "x"}),
    )


AZURE = (
    "BilledCost BillingAccountId BillingCurrency BillingPeriodEnd BillingPeriodStart "
    "ChargeCategory ChargePeriodEnd ChargePeriodStart ChargeSubcategory EffectiveCost "
    "InvoiceIssuerName ListCost ProviderName PublisherName Region ServiceName UsageQuantity "
    "UsageUnit x_CostCenter"
).split()


def test_a_preview_of_azure_is_read_as_focus(tmp_path: Path) -> None:
    house = House(tmp_path, format="focus")
    row = line("1", "3") | {"ProviderName": "Microsoft", "Region": "westeurope"}
    house.take(csv_text([{name: row.get(name, "") for name in AZURE}], AZURE))
    (charge,) = house.rows("charges")
    assert (charge["RegionId"], charge["ConsumedUnit"]) == ("westeurope", "GPU Hours")
    assert charge["ProviderName"] == "Microsoft"
    house.books.close()
