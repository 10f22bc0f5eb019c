"""Bills as Parquet: typed columns mean the same as their texts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apportion.errors import SourceError
from bills import COLUMNS, row
from loads import House, codes, found, table_of

TAGS = {"team": "nlp", "env": "dev"}


def table(**columns: pa.Array) -> pa.Table:
    """One charge of 5, all texts, but for the columns given."""
    made = {name: pa.array([row("5", TAGS).get(name)]) for name in COLUMNS}
    return pa.table(made | columns)


def test_texts_in_parquet_read_like_a_csv(house: House) -> None:
    house.take([row("5", TAGS)])
    as_csv = house.rows("keys")
    (house.bills / "bill.csv").unlink()
    house.take(table())
    assert house.rows("keys") == as_csv
    assert house.totals().loaded["BilledCost"] == 5


@pytest.mark.parametrize(
    "tags",
    [
        pa.array([list(TAGS.items())], pa.map_(pa.string(), pa.string())),
        pa.array([TAGS]),
        pa.array([{**TAGS, "owner": None}]),
        pa.array([[{"key": key, "value": value} for key, value in TAGS.items()]]),
        pa.array(['{"env": "dev", "team": "nlp"}']),
        pa.array([b'{"env": "dev", "team": "nlp"}']),
    ],
)
def test_tags_as_map_record_list_or_text_are_the_same_tags(house: House, tags: pa.Array) -> None:
    loaded = house.take(table(Tags=tags))
    assert loaded.findings == ()
    assert house.rows("keys")[0]["Tags"] == '{"env":"dev","team":"nlp"}'
    assert [(tag["TagKey"], tag["TagValue"]) for tag in house.rows("tags")] == [
        ("env", "dev"),
        ("team", "nlp"),
    ]


def test_a_map_may_hold_valueless_tags(house: House) -> None:
    tags = pa.array([[("team", None)]], pa.map_(pa.string(), pa.string()))
    house.take(table(Tags=tags))
    assert house.rows("keys")[0]["Tags"] == '{"team":""}'


def test_typed_amounts_and_times_are_read_exactly(house: House) -> None:
    start = datetime(2026, 10, 1, tzinfo=UTC)
    house.take(
        table(
            BilledCost=pa.array([Decimal("5.000000000001")], pa.decimal128(30, 12)),
            EffectiveCost=pa.array([5], pa.int64()),
            BillingPeriodStart=pa.array([start], pa.timestamp("us", "UTC")),
            ChargePeriodStart=pa.array([start.replace(tzinfo=None)], pa.timestamp("ns")),
            ChargePeriodEnd=pa.array([start.date()], pa.date32()),
        )
    )
    assert house.totals().loaded["BilledCost"] == Decimal("5.000000000001")
    assert house.totals().loaded["EffectiveCost"] == 5
    assert str(house.rows("daily")[0]["ChargeDate"]) == "2026-10-01"


def test_floats_are_read_by_their_shortest_form_with_a_warning(house: House) -> None:
    costs = pa.array([0.1 + 0.2])
    loaded = house.take(table(EffectiveCost=costs, ListCost=pa.array([1.5e-7])))
    assert "EffectiveCost" in found(loaded.findings, "cost-float").message
    assert house.totals().loaded["EffectiveCost"] == Decimal("0.30000000000000004")
    assert house.totals().loaded["ListCost"] == Decimal("0.00000015")


def test_a_float_that_is_no_number_is_set_aside(house: House) -> None:
    loaded = house.take(table(EffectiveCost=pa.array([float("nan")])))
    assert "cost-unreadable" in codes(loaded.findings)


def test_other_columns_keep_their_names_and_become_texts(house: House) -> None:
    house.take(
        table(
            x_Discounts=pa.array([{"a": 1}]),
            **{"we\"ird, na'me": pa.array([7]), "x_Tier": pa.array(["NULL"])},
        )
    )
    (charge,) = house.rows("charges")
    assert charge["x_Discounts"] == '{"a":1}'
    assert charge["we\"ird, na'me"] == "7"
    assert charge["x_Tier"] is None


def test_the_charges_are_as_the_reference_says(house: House) -> None:
    house.take(table())
    (unit,) = house.snapshot().units
    schema = table_of(house.lake, unit, "charges").schema
    assert schema.field("BilledCost").type == pa.decimal128(38, 18)
    assert schema.field("PricingQuantity").type == pa.decimal128(38, 18)
    assert schema.field("ChargePeriodStart").type == pa.timestamp("us")
    assert schema.field("ServiceName").type == pa.string()
    assert schema.names == list(COLUMNS)


def test_an_empty_parquet_file_brings_nothing(house: House) -> None:
    assert codes(house.take(table().slice(0, 0)).findings) == {"file-empty"}


def test_row_groups_are_read_in_their_order(house: House) -> None:
    costs = [str(n) for n in range(5000)]
    made = {name: [row("1").get(name)] * 5000 for name in COLUMNS} | {"ListCost": costs}
    pq.write_table(pa.table(made), house.bills / "bill.parquet", row_group_size=700)
    house.load()
    read = [charge["ListCost"] for charge in house.rows("charges")]
    assert read == [Decimal(cost) for cost in costs]


@pytest.mark.parametrize(
    "cost",
    [
        pa.array(["1.1234567890123456789"]),
        pa.array([Decimal("1.1234567890123456789")], pa.decimal128(38, 19)),
        pa.array([Decimal("1.1234567890123456789")], pa.decimal256(50, 19)),
    ],
)
def test_a_19th_place_is_set_aside_in_every_type(house: House, cost: pa.Array) -> None:
    house.take(table(BilledCost=cost))
    (aside,) = house.quarantined()
    assert "more than 18 decimal places" in aside.reason
    assert aside.row["BilledCost"] == "1.1234567890123456789"


def test_wide_decimals_keep_every_digit(house: House) -> None:
    """BigQuery writes BIGNUMERIC so; the engine by itself would read a float."""
    exact = Decimal("11111111.123456789012345678")
    loaded = house.take(table(BilledCost=pa.array([exact], pa.decimal256(76, 38))))
    assert house.totals().loaded["BilledCost"] == exact
    assert "cost-float" not in codes(loaded.findings)


def test_wide_decimals_within_records_are_refused(house: House) -> None:
    nested = pa.array([{"n": Decimal(1)}], pa.struct([("n", pa.decimal256(76, 38))]))
    with pytest.raises(SourceError, match="more than 38 digits within the column x_More"):
        house.take(table(x_More=nested))


def test_of_a_float_the_shortest_text_counts_up_to_the_18th_place(house: House) -> None:
    house.take(table(BilledCost=pa.array([1.2345678901234567e-05])))
    assert house.totals().loaded["BilledCost"] == Decimal("0.000012345678901234")
