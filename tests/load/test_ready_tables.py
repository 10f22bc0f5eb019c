"""Databricks and Snowflake: quantities times prices that held then, corrections summed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apportion.domain.period import Period
from apportion.errors import ConfigurationError, SourceError
from loads import House, codes, found
from tables import describe, rows_text, table_house

USAGE = {
    "record_id": "r",
    "account_id": "acc",
    "workspace_id": "ws-1",
    "sku_name": "JOBS",
    "cloud": "AWS",
    "usage_start_time": "2026-10-05T10:00:00.000Z",
    "usage_end_time": "2026-10-05T11:00:00.000Z",
    "usage_date": "2026-10-05",
    "custom_tags": '{"team":"nlp"}',
    "usage_unit": "DBU",
    "usage_quantity": "10.5",
    "usage_metadata": '{"cluster_id":"c-1","job_id":"j-1","job_run_id":null}',
    "identity_metadata": '{"run_as":"ada@example.org"}',
    "record_type": "ORIGINAL",
    "ingestion_date": "2026-10-06",
    "billing_origin_product": "JOBS",
}
PRICE = {
    "price_start_time": "2026-01-01T00:00:00Z",
    "price_end_time": "",
    "account_id": "acc",
    "sku_name": "JOBS",
    "cloud": "AWS",
    "currency_code": "USD",
    "usage_unit": "DBU",
    "pricing": '{"default":"0.20","effective_list":{"default":"0.15"}}',
}
SERVING = PRICE | {"sku_name": "SERVING", "pricing": '{"default":"0.07"}'}
DATABRICKS = "format: databricks\nprices: prices.csv"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "prices.csv").write_text(rows_text([PRICE, SERVING]))
    house = table_house(tmp_path, DATABRICKS, "USD")
    yield house
    house.books.close()


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def usage(**over: str) -> dict[str, str]:
    return USAGE | over


def test_retractions_and_restatements_sum_to_what_is_right(house: House) -> None:
    house.take(
        rows_text(
            [
                usage(),
                usage(record_type="RETRACTION", usage_quantity="-10.5"),
                usage(record_type="RESTATEMENT", usage_quantity="9.25"),
                usage(
                    sku_name="SERVING", usage_quantity="100", billing_origin_product="MODEL_SERVING"
                ),
            ]
        )
    )
    assert house.totals().loaded["BilledCost"] == Decimal("9.25") * Decimal("0.15") + 7
    charges = house.rows("charges")
    assert [c["x_RecordType"] for c in charges[:3]] == ["ORIGINAL", "RETRACTION", "RESTATEMENT"]
    first, last = charges[0], charges[3]
    assert (
        first
        | {
            "ResourceId": "j-1",
            "ResourceType": "job",
            "SubAccountId": "ws-1",
            "x_ClusterId": "c-1",
            "x_RunAs": "ada@example.org",
            "ListUnitPrice": Decimal("0.15"),
            "ServiceCategory": "Analytics",
            "ProviderName": "Databricks",
        }
        == first
    )
    assert last["ServiceCategory"] == "AI and Machine Learning"


def test_usage_without_a_price_is_set_aside_and_never_free(house: House) -> None:
    house.take(
        rows_text(
            [
                usage(),
                usage(sku_name="NEW"),
                usage(usage_unit="GB"),
                usage(usage_start_time="2025-12-31T23:00:00Z"),
            ]
        )
    )
    aside = [(one.line, one.reason, one.hint) for one in house.quarantined()]
    assert [line for line, _, _ in aside] == [3, 4, 5]
    assert aside[0][1] == (
        "BilledCost = usage_quantity * price has no value for usage_quantity '10.5', "
        "sku_name 'NEW', cloud 'AWS', usage_unit 'DBU', "
        "usage_start_time '2026-10-05T10:00:00.000Z'"
    )
    assert "price" in aside[0][2]


def test_of_two_prices_none_is_guessed(house: House) -> None:
    other = PRICE | {"pricing": '{"default":"0.30"}'}
    (house.root / "prices.csv").write_text(rows_text([PRICE, PRICE, other]))
    house.take(rows_text([usage(), usage(sku_name="SERVING")]))
    assert len(house.quarantined()) == 2
    assert "can't be computed exactly" in house.quarantined()[0].reason


def test_the_price_that_held_then_is_taken(house: House) -> None:
    until = PRICE | {"price_end_time": "2026-10-05T10:30:00Z"}
    since = PRICE | {"price_start_time": "2026-10-05T10:30:00Z", "pricing": '{"default":"1"}'}
    (house.root / "prices.csv").write_text(rows_text([until, since]))
    house.take(rows_text([usage(), usage(usage_start_time="2026-10-05T10:30:00Z")]))
    assert [row["BilledCost"] for row in house.rows("charges")] == [
        Decimal("1.575"),
        Decimal("10.5"),
    ]


def test_a_changed_price_list_is_a_change_of_the_bill(house: House) -> None:
    house.take(rows_text([usage()]))
    assert house.load().files_read == 0
    (house.root / "prices.csv").write_text(rows_text([PRICE | {"pricing": '{"default":"2"}'}]))
    assert house.load().files_read == 1
    assert house.totals().loaded["BilledCost"] == 21


def test_parquet_as_the_system_tables_are_written(house: House) -> None:
    started = datetime(2026, 10, 5, 10, tzinfo=UTC)
    prices = pa.table(
        {
            **{k: [PRICE[k]] for k in ("sku_name", "cloud", "currency_code", "usage_unit")},
            "price_start_time": pa.array(
                [datetime(2026, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")
            ),
            "price_end_time": pa.array([None], pa.timestamp("us", "UTC")),
            "pricing": pa.array(
                [{"default": Decimal("0.20"), "effective_list": {"default": None}}]
            ),
        }
    )
    pq.write_table(prices, house.root / "prices.parquet")
    describe(house, "format: databricks\nprices: prices.parquet", "USD")
    bill = pa.table(
        {
            **{k: [v] for k, v in USAGE.items() if "time" not in k and "meta" not in k},
            "usage_start_time": pa.array([started], pa.timestamp("us", "UTC")),
            "usage_end_time": pa.array([started], pa.timestamp("us", "UTC")),
            "usage_date": pa.array([started.date()]),
            "usage_quantity": pa.array([Decimal("10.5")], pa.decimal128(38, 18)),
            "custom_tags": pa.array([[("team", "nlp")]], pa.map_(pa.string(), pa.string())),
            "usage_metadata": pa.array(
                [{"cluster_id": "c-1", "job_id": None, "endpoint_name": None}]
            ),
        }
    )
    loaded = house.take(bill)
    assert not loaded.findings
    (row,) = house.rows("charges")
    assert (row["BilledCost"], row["ResourceId"], row["ResourceType"]) == (
        Decimal("2.1"),
        "c-1",
        "cluster",
    )
    assert [key["Tags"] for key in house.rows("keys")] == ['{"team":"nlp"}']


def test_many_rows_cost_what_plain_decimals_say(house: House) -> None:
    chance = Random(7)
    rows: list[dict[str, str]] = []
    expected = Decimal(0)
    for _ in range(3000):
        quantity = Decimal(chance.randrange(-(10**7), 10**9)).scaleb(-chance.randrange(13))
        sku, price = chance.choice([("JOBS", Decimal("0.15")), ("SERVING", Decimal("0.07"))])
        rows.append(usage(usage_quantity=format(quantity, "f"), sku_name=sku))
        expected += quantity * price
    house.take(rows_text(rows))
    assert house.totals().loaded["BilledCost"] == expected


def test_a_source_without_a_price_list_is_told(house: House) -> None:
    describe(house, "format: databricks", "USD")
    with pytest.raises(ConfigurationError, match="has no price list") as caught:
        house.take(rows_text([usage()]))
    assert "prices: PATH" in caught.value.hint


def test_a_price_list_that_lacks_a_column_is_told(house: House) -> None:
    lacking = {name: value for name, value in PRICE.items() if name != "cloud"}
    (house.root / "prices.csv").write_text(rows_text([lacking]))
    with pytest.raises(SourceError, match="the price list has no column 'cloud'"):
        house.take(rows_text([usage()]))


def test_what_is_no_such_table_is_told(house: House) -> None:
    with pytest.raises(SourceError, match="this is no table of databricks") as caught:
        house.take("a,b\n1,2\n")
    assert "usage_quantity, sku_name" in caught.value.why


DAILY: dict[str, str] = {
    "ORGANIZATION_NAME": "ACME",
    "CONTRACT_NUMBER": "77",
    "ACCOUNT_NAME": "PROD",
    "ACCOUNT_LOCATOR": "XY1",
    "REGION": "AWS_EU_CENTRAL_1",
    "SERVICE_LEVEL": "Enterprise",
    "USAGE_DATE": "2026-10-05",
    "USAGE_TYPE": "compute",
    "USAGE": "20.000",
    "CURRENCY": "EUR",
    "USAGE_IN_CURRENCY": "60.00",
    "BALANCE_SOURCE": "capacity",
    "BILLING_TYPE": "consumption",
    "RATING_TYPE": "compute",
    "SERVICE_TYPE": "WAREHOUSE_METERING",
    "IS_ADJUSTMENT": "false",
}
METERING: dict[str, str] = {
    "SERVICE_TYPE": "WAREHOUSE_METERING",
    "START_TIME": "2026-10-05 10:00:00.000 -0700",
    "END_TIME": "2026-10-05 11:00:00.000 -0700",
    "ENTITY_ID": "12",
    "NAME": "NLP_WH",
    "CREDITS_USED_COMPUTE": "20",
    "CREDITS_USED_CLOUD_SERVICES": "1.5",
    "CREDITS_USED": "21.5",
}
ADJUSTED: dict[str, str] = {
    "SERVICE_TYPE": "WAREHOUSE_METERING",
    "USAGE_DATE": "2026-10-05",
    "CREDITS_USED_COMPUTE": "20",
    "CREDITS_USED_CLOUD_SERVICES": "1.5",
    "CREDITS_USED": "21.5",
    "CREDITS_ADJUSTMENT_CLOUD_SERVICES": "-1.5",
    "CREDITS_BILLED": "20",
}


def test_snowflake_in_money(tmp_path: Path) -> None:
    house = table_house(tmp_path, "format: snowflake")
    house.take(
        rows_text(
            [
                DAILY,
                DAILY | {"USAGE_IN_CURRENCY": "-1.20", "IS_ADJUSTMENT": "true"},
                DAILY | {"USAGE_IN_CURRENCY": "-5", "BILLING_TYPE": "support_credit"},
            ]
        )
    )
    assert house.totals("EUR").loaded["BilledCost"] == Decimal("53.80")
    charges = house.rows("charges")
    assert [c["ChargeCategory"] for c in charges] == ["Usage", "Adjustment", "Credit"]
    assert charges[0]["SubAccountId"] == "XY1"


def test_snowflake_in_credits_with_the_daily_adjustment(tmp_path: Path) -> None:
    (tmp_path / "credits.csv").write_text("from,until,price_per_credit\n2026-01-01,,3.10\n")
    house = table_house(tmp_path, "format: snowflake\nprices: credits.csv")
    house.put(rows_text([METERING]), "metering.csv")
    house.put(rows_text([ADJUSTED]), "daily.csv")
    house.load()
    charges = sorted(house.rows("charges"), key=lambda row: str(row["ChargeCategory"]))
    assert [(c["ChargeCategory"], c["BilledCost"]) for c in charges] == [
        ("Credit", Decimal("-4.65")),
        ("Usage", Decimal("66.65")),
    ]
    total = sum(Decimal(str(charge["BilledCost"])) for charge in charges)
    assert total == Decimal(ADJUSTED["CREDITS_BILLED"]) * Decimal("3.10")
    assert (charges[1]["ResourceName"], charges[1]["ResourceType"]) == ("NLP_WH", "warehouse")
    assert charges[1]["ChargePeriodStart"] == at("2026-10-05T17:00")


def test_both_roads_of_snowflake_in_one_month_are_told_with_their_amounts(tmp_path: Path) -> None:
    (tmp_path / "credits.csv").write_text("from,until,price_per_credit\n2026-01-01,,3.10\n")
    house = table_house(tmp_path, "format: snowflake\nprices: credits.csv")
    house.put(rows_text([METERING]), "metering.csv")
    house.put(rows_text([ADJUSTED]), "daily.csv")
    september = DAILY | {"USAGE_DATE": "2026-09-30"}
    house.put(rows_text([september]), "money-09.csv")
    assert "two-roads" not in codes(house.load().findings)

    house.put(rows_text([DAILY]), "money-10.csv")
    for _ in range(2):
        told = found(house.load().findings, "two-roads")
        assert "2026-10: files tell the cost in two ways" in told.message
        assert "62 EUR in credits and 60 EUR in money" in told.message


def test_a_price_list_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "power.csv").write_text("site,month,cents\nfra,2026-10,31\nfra,2026-11,29.5\n")
    house = table_house(
        tmp_path,
        """
format: table
prices:
  path: power.csv
  match: {site: lower(site), month: "left(day, 7)"}
  price: cents / 100
columns: {BilledCost: kwh * price, ChargePeriodStart: day, ContractedUnitPrice: price}
""",
    )
    loaded = house.take("site,day,kwh\nFRA,2026-10-05,1000\nFRA,2026-11-30,10\nams,2026-10-05,1\n")
    assert house.totals("EUR").loaded["BilledCost"] == 310
    assert house.totals("EUR", Period(2026, 11)).loaded["BilledCost"] == Decimal("2.95")
    assert found(loaded.findings, "cost-missing").place is not None
    keys: list[dict[str, Any]] = house.rows("keys")
    assert json.loads(str(keys[0]["Tags"] or "{}")) == {}
