"""FOCUS out again: every column present, typed, filled and spelt as each version asks."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.publish.export_focus import Exported, export_focus
from bills import row
from loads import OCTOBER, House, csv_text

SHARED = Path(__file__).parents[3] / "shared" / "data" / "focus"
VERSIONS = ("1.2", "1.3", "1.4")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
DECIMAL = re.compile(r"-?\d+(\.\d*[1-9])?")

MESSY = [
    row("1.10", tags={"b": "2", "a": "1"}, x_Team="nlp", Id="7", ChargeCategory="Nonsense"),
    row("-0.5", ChargeCategory="Credit", ServiceCategory="Made up", ResourceId=""),
    row("0.000000000000000001", ContractedCost="", ChargePeriodEnd="", InvoiceIssuerName=""),
    row("3", BillingCurrency="EUR", PublisherName="Anthropic", PricingQuantity="oops"),
    row("4", Tags="", ProviderName="", BillingAccountName="", ServiceName=""),
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.books.close()


def exported(house: House, version: str, kind: str = "csv", period: Period = OCTOBER) -> Exported:
    path = house.root / f"out.{kind}"
    return export_focus(
        house.books, house.lake, period=period, version=version, path=path, kind=kind
    )


def rows_of(made: Exported) -> list[dict[str, str]]:
    with made.path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def demands(version: str) -> list[Mapping[str, Any]]:
    """The columns of CostAndUsage in a version, from the table of the specification."""
    path = SHARED / "columns.json"
    if not path.exists():
        pytest.skip(f"the table of FOCUS columns isn't there: {path}")
    listed = json.loads(path.read_text())["columns"]
    return [one for one in listed if one["version"] == version and one["dataset"] == "CostAndUsage"]


def departures(rows: list[dict[str, str]], version: str) -> list[str]:
    """An independent reading of the specification: what in these rows isn't as it says."""
    found: list[str] = []
    asked = demands(version)
    names = list(rows[0])
    found += [f"{one['column']} is missing" for one in asked if one["column"] not in names]
    known = {one["column"] for one in asked}
    found += [f"{name} is unknown" for name in names if name not in known and name[:2] != "x_"]
    for one in asked:
        for line, each in enumerate(rows, start=2):
            value = each.get(one["column"], "")
            if not value:
                if not one["allows_nulls"]:
                    found.append(f"line {line}: {one['column']} is empty")
                continue
            if one["allowed_values"] and value not in one["allowed_values"]:
                found.append(f"line {line}: {one['column']} {value!r} isn't allowed")
            if one["type"] == "Date/Time" and not MOMENT.fullmatch(value):
                found.append(f"line {line}: {one['column']} {value!r} is no time")
            if one["type"] == "Decimal" and not DECIMAL.fullmatch(value):
                found.append(f"line {line}: {one['column']} {value!r} is no decimal")
            if one["type"] == "JSON" and not isinstance(json.loads(value), dict):
                found.append(f"line {line}: {one['column']} {value!r} is no object")
            by_category = one.get("allowed_values_by_category")
            if by_category and value not in by_category[each["ServiceCategory"]]:
                found.append(f"line {line}: {value!r} is not of {each['ServiceCategory']}")
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_messy_bill_comes_out_as_the_specification_says(house: House, version: str) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    assert departures(rows_of(exported(house, version)), version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_real_sample_comes_out_as_the_specification_says(house: House, version: str) -> None:
    sample = SHARED / "FOCUS-1.0_focus_sample_1000.csv"
    if not sample.exists():
        pytest.skip(f"the FOCUS sample isn't there: {sample}")
    house.take(sample.read_bytes())
    made = exported(house, version, period=Period(2024, 9))
    rows = rows_of(made)
    assert departures(rows, version) == []
    with sample.open(newline="", encoding="utf-8") as file:
        read = [one for one in csv.DictReader(file) if one["BillingPeriodStart"] < "2024-10"]
    for basis in ("BilledCost", "EffectiveCost", "ListCost"):
        wanted = sum(Decimal(one[basis]) for one in read)
        assert sum(Decimal(one[basis]) for one in rows) == wanted
        assert made.totals["USD", basis] == wanted


def test_the_checker_sees_what_is_wrong(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    rows = rows_of(exported(house, "1.2"))
    rows[0] |= {"ChargeCategory": "Nonsense", "BilledCost": "1e3", "ServiceName": "", "Id": "7"}
    assert len(departures(rows, "1.2")) == 4


def test_money_and_rows_are_those_of_the_bill(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    made = exported(house, "1.4")
    rows = rows_of(made)
    assert made.rows == len(rows) == len(MESSY)
    assert [one["BilledCost"] for one in rows] == [one["BilledCost"].rstrip("0") for one in MESSY]
    assert made.totals["EUR", "BilledCost"] == 3


def test_what_stands_in_is_said(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    made = exported(house, "1.2")
    told = {one.message.split()[0]: one for one in made.findings}
    assert told["ContractedCost"].rows == 1
    assert told["ServiceCategory"].rows == 1
    assert "ListCost" not in told
    assert rows_of(made)[2]["ContractedCost"] == "0.000000000000000001"


def test_own_columns_keep_their_values_under_allowed_names(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    first = rows_of(exported(house, "1.3"))[0]
    assert (first["x_Team"], first["x_Id"]) == ("nlp", "7")
    assert json.loads(first["Tags"]) == {"a": "1", "b": "2"}


def test_a_marketplace_seller_is_the_service_provider(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    sold = rows_of(exported(house, "1.3"))[3]
    assert (sold["ServiceProviderName"], sold["HostProviderName"]) == ("Anthropic", "Cloud")
    assert "ProviderName" not in rows_of(exported(house, "1.4"))[3]


def test_parquet_has_types(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    table = pq.read_table(exported(house, "1.2", "parquet").path)
    assert str(table.schema.field("BilledCost").type) == "decimal128(38, 18)"
    assert str(table.schema.field("ChargePeriodStart").type).startswith("timestamp[us, tz=")
    assert sum(table.column("BilledCost").to_pylist()) == sum(
        Decimal(one["BilledCost"]) for one in MESSY
    )


def test_loading_what_was_written_gives_the_same_money(house: House, tmp_path: Path) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    made = exported(house, "1.3")
    again = House(tmp_path / "again")
    again.take(made.path.read_bytes())
    assert again.totals().loaded["BilledCost"] == house.totals().loaded["BilledCost"]
    assert again.snapshot().units[0].version == "1.3"
    again.books.close()


def test_what_cant_be_written_leaves_no_file(house: House) -> None:
    house.take(csv_text(MESSY, [*row("1"), "x_Team", "Id"]))
    with pytest.raises(UsageError, match=r"FOCUS 2\.0"):
        exported(house, "2.0")
    with pytest.raises(NotLoaded):
        exported(house, "1.2", period=Period(2020, 1))
    assert [name for name in os.listdir(house.root) if "out" in name] == []  # noqa: PTH208


def test_totals_of_more_than_28_digits_are_proven(house: House) -> None:
    """Two files of a month: Python's usual context would round their sum."""
    large = ["99999999999.000000000000000001", "99999999998.000000000000000003"]
    for number, cost in enumerate(large):
        house.put(csv_text([row(cost)]), f"{number}.csv")
    house.load()
    made = exported(house, "1.2")
    assert made.totals["USD", "BilledCost"] == Decimal("199999999997.000000000000000004")
