"""Files that are no bill: each is refused with its place and a remedy, and nothing is loaded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from apportion.errors import SourceError
from bills import COLUMNS, row
from loads import House, codes, csv_text, found


def refused(house: House, content: str | bytes | pa.Table, name: str = "bill.csv") -> SourceError:
    """Load a good bill beside a bad one: the source as a whole must stay as it was."""
    house.put([row("1")], "a good one.csv")
    house.put(content, name)
    with pytest.raises(SourceError) as caught:
        house.load()
    assert house.books.current() == ()
    assert caught.value.place is not None
    assert caught.value.place.file == f"bills/{name}"
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 a workbook", "zip"),
        (b"<html><body>Sign in</body></html>", "HTML"),
        (b'{"error": "no such bucket"}', "JSON"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"just one column\n1\n2\n", "one column"),
        (b"BilledCost|BillingCurrency\n1.5|USD\n", "bars"),
        (b"BilledCost\tBillingCurrency\n1\tUSD\n", "tabs"),
        (b"\nBilledCost,BillingCurrency\n1,USD\n", "blank"),
        (b"Gr\xfc\xdfe,BillingCurrency\n1,USD\n", "not UTF-8"),
    ],
)
def test_what_is_no_csv_is_refused(house: House, content: bytes, says: str) -> None:
    assert says in str(refused(house, content))


def test_a_truncated_gzip_is_refused_and_nothing_is_loaded(house: House) -> None:
    whole = gzip.compress(csv_text([row(str(n)) for n in range(5000)]).encode())
    fault = refused(house, whole[: len(whole) // 2], "bill.csv.gz")
    assert "cut short" in str(fault)


def test_a_gzip_within_a_gzip_is_refused(house: House) -> None:
    twice = gzip.compress(gzip.compress(csv_text([row("1")]).encode()))
    assert "packed twice" in str(refused(house, twice, "bill.csv.gz"))


def test_a_truncated_parquet_is_refused(house: House, tmp_path: Path) -> None:
    whole = house.put(as_table([row("1")]), "x.parquet").read_bytes()
    (house.bills / "x.parquet").unlink()
    fault = refused(house, whole[:-20], "bill.parquet")
    assert "Parquet" in str(fault)


def as_table(rows: list[dict[str, str]]) -> pa.Table:
    return pa.table({name: [one.get(name) for one in rows] for name in COLUMNS})


@pytest.mark.parametrize(
    "column",
    ["BilledCost", "EffectiveCost", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart"],
)
def test_a_needed_column_that_is_missing_is_named_with_the_remedy(
    house: House, column: str
) -> None:
    columns = [name for name in COLUMNS if name != column]
    rows = [{name: row("1").get(name, "") for name in columns}]
    fault = refused(house, csv_text(rows, columns))
    assert f"a needed column is missing: {column}" in fault.what
    assert f"without: [{column}]" in fault.hint


def test_a_column_twice_names_both(house: House) -> None:
    text = csv_text([row("1")]).replace("ListCost", "billedcost", 1)
    fault = refused(house, text)
    assert "BilledCost is there twice: as column 1 ('BilledCost')" in fault.what
    assert "column 3 ('billedcost')" in fault.what
    assert str(fault.place) == "bills/bill.csv:1"


def test_an_unknown_column_twice_is_refused_too(house: House) -> None:
    text = "x_Team,X_TEAM," + csv_text([row("1")]).replace("\n", "\na,b,", 1).removesuffix("\n")
    assert "twice" in refused(house, text).what


def test_an_empty_file_brings_nothing_and_says_so(house: House) -> None:
    house.put(b"", "empty.csv")
    house.put(csv_text([]), "header.csv")
    house.put(gzip.compress(b""), "empty.csv.gz")
    house.put([row("1")], "good.csv")
    loaded = house.load()
    empty = [one for one in loaded.findings if one.code == "file-empty"]
    assert sorted(str(one.place) for one in empty) == [
        "bills/empty.csv",
        "bills/empty.csv.gz",
        "bills/header.csv",
    ]
    assert [period.loaded_rows for period in loaded.periods] == [1]


def test_a_source_with_nothing_but_empty_files_loads_nothing(house: House) -> None:
    loaded = house.take(b"")
    assert loaded.periods == ()
    assert codes(loaded.findings) == {"file-empty"}
    assert house.books.current() == ()


def test_a_bill_whose_months_can_not_be_read_at_all_is_refused(house: House) -> None:
    fault = refused(house, csv_text([row("1", BillingPeriodStart="soon")]))
    assert "no row says which billing period" in fault.what


def test_a_file_that_changes_while_it_is_read_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apportion.load import intake

    path = house.put([row("1")])
    reading = vars(intake)["stage"]

    def stage_slowly(*given: object) -> object:
        staged = reading(*given)
        with path.open("a") as still_written:
            still_written.write("x")
        return staged

    monkeypatch.setattr(intake, "stage", stage_slowly)
    with pytest.raises(SourceError, match="changed while it was read"):
        house.load()
    assert house.books.current() == ()


def test_a_missing_mandatory_column_is_told_and_loads(house: House) -> None:
    gone = {"ListCost", "ProviderName", "ServiceCategory"}
    columns = [name for name in COLUMNS if name not in gone]
    loaded = house.take(csv_text([{c: row("1").get(c, "") for c in columns}], columns))
    assert "ListCost" in found(loaded.findings, "cost-column-missing").message
    missing = found(loaded.findings, "column-missing")
    assert "ProviderName" in missing.message
    assert "ServiceCategory" in missing.message
    assert house.totals().loaded["BilledCost"] == 1
    assert "ListCost" not in house.totals().loaded


def test_headers_in_another_case_are_read_with_a_remark(house: House) -> None:
    header, rest = csv_text([row("5")]).split("\n", 1)
    loaded = house.take(f"\ufeff{header.lower()}\n{rest}")
    assert "billedcost" in found(loaded.findings, "column-case").message
    assert house.totals().loaded["EffectiveCost"] == 5
    assert house.rows("charges")[0]["ServiceName"] == "Compute"


def test_a_column_without_a_name_is_kept(house: House) -> None:
    text = csv_text([row("5")]).replace("\n", ",\n", 1).rstrip("\n") + ",something\n"
    loaded = house.take(text)
    number = len(COLUMNS) + 1
    assert str(found(loaded.findings, "column-unnamed").place) == "bills/bill.csv:1"
    assert house.rows("charges")[0][f"Unnamed{number}"] == "something"
