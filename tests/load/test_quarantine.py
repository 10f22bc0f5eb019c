"""Rows that can't be read are set aside with their place, and nothing else is lost with them."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from apportion.domain.finding import Level
from apportion.domain.period import Period
from bills import COLUMNS, row
from loads import OCTOBER, House, codes, csv_text, found

BAD_AMOUNTS = [
    ("NaN", "not a finite number"),
    ("Infinity", "not a finite number"),
    ("-inf", "not a finite number"),
    ("1e999999", "beyond the bound"),
    ("1e12", "beyond the bound"),
    ("1000000000000", "beyond the bound"),
    ("12,50", "a comma"),
    ("1.234,50", "a comma"),
    ("0.1234567890123456789012345", "more than 18 decimal places"),
    ("1_000", "not a number"),
    ("0x1F", "not a number"),
    ("USD 5", "not a number"),
    ("9" * 500, "beyond the bound"),
]


@pytest.mark.parametrize(("written", "why"), BAD_AMOUNTS)
@pytest.mark.parametrize("basis", ["BilledCost", "ListCost"])
def test_a_cost_that_can_not_be_read_is_set_aside_as_a_row(
    house: House, basis: str, written: str, why: str
) -> None:
    loaded = house.take([row("1"), row("2") | {basis: written}, row("4")])
    (aside,) = house.quarantined()
    assert (aside.file, aside.line, aside.column) == ("bills/bill.csv", 3, basis)
    assert why in aside.reason
    assert aside.hint
    assert aside.row["EffectiveCost"] == "2"
    assert aside.row[basis] == written
    told = found(loaded.findings, "cost-unreadable")
    assert told.level is Level.ERROR
    assert str(told.place) == f"bills/bill.csv:3:{COLUMNS.index(basis) + 1}"
    totals = house.totals()
    assert (totals.read_rows, totals.loaded_rows, totals.quarantined_rows) == (3, 2, 1)
    assert totals.unread[basis] == 1
    assert totals.read[basis] == totals.loaded[basis] == 5
    assert totals.read["EffectiveCost"] == 7
    assert totals.quarantined["EffectiveCost"] == 2
    assert totals.unread["EffectiveCost"] == 0


@pytest.mark.parametrize("empty", ["", "NULL"])
@pytest.mark.parametrize("basis", ["BilledCost", "EffectiveCost"])
def test_a_row_without_its_cost_is_set_aside(house: House, basis: str, empty: str) -> None:
    loaded = house.take([row("1"), row("2") | {basis: empty}])
    (aside,) = house.quarantined()
    assert aside.reason == f"{basis} is empty"
    assert found(loaded.findings, "cost-missing").rows == 1
    assert house.totals().unread[basis] == 1


def test_a_row_without_list_cost_loads_and_counts_zero_there(house: House) -> None:
    loaded = house.take([row("1"), row("2", ListCost="NULL"), row("4", ListCost="")])
    told = found(loaded.findings, "cost-empty")
    assert (told.level, told.rows) == (Level.NOTE, 2)
    totals = house.totals()
    assert totals.loaded["ListCost"] == totals.read["ListCost"] == 1
    assert totals.loaded["BilledCost"] == 7
    assert totals.unread["ListCost"] == 0
    assert [charge["ListCost"] for charge in house.rows("charges")] == [1, None, None]


@pytest.mark.parametrize("written", ["dollars", "usd", "XAU", "", "NULL", "US D"])
def test_an_unknown_currency_is_no_money(house: House, written: str) -> None:
    loaded = house.take([row("1"), row("2", BillingCurrency=written)])
    (aside,) = house.quarantined()
    assert aside.column == "BillingCurrency"
    assert codes(loaded.findings) == {"currency-unknown"}
    totals = house.totals()
    assert (totals.read_rows, totals.quarantined_rows) == (2, 1)
    assert totals.read["BilledCost"] == totals.loaded["BilledCost"] == 1
    assert totals.unread == dict.fromkeys(totals.read, 1)


def test_a_file_without_any_known_currency_counts_its_rows_under_the_projects(
    house: House,
) -> None:
    house.take([row("1", BillingCurrency="coins")])
    totals = house.totals("USD")
    assert (totals.read_rows, totals.loaded_rows, totals.quarantined_rows) == (1, 0, 1)
    assert totals.read["BilledCost"] == 0


def test_a_row_without_a_month_goes_where_most_rows_of_the_file_are(house: House) -> None:
    september = {"BillingPeriodStart": "2026-09-01T00:00:00Z"}
    loaded = house.take(
        [row("1"), row("2"), row("4", None, **september), row("8", BillingPeriodStart="soon")]
    )
    (aside,) = house.quarantined()
    assert "'soon': not a time" in aside.reason
    assert found(loaded.findings, "period-unreadable").rows == 1
    totals = house.totals()
    assert totals.read["BilledCost"] == 11
    assert totals.quarantined["BilledCost"] == 8
    assert totals.unread["BilledCost"] == 1, "the proof must not look whole"
    assert house.totals(period=Period(2026, 9)).quarantined_rows == 0


def test_a_row_without_a_day_is_set_aside(house: House) -> None:
    loaded = house.take([row("1"), row("2", ChargePeriodStart="32/13/2026")])
    (aside,) = house.quarantined()
    assert aside.column == "ChargePeriodStart"
    assert codes(loaded.findings) == {"day-unreadable"}


def test_every_row_of_a_month_may_be_set_aside(house: House) -> None:
    november = {"BillingPeriodStart": "2026-11-01T00:00:00Z"}
    house.take([row("1"), row("x", None, **november)])
    later = Period(2026, 11)
    assert house.rows("charges", later) == []
    assert house.totals(period=later).quarantined_rows == 1


def test_two_currencies_in_one_file_are_kept_apart(house: House) -> None:
    house.take([row("1"), row("2", BillingCurrency="EUR"), row("4", BillingCurrency="EUR")])
    assert house.totals("USD").loaded["BilledCost"] == 1
    assert house.totals("EUR").loaded["BilledCost"] == 6
    assert house.totals("EUR").loaded_rows == 2


def test_a_negative_cost_is_a_credit_and_kept(house: House) -> None:
    house.take([row("10"), row("-12.5", ChargeCategory="Credit")])
    assert house.totals().loaded["BilledCost"] == Decimal("-2.5")
    assert house.quarantined() == []


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("5e-06", "0.000005"),
        ("1.5E+3", "1500"),
        ("+7", "7"),
        (" 7 ", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0.100000000000000000000000", "0.1"),
        ("-0", "0"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("999999999999.999999999999999999", "999999999999.999999999999999999"),
    ],
)
def test_odd_spellings_of_amounts_are_read_exactly(house: House, written: str, amount: str) -> None:
    house.take([row(written)])
    assert house.totals().loaded["BilledCost"] == Decimal(amount)


def test_a_quantity_that_can_not_be_read_is_left_empty(house: House) -> None:
    loaded = house.take([row("1", PricingQuantity="many"), row("2", PricingQuantity="3.5")])
    told = found(loaded.findings, "quantity-unreadable")
    assert (told.level, told.rows) == (Level.WARNING, 1)
    quantities = [charge["PricingQuantity"] for charge in house.rows("charges")]
    assert quantities == [None, Decimal("3.5")]
    assert house.totals().loaded["BilledCost"] == 3


def test_lesser_departures_load_with_a_note(house: House) -> None:
    loaded = house.take(
        [
            row("1", ChargeCategory="Fun", BillingPeriodEnd="whenever"),
            row("2", ServiceName="", BillingPeriodStart="2026-10-15T00:00:00Z"),
            row("4", Tags='"team":"nlp"'),
            row("8", Tags="team=nlp"),
        ]
    )
    assert codes(loaded.findings) == {
        "value-not-allowed",
        "time-unreadable",
        "value-missing",
        "period-not-month",
        "tags-braceless",
        "tags-unreadable",
    }
    assert "'Fun'" in found(loaded.findings, "value-not-allowed").message
    assert house.totals().loaded["BilledCost"] == 15


def test_usage_of_an_earlier_month_on_this_bill_is_ordinary(house: House) -> None:
    loaded = house.take([row("1", ChargePeriodStart="2026-08-30T23:00:00Z")])
    assert loaded.findings == ()
    assert [str(fact["ChargeDate"]) for fact in house.rows("daily")] == ["2026-08-30"]
    assert house.snapshot().period == OCTOBER


BROKEN = csv_text([row("1"), row("2"), row("4"), row("8")]).splitlines(keepends=True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2,3\n", "3 fields where the header has 25"),
        (BROKEN[2].rstrip("\n") + ",one,more\n", "27 fields"),
        (BROKEN[2].replace("compute", 'a "stray" quote', 1), ""),
        (BROKEN[2].replace("compute", '"a" stray quote', 1), "quotes that don't match"),
        (BROKEN[2].replace("compute", '"never closed', 1), "quotes that don't match"),
    ],
)
def test_a_row_that_is_no_row_is_set_aside_and_the_next_is_read(
    house: House, line: str, reason: str
) -> None:
    loaded = house.take("".join([*BROKEN[:2], line, *BROKEN[3:]]))
    totals = house.totals()
    assert totals.read_rows == 4
    if not reason:  # a quote within a text is no fault
        assert totals.loaded["BilledCost"] == 15
        return
    (aside,) = house.quarantined()
    assert aside.line == 3
    assert reason in aside.reason
    assert aside.row == {"": line.rstrip("\n")}
    assert str(found(loaded.findings, "row-malformed").place) == "bills/bill.csv:3"
    assert totals.loaded["BilledCost"] == 13
    assert totals.unread == dict.fromkeys(totals.read, 1)


def test_bytes_that_are_not_utf8_set_their_row_aside(house: House) -> None:
    lines = [line.encode() for line in BROKEN]
    lines[3] = lines[3].replace(b"compute", "Größe".encode("latin-1"))
    loaded = house.take(b"".join(lines))
    (aside,) = house.quarantined()
    assert (aside.line, aside.row["ChargeDescription"]) == (4, "Gr\ufffd\ufffde")
    assert codes(loaded.findings) == {"row-not-utf8"}
    assert house.totals().read["BilledCost"] == 15
    assert house.totals().quarantined["BilledCost"] == 4


def test_a_nul_byte_sets_its_row_aside(house: House) -> None:
    many = [row("1")] * 500
    lines = csv_text([*many, row("2", ResourceName="a\0b")]).encode()
    house.take(lines)
    (aside,) = house.quarantined()
    assert aside.line == 502
    assert house.totals().quarantined["BilledCost"] == 2


def test_line_numbers_hold_among_blank_lines_and_texts_of_several_lines(house: House) -> None:
    text = csv_text([row("1", ChargeDescription="one\ntwo\nthree"), row("2"), row("bad")])
    head, _, rest = text.partition("\n")
    house.take(f"{head}\n\n\n{rest}\n")
    (aside,) = house.quarantined()
    assert aside.line == 8
    assert text.splitlines()[5].startswith("bad")


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_other_line_ends_are_read(house: House, ends: str) -> None:
    house.take(csv_text([row("1"), row("bad"), row("4")]).replace("\n", ends))
    (aside,) = house.quarantined()
    assert aside.line == 3
    assert house.totals().loaded["BilledCost"] == 5


def test_mixed_line_ends_are_read(house: House) -> None:
    lines = csv_text([row("1"), row("bad"), row("4")]).splitlines()
    house.take(lines[0] + "\r\n" + lines[1] + "\n" + lines[2] + "\r\n" + lines[3])
    (aside,) = house.quarantined()
    assert aside.line == 3
    assert house.totals().loaded["BilledCost"] == 5


def test_of_very_many_bad_rows_all_count_and_the_first_are_kept(house: House) -> None:
    loaded = house.take([row("1")] * 10 + [row("2", BilledCost="x")] * 2500)
    assert len(house.quarantined()) == 1000
    assert found(loaded.findings, "cost-unreadable").rows == 2500
    totals = house.totals()
    assert (totals.read_rows, totals.quarantined_rows) == (2510, 2500)
    assert totals.quarantined["EffectiveCost"] == 5000
    assert totals.unread["BilledCost"] == 2500


def test_a_bad_row_of_a_parquet_file_is_named_by_its_number(house: House) -> None:
    rows = [row("1"), row("bad"), row("4")]
    house.take(pa.table({name: [one.get(name) for one in rows] for name in COLUMNS}))
    (aside,) = house.quarantined()
    assert (aside.line, aside.row["BilledCost"]) == (2, "bad")


def test_a_row_longer_than_two_megabytes_is_set_aside(house: House) -> None:
    house.take([row("1"), row("2", ChargeDescription="x" * 2_100_000), row("4")])
    (aside,) = house.quarantined()
    assert aside.line == 3
    assert house.totals().loaded["BilledCost"] == 5


def test_a_row_without_a_month_says_to_which_it_counts(house: House) -> None:
    loaded = house.take([row("1"), row("2", BillingPeriodStart="soon")])
    told = found(loaded.findings, "period-unreadable")
    assert "1 row names no month and counts to 2026-10" in told.message
    assert "names no month" not in found(house.take([row("x")]).findings, "cost-unreadable").message


@pytest.mark.parametrize("month", ["0001-01-01", "1999-12-01", "2100-01-01", "2999-12-01"])
def test_a_month_of_no_bill_is_told(house: House, month: str) -> None:
    rows = [row("1"), row("2", BillingPeriodStart=month, ChargePeriodStart=month)]
    told = found(house.take(rows).findings, "date-odd")
    assert (told.level, told.rows) == (Level.WARNING, 1)
    assert month in told.message


def test_a_day_more_than_a_year_from_its_bill_is_told(house: House) -> None:
    late = [row("1", ChargePeriodStart=day) for day in ("2025-10-01", "2027-10-31")]
    assert "date-odd" not in codes(house.take(late).findings)
    far = [row("1", ChargePeriodStart=day) for day in ("2025-09-30", "0001-01-01", "2027-11-01")]
    told = found(house.take(far).findings, "date-odd")
    assert told.rows == 3
    assert "0001-01-01" in told.message
