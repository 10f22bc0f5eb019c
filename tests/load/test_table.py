"""Any table: formulas give exact money or set the row aside; what isn't said has its default."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pytest

from apportion.domain.period import Period
from apportion.errors import ConfigurationError, SourceError
from apportion.sources import unpack
from bills import row
from loads import House, codes, found
from tables import describe, table_house
from workbooks import workbook

SEATS = """
format: table
columns:
  BilledCost: seats * price
  BillingPeriodStart: month
  ServiceName: "'Weights & Biases'"
tags: {team: team, "cost center": upper(center)}
"""
PLAIN = """
format: table
columns: {BilledCost: cost, BillingPeriodStart: day, BillingCurrency: currency}
"""
NOVEMBER = Period(2026, 11)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def test_seats_times_price_is_exact(tmp_path: Path) -> None:
    house = table_house(tmp_path, SEATS)
    house.take("month,seats,price,team,center\n2026-10,12,19.90,nlp,c-1\n2026-10-31,3,0.3333,,\n")
    one, two = house.rows("charges")
    assert (one["BilledCost"], two["BilledCost"]) == (Decimal("238.80"), Decimal("0.9999"))
    assert [one[cost] for cost in ("EffectiveCost", "ListCost", "ContractedCost")] == [
        Decimal("238.80")
    ] * 3
    tags = {key["Tags"] for key in house.rows("keys")}
    assert tags == {"{}", '{"cost center":"C-1","team":"nlp"}'}


def test_what_a_table_does_not_say_has_its_default(tmp_path: Path) -> None:
    house = table_house(tmp_path, SEATS)
    house.take("month,seats,price,team,center\n2026-10,1,2,nlp,c\n")
    (row,) = house.rows("charges")
    month, end = at("2026-10-01"), at("2026-11-01")
    assert (
        row
        | {
            "BillingCurrency": "EUR",
            "ChargeCategory": "Usage",
            "ServiceCategory": "Other",
            "ServiceName": "Weights & Biases",
            "ProviderName": "cloud",
            "PublisherName": "cloud",
            "InvoiceIssuerName": "cloud",
            "BillingAccountId": "cloud",
            "BillingPeriodStart": month,
            "BillingPeriodEnd": end,
            "ChargePeriodStart": month,
            "ChargePeriodEnd": end,
        }
        == row
    )
    assert not house.load().findings


def test_a_row_is_never_rounded_or_guessed_but_set_aside(tmp_path: Path) -> None:
    house = table_house(tmp_path, SEATS)
    house.take(
        "month,seats,price,team,center\n"
        "2026-10,1,2,,\n"
        "2026-10,0.1234567891,0.12345678912345,,\n"
        "2026-10,900000000000,900,,\n"
        "2026-10,-900000000000,900,,\n"
        "2026-10,twelve,2,,\n"
        '2026-10,1,"1,50",,\n'
        "2026-10,,2,,\n"
    )
    assert house.totals("EUR").loaded["BilledCost"] == 2
    aside = [(one.line, one.column, one.reason) for one in house.quarantined()]
    exactly = "BilledCost = seats * price can't be computed exactly for "
    assert aside == [
        (3, "seats", exactly + "seats '0.1234567891', price '0.12345678912345'"),
        (4, "seats", exactly + "seats '900000000000', price '900'"),
        (5, "seats", exactly + "seats '-900000000000', price '900'"),
        (6, "seats", "seats 'twelve': not a number"),
        (7, "price", "price '1,50': a comma: write a point, and no thousands separator"),
        (8, "seats", "seats '': empty"),
    ]


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("a + b", "10.75"),
        ("a - b", "9.25"),
        ("-a", "-10"),
        ("a / 8", "1.25"),
        ("round(a / three, 2)", "3.33"),
        ("round(-a / three, 0)", "-3"),
        ("round(b * b, 1)", "0.6"),
        ("(a + b) * three", "32.25"),
        ("coalesce(none, b)", "0.75"),
        ("CASE WHEN a > 9 THEN 1.5 ELSE b END", "1.5"),
        ("CASE WHEN a BETWEEN 1 AND 9 OR kind = 'y' THEN 1.5 ELSE b END", "0.75"),
        ("CASE WHEN kind IN ('x', 'z') AND NOT kind LIKE 'z%' THEN a END", "10"),
        ("replace(replace(german, '.', ''), ',', '.')", "1234.5"),
        ("split_part(json ->> '$.deep.er', '-', 2)", "7"),
        ("json_extract_string(json, '$.n')", "5"),
        ("nullif(kind, 'x')", None),
        ("round(a / nought, 2)", None),
        ("CASE WHEN kind > 'a' THEN a END", "10"),
        ("CASE WHEN word > 5 THEN a ELSE b END", None),
        ("CASE WHEN coalesce(word, 0) > 5 THEN a ELSE b END", None),
        ("CASE WHEN kind = 'x' THEN a ELSE word END", "10"),
        ("a * word", None),
        ('"odd name" + 0', "4"),
        ("A + ODD", "11"),
    ],
)
def test_formulas(tmp_path: Path, formula: str, says: str | None) -> None:
    described = f"""
format: table
columns:
  BilledCost: >-
    {formula}
  BillingPeriodStart: "'2026-10'"
"""
    house = table_house(tmp_path, described)
    house.take(
        "a,b,three,none,kind,german,json,nought,word,odd name,Odd\n"
        '10,0.75,3,,x,"1.234,50","{""deep"":{""er"":""x-7""},""n"":5}",0,soon,4,1\n'
    )
    totals = house.totals("EUR")
    assert totals.quarantined_rows == (says is None)
    assert totals.loaded["BilledCost"] == Decimal(says or 0)


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        ("BilledCost: sum(cost)", "8:19", "the function sum is not allowed"),
        ("BilledCost: cost / seats", "8:19", "the quotient cost / seats may have no end"),
        ("BilledCost: seats + cost / 3", "8:27", "round(cost / 3, 2)"),
        ("BilledCost: cost = 1", "8:19", "true or false"),
        ("BilledCost: getenv('HOME')", "8:19", "the function getenv is not allowed"),
        ("BilledCost: (SELECT 1)", "8:27", "not allowed in a formula"),
        ("BilledCost: 1e-30 * cost", "8:19", "can't be held exactly"),
        ("BilledCost: cost *", "8:24", "not a formula"),
        ("BilledCost: a.b", "8:19", "names no column"),
        ("BilledCost: round(cost)", "8:19", "round takes a number and its places"),
        ("BilledCost: round(cost, 19)", "8:19", "at most 18 places"),
        ("BilledCost: CASE WHEN a < b THEN 1 END", "8:29", "letter by letter"),
        ("BilledCost: read_text('x')", "8:19", "not allowed"),
        ("BilledCost: concat_ws('-', a)", "8:19", "the function concat_ws is not allowed"),
        ("BilledCost: exact_product(a, b)", "8:19", "the function exact_product is not allowed"),
        ("BilledCosts: cost", "8:7", "is not a FOCUS column or an x_ column"),
    ],
)
def test_a_formula_that_is_wrong_is_a_fault_at_its_place(
    tmp_path: Path, line: str, place: str, says: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        table_house(tmp_path, f"format: table\ncolumns:\n  {line}\n  ChargePeriodStart: day")
    faults = caught.value.all()
    assert any(says in str(fault) for fault in faults), str(faults[0])
    told = next(fault for fault in faults if says in str(fault))
    assert str(told.place) == f"apportion.yaml:{place}"
    assert told.hint or told.why


def test_a_column_that_the_file_lacks_is_a_fault_of_the_formula(tmp_path: Path) -> None:
    house = table_house(tmp_path, SEATS)
    with pytest.raises(ConfigurationError) as caught:
        house.take("month,seat,price,team,center\n2026-10,1,2,,\n")
    assert str(caught.value) == (
        "apportion.yaml:8:19: bills/bill.csv has no column 'seats'\n"
        "  why: it has month, seat, price, team, center\n"
        "  do: did you mean 'seat'?"
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("format: table", "a table has no `columns`"),
        ("format: table\ncolumns: {ChargePeriodStart: a}", "there is no BilledCost"),
        ("format: table\ncolumns: {BilledCost: a}", "neither BillingPeriodStart nor"),
        (SEATS + "currency: XAU", "'XAU' is no currency with a minor unit"),
        ("format: focus\ncolumns: {BilledCost: a}", "`columns` is for `format: table`"),
        ("format: focus\ntags: {a: b}", "`tags` is for `format: table`"),
        (SEATS.replace("ServiceName:", "x_TokenType:"), "'x_TokenType' is found by classification"),
        (SEATS + "prices: list.csv", "a table's price list has no `price`"),
        ("format: databricks\nprices: {path: a.csv, price: b}", "a described price list is for"),
        ("format: databricks\nprices: gone.csv", "there is no file gone.csv"),
        (
            SEATS.replace("tags:", "spread: {over: '1', from: a, billed: never}\ntags:").replace(
                "BilledCost", "ListCost: a\n  BilledCost"
            ),
            "ListCost is made by `spread`",
        ),
        (SEATS.replace("  ServiceName", "  Tags: a\n  ServiceName"), "tags are given twice"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(tmp_path: Path, source: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        table_house(tmp_path, source)
    assert caught.value.hint


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    house = table_house(tmp_path, PLAIN)
    with pytest.raises(SourceError, match="is there twice"):
        house.take("cost,Cost,day,currency\n1,2,2026-10-01,EUR\n")


def test_a_currency_without_minor_unit_is_set_aside(tmp_path: Path) -> None:
    house = table_house(tmp_path, PLAIN)
    house.take("cost,day,currency\n1,2026-10-01,EUR\n2,2026-10-01,XAU\n3,2026-10-01,\n")
    aside = [(one.line, one.column, one.reason) for one in house.quarantined()]
    assert aside == [
        (3, "currency", "currency 'XAU': not a currency of ISO 4217"),
        (4, "currency", "currency is empty"),
    ]


def test_times_of_several_zones_are_brought_to_utc(tmp_path: Path) -> None:
    house = table_house(
        tmp_path,
        "format: table\ncolumns: {BilledCost: cost, ChargePeriodStart: at}",
    )
    loaded = house.take(
        "cost,at\n"
        "1,2026-10-05T23:00:00-05:00\n"
        "2,2026-10-05 23:00:00.000 -0700\n"
        "4,2026-10-05T23:00:00Z\n"
        "8,2026-10-05 23:00:00\n"
        "16,2026-10-31T23:30:00-05:00\n"
        "32,5.10.2026\n"
    )
    starts = {row["BilledCost"]: row["ChargePeriodStart"] for row in house.rows("charges")}
    assert starts == {
        1: at("2026-10-06T04:00"),
        2: at("2026-10-06T06:00"),
        4: at("2026-10-05T23:00"),
        8: at("2026-10-05T23:00"),
    }
    assert [row["BilledCost"] for row in house.rows("charges", NOVEMBER)] == [16]
    assert (
        "without a zone are taken as UTC: at" in found(loaded.findings, "time-without-zone").message
    )
    assert [row.line for row in house.quarantined()] == [7]


def test_days_written_in_another_way_are_read_by_their_form(tmp_path: Path) -> None:
    house = table_house(
        tmp_path,
        """
format: table
columns: {BilledCost: cost, ChargePeriodStart: "strptime(day, '%d.%m.%Y')"}
""",
    )
    house.take("cost,day\n1,05.10.2026\n2,2026-10-05\n")
    (row,) = house.rows("charges")
    assert row["ChargePeriodStart"] == at("2026-10-05")
    assert [one.line for one in house.quarantined()] == [3]


def test_a_sheet_with_formulas_and_errors(tmp_path: Path) -> None:
    described = SEATS.replace("price\n", "price + coalesce(extra, 0)\n") + "sheet: Seats\n"
    house = table_house(tmp_path, described)
    sheet = [
        ["Our licences"],
        [],
        ["month", "seats", "price", "extra", "team", "center"],
        ["@46296", 12, 19.899999999999999, None, "nlp", None],
        ["@46296", 3.0, "=0.1", None, "nlp", None],
        ["@46296", 3, "#N/A", None, "nlp", None],
        ["@46296", 3, 1, "#REF!", "nlp", None],
    ]
    describe(house, described + "header: 3\n")
    book = workbook({"Cover": [["x"]], "Seats": sheet})  # type: ignore[dict-item]
    house.put(book, "seats.xlsx")
    house.load()
    assert house.totals("EUR").loaded["BilledCost"] == Decimal("239.10")
    aside = [(one.line, one.column, one.reason) for one in house.quarantined()]
    assert aside == [
        (6, "price", "price '#N/A': not a number"),
        (7, "extra", "extra '#REF!': not a number"),
    ]


def test_a_quantity_that_cant_be_read_leaves_the_money_alone(tmp_path: Path) -> None:
    house = table_house(tmp_path, PLAIN.replace("day,", "day, ConsumedQuantity: units * 2,"))
    loaded = house.take("cost,day,currency,units\n5,2026-10-01,EUR,a dozen\n7,2026-10-01,EUR,6\n")
    assert house.totals("EUR").loaded["BilledCost"] == 12
    assert found(loaded.findings, "quantity-unreadable").rows == 1
    assert [row["ConsumedQuantity"] for row in house.rows("charges")] == [None, 12]


def test_a_bomb_is_refused_and_what_was_loaded_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = table_house(tmp_path, PLAIN)
    house.take("cost,day,currency\n1,2026-10-01,EUR\n")
    monkeypatch.setattr(unpack, "FREE", 1024**2)
    with ZipFile(house.bills / "bomb.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"cost,day,currency\n" + b"1,2026-10-01,EUR\n" * 10**6)
    with pytest.raises(SourceError, match=r"bomb.zip: unpacks to more than"):
        house.load()
    assert house.totals("EUR").loaded["BilledCost"] == 1


def test_focus_in_a_workbook(tmp_path: Path) -> None:
    house = House(tmp_path)
    charge = row("19.90", {"team": "nlp"})
    house.put(workbook({"S": [list(charge), list(charge.values())]}), "bill.xlsx")
    house.load()
    assert house.totals().loaded["BilledCost"] == Decimal("19.90")
    assert "apportion_line" not in house.rows("charges")[0]


def test_a_sheet_in_an_archive_among_others(tmp_path: Path) -> None:
    house = table_house(tmp_path, PLAIN)
    with ZipFile(house.bills / "bill.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("in/bill.csv", "cost,day,currency\n1.50,2026-10-01,EUR\n")
        archive.writestr("in/readme.txt", "hello")
    house.load()
    assert house.totals("EUR").loaded["BilledCost"] == Decimal("1.50")


def test_floats_and_records_of_parquet(tmp_path: Path) -> None:
    house = table_house(
        tmp_path,
        """
format: table
columns:
  BilledCost: hours * rate
  ChargePeriodStart: at
  Tags: labels
  x_Job: about ->> '$.job'
""",
    )
    bill = pa.table(
        {
            "hours": pa.array([0.1, 3.0]),
            "rate": pa.array([Decimal("19.90"), Decimal("0.05")], pa.decimal128(10, 2)),
            "at": pa.array([at("2026-10-05"), at("2026-10-06")]),
            "labels": pa.array([[("team", "nlp")], []], pa.map_(pa.string(), pa.string())),
            "about": pa.array([{"job": "j-1"}, {"job": None}]),
        }
    )
    loaded = house.take(bill, "x_Job")
    assert house.totals("EUR").loaded["BilledCost"] == Decimal("2.14")
    assert codes(loaded.findings) == {"cost-float"}
    assert {(key["Tags"], key["x_Job"]) for key in house.rows("keys")} == {
        ('{"team":"nlp"}', "j-1"),
        ("{}", None),
    }


def test_loading_again_reads_nothing_unless_the_description_changed(tmp_path: Path) -> None:
    house = table_house(tmp_path, PLAIN)
    assert house.take("cost,day,currency\n1,2026-10-01,EUR\n").files_read == 1
    assert house.load().files_read == 0
    describe(house, PLAIN.replace("BilledCost: cost", "BilledCost: cost * 2"))
    assert house.load().files_read == 1
    assert house.totals("EUR").loaded["BilledCost"] == 2
