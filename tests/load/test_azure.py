"""Native Azure bills: every spelling of columns, numbers and days comes to the same charges."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from apportion.domain.period import Period
from apportion.errors import SourceError
from azure_bills import PLAN, Row, azure_text, ea_row, reserved
from loads import House, codes, found

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "azure"


@pytest.fixture
def azure(tmp_path: Path) -> House:
    return House(tmp_path, format="azure")


def told(tmp_path: Path, **settings: object) -> House:
    return House(tmp_path, format="azure", **settings)


@pytest.mark.parametrize(
    ("name", "cost", "period", "says"),
    [
        ("EA_ActualCost_Small.csv", "Cost", "2023-09", "8.545007786741936800"),
        ("costreport_202610.csv", "CostInBillingCurrency", "2026-10", "4.921783718572990799"),
    ],
)
def test_the_samples_sum_to_what_plain_python_sums(
    azure: House, name: str, cost: str, period: str, says: str
) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the Azure sample isn't there: {path}")
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    azure.take(path.read_bytes())
    totals = azure.totals(period=Period.parse(period))
    expected = sum((Decimal(row[cost]) for row in rows), Decimal(0))
    assert totals.loaded["BilledCost"] == totals.read["BilledCost"] == expected == Decimal(says)
    assert (totals.read_rows, totals.quarantined_rows) == (len(rows), 0)


MCA = {
    "Cost": "costInBillingCurrency",
    "Date": "date",
    "ResourceGroup": "resourceGroupName",
    "Product": "productName",
    "BillingCurrency": "billingCurrency",
    "ResourceId": "resourceId",
}
PAY_AS_YOU_GO = {
    "Cost": "PreTaxCost",
    "Date": "UsageDateTime",
    "ResourceId": "InstanceId",
    "BillingCurrency": "Currency",
    "Quantity": "UsageQuantity",
    "SubscriptionId": "SubscriptionGuid",
    "MeterSubCategory": "MeterSubcategory",
    "EffectivePrice": "ResourceRate",
    **dict.fromkeys(
        "BillingAccountId BillingAccountName BillingPeriodStartDate BillingPeriodEndDate "
        "UnitPrice PayGPrice ChargeType Frequency PricingModel benefitId benefitName "
        "ReservationId ReservationName".split(),
        "",
    ),
}
GERMAN = {
    "Cost": "Kosten (Cost)",
    "Date": "Datum (Date)",
    "ResourceGroup": "Ressourcengruppe (ResourceGroup)",
    "BillingCurrency": "Abrechnungswährung (BillingCurrencyCode)",
    "Quantity": "Menge (Quantity)",
}


@pytest.mark.parametrize(
    "names",
    [
        {},
        MCA,
        PAY_AS_YOU_GO,
        GERMAN,
        {name: name.lower() for name in ea_row("1")},
        {name: name[0].lower() + name[1:] for name in ea_row("1")},
    ],
    ids=["ea", "mca", "pay-as-you-go", "german", "lower", "camel"],
)
def test_every_spelling_of_the_columns_is_the_same_bill(azure: House, names: Row) -> None:
    azure.take(azure_text([ea_row("2.5"), ea_row("-0.000000000000000001")], names))
    assert azure.totals().loaded["BilledCost"] == Decimal("2.499999999999999999")
    charge = azure.rows("charges")[0]
    expected = {
        "BillingCurrency": "USD",
        "SubAccountId": "1caa-5a3",
        "ChargeCategory": "Usage",
        "ServiceName": "Virtual Machines",
        "ServiceCategory": "Compute",
        "RegionId": "eastus2",
        "ResourceId": "/subscriptions/1caa-5a3/resourcegroups/train-rg/providers/"
        "microsoft.compute/virtualmachines/gpu-1",
        "ResourceType": "microsoft.compute/virtualmachines",
        "ResourceName": "GPU-1",
        "x_ResourceGroup": "train-rg",
        "x_MeterName": "ND96isr H100 v5",
        "x_CostCenter": "CC-1",
    }
    assert {name: charge[name] for name in expected} == expected
    assert str(charge["ChargePeriodStart"]) == "2026-10-05 00:00:00"
    assert str(charge["x_ResourceId"]).endswith("Microsoft.Compute/virtualMachines/GPU-1")


def test_a_bill_without_billing_periods_says_which_month_it_took(azure: House) -> None:
    loaded = azure.take(azure_text([ea_row("1")], PAY_AS_YOU_GO))
    assert "period-from-day" in codes(loaded.findings)


def test_gzip_and_parquet_are_read_like_csv(azure: House) -> None:
    row = ea_row("1.25", Date="2026-10-05", BillingPeriodStartDate="2026-10-01T00:00:00Z")
    azure.put(gzip.compress(azure_text([row]).encode()), "a.csv.gz")
    columns = {name: pa.array([text]) for name, text in row.items()}
    columns["Cost"] = pa.array([Decimal("2.50")], pa.decimal128(20, 4))
    columns["Date"] = pa.array(["2026-10-06"]).cast(pa.date32())
    azure.put(pa.table(columns), "b.parquet")
    azure.load()
    rows = azure.rows("charges")
    assert sorted(str(row["ChargePeriodStart"])[:10] for row in rows) == [
        "2026-10-05",
        "2026-10-06",
    ]
    assert sum(row["BilledCost"] for row in rows) == Decimal("3.75")  # type: ignore[misc]


def test_what_is_no_export_is_refused_with_the_spellings(azure: House) -> None:
    with pytest.raises(SourceError) as caught:
        azure.take(azure_text([ea_row("1")], {"Cost": "Kosten", "Date": "Datum"}))
    assert "no column for Cost, Date" in str(caught.value)
    assert "pretaxcost" in caught.value.hint


def test_a_focus_export_is_told_its_format(azure: House) -> None:
    with pytest.raises(SourceError, match="declare `format: focus`"):
        azure.take("BilledCost,BillingCurrency\n1,USD\n")


# Days


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        ("10/05/2026", {}),
        ("2026-10-05", {}),
        ("2026-10-05T00:00:00Z", {}),
        ("20261005", {}),
        ("05.10.2026", {}),
        ("05/10/2026", {"dates": "day-first"}),
        ("5/10/2026", {"dates": "day-first"}),
    ],
)
def test_days_in_every_form(tmp_path: Path, written: str, settings: Row) -> None:
    house = told(tmp_path, **settings)
    row = ea_row("1", Date=written, BillingPeriodStartDate="2026-10-01", BillingPeriodEndDate="")
    house.take(azure_text([row]))
    assert str(house.rows("charges")[0]["ChargePeriodStart"]) == "2026-10-05 00:00:00"


@pytest.mark.parametrize("day", ["13/10/2026", "05/10/2026"])
def test_days_that_prove_the_other_order_are_refused(azure: House, day: str) -> None:
    row = ea_row("1", Date=day, BillingPeriodStartDate="01/10/2026", BillingPeriodEndDate="")
    with pytest.raises(SourceError, match="declare `dates: day-first`"):
        azure.take(azure_text([row]))


def test_months_declared_in_the_wrong_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="declare `dates: month-first`"):
        told(tmp_path, dates="day-first").take(azure_text([ea_row("1", Date="10/13/2026")]))


def test_a_day_that_is_none_is_set_aside(azure: House) -> None:
    azure.take(azure_text([ea_row("1", Date="then"), ea_row("2")]))
    (aside,) = azure.quarantined()
    assert (aside.column, aside.line) == ("Date", 2)
    assert azure.totals().loaded["BilledCost"] == 2


# Numbers


def test_a_localised_export_with_commas_and_semicolons(azure: House) -> None:
    rows = [
        ea_row("1234,5678", "0,5", "2469,1356", Date="05.10.2026"),
        ea_row("-0,01", "1", "0,01", Date="06.10.2026"),
    ]
    azure.take(azure_text(rows, GERMAN, separator=";"))
    assert azure.totals().loaded["BilledCost"] == Decimal("1234.5578")
    assert azure.totals().loaded["ListCost"] == Decimal("1234.5778")
    assert azure.rows("charges")[0]["x_EffectivePrice"] == "2469.1356"


def test_a_comma_that_may_stand_between_thousands_is_never_guessed(azure: House) -> None:
    azure.take(azure_text([ea_row("1,500", "1", "2"), ea_row("2", "1", "2")], separator=";"))
    (aside,) = azure.quarantined()
    assert (aside.column, aside.row["Cost"]) == ("Cost", "1,500")
    assert azure.totals().loaded["BilledCost"] == 2


def test_a_declared_comma_is_one_and_a_point_is_then_none(tmp_path: Path) -> None:
    house = told(tmp_path, decimal="comma")
    rows = [ea_row(cost, "1", "1") for cost in ("1,500", "2", "3.5", "1.234,5")]
    house.take(azure_text(rows, separator=";"))
    assert house.totals().loaded["BilledCost"] == Decimal("3.5")
    assert [aside.row["Cost"] for aside in house.quarantined()] == ["3.5", "1.234,5"]


def test_a_point_beside_decimal_commas_is_not_guessed(azure: House) -> None:
    """1.234 is more than a thousand in a file that writes 0,3095."""
    rows = [ea_row("0,3095", "1", "1"), ea_row("1.234", "1", "1"), ea_row("5", "1.234", "1")]
    found = azure.take(azure_text(rows, separator=";"))
    (aside,) = azure.quarantined()
    assert (aside.column, aside.row["Cost"]) == ("Cost", "1.234")
    assert aside.reason.endswith(
        "a point, where the file has decimal commas: it may separate thousands"
    )
    assert aside.hint.startswith("write amounts as 1234,56: a comma")
    assert azure.totals().loaded["BilledCost"] == Decimal("5.3095")
    assert "quantity-unreadable" in codes(found.findings)


def test_where_both_marks_are_used_what_may_be_thousands_is_set_aside(azure: House) -> None:
    rows = [ea_row(cost, "0,5", "1") for cost in ("0.25", "1.234", "1.2345")]
    azure.take(azure_text(rows, separator=";"))
    (aside,) = azure.quarantined()
    assert aside.row["Cost"] == "1.234"
    assert "in a file that has decimal commas too" in aside.reason
    assert "`decimal: comma` or `decimal: point`" in aside.hint
    assert azure.totals().loaded["BilledCost"] == Decimal("1.4845")


def test_with_a_declared_comma_the_hint_says_to_write_one(tmp_path: Path) -> None:
    house = told(tmp_path, decimal="comma")
    house.take(azure_text([ea_row("1.234", "1", "1"), ea_row("x", "1", "1")], separator=";"))
    assert {aside.hint for aside in house.quarantined()} == {
        "write amounts as 1234,56: a comma, no thousands separators, at most 18 places"
    }
    assert [aside.reason.rpartition(": ")[2] for aside in house.quarantined()] == [
        "it may separate thousands",
        "not a number",
    ]


def test_a_declared_comma_leaves_numbers_alone_that_are_no_texts(tmp_path: Path) -> None:
    house = told(tmp_path, decimal="comma")
    columns = {name: [value] for name, value in ea_row("1", "1", "1").items()}
    made = pa.table({**columns, "Cost": pa.array([Decimal("1.25")], pa.decimal128(20, 4))})
    house.take(made)
    assert house.totals().loaded["BilledCost"] == Decimal("1.25")


# Tags and additional information


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "{}"),
        ("{}", "{}"),
        ('""', "{}"),
        ('"team": "nlp","env": "dev"', '{"env":"dev","team":"nlp"}'),
        ('{"team": "nlp", "env": "dev"}', '{"env":"dev","team":"nlp"}'),
        ('"note": "a \\"quote\\", a comma: {}","team": "nlp"', None),
        ('{ "team" : "nlp, cv" }', '{"team":"nlp, cv"}'),
    ],
)
def test_tags_with_and_without_braces(azure: House, written: str, expected: str | None) -> None:
    loaded = azure.take(azure_text([ea_row("1", Tags=written)]))
    expected = expected or '{"note":"a \\"quote\\", a comma: {}","team":"nlp"}'
    assert azure.rows("keys")[0]["Tags"] == expected
    assert not {"tags-braceless", "tags-unreadable"} & codes(loaded.findings)


def test_tags_that_are_none_are_told(azure: House) -> None:
    loaded = azure.take(azure_text([ea_row("1", Tags='"team": nlp')]))
    assert "tags-unreadable" in codes(loaded.findings)
    assert azure.totals().loaded["BilledCost"] == 1


@pytest.mark.parametrize(
    "written", ['"ServiceType": "Standard_H100"', '{"ServiceType":"Standard_H100"}']
)
def test_the_size_of_a_machine_is_told_apart(azure: House, written: str) -> None:
    azure.take(azure_text([ea_row("1", AdditionalInfo=written)]))
    charge = azure.rows("charges")[0]
    assert charge["x_ServiceType"] == "Standard_H100"
    assert str(charge["x_AdditionalInfo"]).startswith("{")


# Units


def test_quantities_are_counted_in_units_and_not_in_blocks(azure: House) -> None:
    azure.take(azure_text([ea_row("0.8", "0.4", "2", UnitOfMeasure="10K")]))
    charge = azure.rows("charges")[0]
    assert (charge["PricingQuantity"], charge["PricingUnit"]) == (4000, "Units")
    assert (charge["ConsumedQuantity"], charge["ConsumedUnit"]) == (4000, "Units")
    assert charge["ListUnitPrice"] == Decimal("0.0002")
    assert charge["ListCost"] == charge["ContractedCost"] == Decimal("0.8")
    assert (charge["x_Quantity"], charge["x_UnitOfMeasure"]) == ("0.4", "10K")


def test_a_unit_that_cant_be_read_leaves_its_money_alone(azure: House) -> None:
    loaded = azure.take(azure_text([ea_row("3", "2", UnitOfMeasure="plenty"), ea_row("4")]))
    told = found(loaded.findings, "unit-unreadable")
    assert (told.rows, "plenty" in told.message) == (1, True)
    assert azure.totals().loaded["BilledCost"] == 7
    charge = azure.rows("charges")[0]
    assert (charge["PricingQuantity"], charge["PricingUnit"]) == (None, None)


def test_a_quantity_that_cant_be_read_leaves_its_money_alone(azure: House) -> None:
    rows = [ea_row("3", "two", "3"), ea_row("4", "many", UnitOfMeasure="1K")]
    loaded = azure.take(azure_text(rows))
    assert azure.totals().loaded["BilledCost"] == 7
    assert "quantity-unreadable" in codes(loaded.findings)
    assert [row["PricingQuantity"] for row in azure.rows("charges")] == [None, None]


# What a charge is


@pytest.mark.parametrize(
    ("charge_type", "category"),
    [
        ("Usage", "Usage"),
        ("Purchase", "Purchase"),
        ("Refund", "Credit"),
        ("Tax", "Tax"),
        ("RoundingAdjustment", "Adjustment"),
        ("", "Usage"),
        ("Cashback", "Cashback"),
    ],
)
def test_every_type_of_charge_has_its_category(
    azure: House, charge_type: str, category: str
) -> None:
    loaded = azure.take(azure_text([ea_row("-1", ChargeType=charge_type)]))
    assert azure.rows("charges")[0]["ChargeCategory"] == category
    assert azure.totals().loaded["BilledCost"] == -1
    assert ("value-not-allowed" in codes(loaded.findings)) == (category == "Cashback")


def test_a_marketplace_charge_names_its_publisher(azure: House) -> None:
    row = ea_row(
        "9",
        PublisherType="Marketplace",
        PublisherName="Red Hat",
        MeterCategory="SaaS",
        ConsumedService="",
    )
    azure.take(azure_text([row]))
    charge = azure.rows("charges")[0]
    names = ("PublisherName", "ProviderName", "ServiceName", "ServiceCategory", "x_PublisherType")
    assert [charge[name] for name in names] == [
        "Red Hat",
        "Microsoft",
        "SaaS",
        "Other",
        "Marketplace",
    ]


def test_what_a_commitment_covers_and_leaves_unused(azure: House) -> None:
    plan = {"PricingModel": "SavingsPlan", "benefitId": PLAN, "benefitName": "Compute plan"}
    rows = [
        reserved("6"),
        reserved("2", "UnusedReservation"),
        ea_row("3", **plan),
        ea_row("1", ChargeType="UnusedSavingsPlan", **plan),
        ea_row("5"),
    ]
    azure.take(azure_text(rows))
    asked = "CommitmentDiscountType CommitmentDiscountCategory CommitmentDiscountStatus".split()
    charges = azure.rows("charges")
    assert [tuple(row[name] for name in asked) for row in charges] == [
        ("Reservation", "Usage", "Used"),
        ("Reservation", "Usage", "Unused"),
        ("Savings Plan", "Spend", "Used"),
        ("Savings Plan", "Spend", "Unused"),
        (None, None, None),
    ]
    assert [row["PricingCategory"] for row in charges] == [*["Committed"] * 4, "Standard"]
    assert charges[2]["CommitmentDiscountId"] == PLAN.lower()


# Prices in another currency than the bill's


def mca_row(cost: str, **over: str) -> Row:
    return ea_row(cost, "2", "10") | {
        "BillingCurrency": "EUR",
        "pricingCurrency": "USD",
        "costInPricingCurrency": "20",
        "exchangeRatePricingToBilling": "0.9",
        "paygCostInBillingCurrency": "27",
        **over,
    }


def test_pricing_and_billing_currency_are_kept_apart(azure: House) -> None:
    azure.take(azure_text([mca_row("18")]))
    charge = azure.rows("charges")[0]
    costs = {name: charge[name] for name in ("BilledCost", "ListCost", "ContractedCost")}
    assert costs == {"BilledCost": 18, "ListCost": 27, "ContractedCost": 18}
    assert (charge["BillingCurrency"], charge["PricingCurrency"]) == ("EUR", "USD")
    assert charge["x_CostInPricingCurrency"] == "20"
    assert charge["ContractedUnitPrice"] is None


def test_without_the_rate_no_cost_is_made_of_a_foreign_price(azure: House) -> None:
    row = mca_row("18", exchangeRatePricingToBilling="", paygCostInBillingCurrency="")
    loaded = azure.take(azure_text([row]))
    charge = azure.rows("charges")[0]
    assert (charge["ListCost"], charge["ContractedCost"]) == (None, None)
    assert azure.totals("EUR").loaded["BilledCost"] == 18
    assert "cost-empty" in codes(loaded.findings)
