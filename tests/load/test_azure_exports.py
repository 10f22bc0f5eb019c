"""Actual or amortised, and which files of Azure's exports count: never both, never twice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.errors import SourceError
from azure_bills import RESERVATION, Row, azure_text, ea_row, reserved, write_run
from loads import House, codes

# A reservation of 100 a month: 70 used, 30 unused. Beside it, storage for 5.
ACTUAL = [
    reserved("100", "Purchase", Frequency="Recurring"),
    reserved("0", PayGPrice="90"),
    ea_row("5"),
]
AMORTIZED = [reserved("70", PayGPrice="90"), reserved("30", "UnusedReservation"), ea_row("5")]


def told(tmp_path: Path, **settings: object) -> House:
    return House(tmp_path, **({"format": "azure"} | settings))


def put(house: House, name: str, rows: Sequence[Row]) -> None:
    house.put(azure_text(rows), name)


def loaded(house: House) -> dict[str, Decimal]:
    """What the current snapshot of October has, by basis, over all its files."""
    found: dict[str, Decimal] = {}
    for unit in house.snapshot().units:
        for totals in unit.totals:
            for basis, amount in totals.loaded.items():
                found[basis] = found.get(basis, Decimal(0)) + amount
    return found


def test_an_actual_export_carries_the_billed_cost(tmp_path: Path) -> None:
    house = told(tmp_path)
    found = house.take(azure_text(ACTUAL))
    assert loaded(house) == {"BilledCost": 105, "ListCost": 195, "ContractedCost": 105}
    assert "cost-column-missing" in codes(found.findings)
    assert {row["EffectiveCost"] for row in house.rows("charges")} == {None}


def test_an_amortised_export_carries_the_effective_cost(tmp_path: Path) -> None:
    house = told(tmp_path)
    house.take(azure_text(AMORTIZED))
    assert loaded(house) == {"EffectiveCost": 105, "ListCost": 125, "ContractedCost": 105}


def test_an_export_without_commitments_carries_both(tmp_path: Path) -> None:
    house = told(tmp_path)
    found = house.take(azure_text([ea_row("5"), ea_row("6", ChargeType="Purchase")]))
    assert loaded(house)["BilledCost"] == loaded(house)["EffectiveCost"] == 11
    assert "cost-column-missing" not in codes(found.findings)


def test_use_that_is_covered_at_zero_is_actual_even_without_a_purchase(tmp_path: Path) -> None:
    """The reservation was bought last year: its use must not seem to be free."""
    house = told(tmp_path)
    house.take(azure_text([reserved("0"), ea_row("5")]))
    assert set(loaded(house)) == {"BilledCost", "ListCost", "ContractedCost"}


def test_all_parts_of_a_month_carry_the_same(tmp_path: Path) -> None:
    house = told(tmp_path)
    put(house, "part1.csv", [ea_row("7")])
    put(house, "part2.csv", ACTUAL)
    september = {"BillingPeriodStartDate": "09/01/2026", "BillingPeriodEndDate": "09/30/2026"}
    put(house, "september.csv", [ea_row("3", Date="09/02/2026", **september)])
    house.load()
    assert "EffectiveCost" not in loaded(house)
    assert loaded(house)["BilledCost"] == 112
    assert house.totals(period=Period(2026, 9)).loaded["EffectiveCost"] == 3


def test_both_exports_in_one_folder_are_refused_by_name(tmp_path: Path) -> None:
    house = told(tmp_path)
    put(house, "a/actual.csv", ACTUAL)
    put(house, "b/amortized.csv", AMORTIZED)
    with pytest.raises(SourceError) as caught:
        house.load()
    assert "bills/a/actual.csv carries actual cost" in str(caught.value)
    assert "bills/b/amortized.csv amortised cost" in str(caught.value)
    assert "`amortized: FOLDER-OF-AMORTIZED`" in caught.value.hint
    assert house.books.current() == ()


def test_both_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="actual and amortised rows in one file"):
        told(tmp_path).take(azure_text([*ACTUAL, *AMORTIZED]))


@pytest.mark.parametrize(("cost", "rows"), [("actual", AMORTIZED), ("amortized", ACTUAL)])
def test_rows_that_contradict_what_is_declared_are_refused(
    tmp_path: Path, cost: str, rows: list[Row]
) -> None:
    with pytest.raises(SourceError, match=f"where one of {cost} cost is declared"):
        told(tmp_path, cost=cost).take(azure_text(rows))


def test_what_is_declared_holds_where_rows_show_nothing(tmp_path: Path) -> None:
    house = told(tmp_path, cost="actual")
    house.take(azure_text([ea_row("5")]))
    assert "EffectiveCost" not in loaded(house)


# Both exports as one source


def both(tmp_path: Path) -> House:
    return told(tmp_path, path="bills/actual", amortized="bills/amortized")


def test_both_exports_of_a_source_tell_one_basis_each(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", ACTUAL)
    put(house, "amortized/10.csv", AMORTIZED)
    found = house.load()
    assert loaded(house) == {
        "BilledCost": 105,
        "EffectiveCost": 105,
        "ListCost": 125,
        "ContractedCost": 105,
    }
    assert not {"cost-column-missing", "overlapping-files"} & codes(found.findings)
    used = [row for row in house.rows("charges") if row["x_ChargeType"] == "Usage"]
    assert sum(row["PricingQuantity"] or 0 for row in used) == 2  # type: ignore[misc]


def test_exports_that_are_equal_to_the_byte_both_count(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [ea_row("5")])
    put(house, "amortized/10.csv", [ea_row("5")])
    found = house.load()
    assert loaded(house)["BilledCost"] == loaded(house)["EffectiveCost"] == 5
    assert "duplicate-file" not in codes(found.findings)
    again = house.load()
    assert (again.files_read, again.files_known) == (0, 2)


def test_a_file_can_not_be_both(tmp_path: Path) -> None:
    house = told(tmp_path, path="bills", amortized="bills/amortized")
    put(house, "amortized/10.csv", [ea_row("5")])
    with pytest.raises(SourceError, match=r"both take 10\.csv"):
        house.load()


def test_exports_in_each_others_place_are_refused(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", AMORTIZED)
    put(house, "amortized/10.csv", ACTUAL)
    with pytest.raises(SourceError, match="an export of amortized cost, where one of actual"):
        house.load()


def test_a_refund_of_a_reservation_is_a_credit_on_billed_cost(tmp_path: Path) -> None:
    house = both(tmp_path)
    refund = reserved("-40", "Refund", Quantity="-1", UnitPrice="40")
    put(house, "actual/10.csv", [*ACTUAL, refund])
    put(house, "amortized/10.csv", AMORTIZED)
    house.load()
    assert loaded(house)["BilledCost"] == 65
    assert loaded(house)["EffectiveCost"] == 105
    (credit,) = (row for row in house.rows("charges") if row["ChargeCategory"] == "Credit")
    assert (credit["BilledCost"], credit["CommitmentDiscountId"]) == (-40, RESERVATION.lower())


# Manifests


def month(house: House, run: str, cost: str, **settings: object) -> None:
    """A run of October with two parts of the same cost each."""
    parts = {
        f"part_{number}.csv": azure_text([ea_row(cost, MeterId=f"m-{number}")]) for number in (0, 1)
    }
    write_run(house.bills / "20261001-20261031" / run, parts, **settings)  # type: ignore[arg-type]


def test_of_runs_that_repeat_a_month_the_newest_counts(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "b-old", "5", submitted="2026-10-06T04:00:00Z", last="2026-10-05")
    month(house, "a-new", "6", submitted="2026-10-07T04:00:00Z", last="2026-10-06")
    found = house.load()
    assert loaded(house)["BilledCost"] == 12
    assert found.files_read == 2


def test_the_manifest_says_which_cost_it_is(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "run", "5", kind="AmortizedCost")
    house.load()
    assert "BilledCost" not in loaded(house)


def test_runs_of_both_kinds_are_told_apart_and_refused(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "a", "5", kind="ActualCost")
    month(house, "b", "5", kind="AmortizedCost")
    with pytest.raises(SourceError, match="actual and amortised exports in one source"):
        house.load()


def test_a_part_that_is_missing_is_an_error(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "run", "5")
    (house.bills / "20261001-20261031" / "run" / "part_1.csv").unlink()
    with pytest.raises(SourceError, match=r"a part that the manifest names is missing: part_1.csv"):
        house.load()
    assert house.books.current() == ()


def test_a_new_run_whose_parts_are_all_missing_does_not_give_way_to_the_old(
    tmp_path: Path,
) -> None:
    house = told(tmp_path)
    month(house, "old", "5")
    month(house, "new", "5", submitted="2026-10-09T04:00:00Z")
    for number in (0, 1):
        (house.bills / "20261001-20261031" / "new" / f"part_{number}.csv").unlink()
    with pytest.raises(SourceError, match=r"missing: part_0\.csv"):
        house.load()


def test_a_part_that_is_named_twice_is_an_error(tmp_path: Path) -> None:
    house = told(tmp_path)
    text = azure_text([ea_row("5")])
    blob = {"blobName": "x/part_0.csv", "byteCount": len(text.encode()), "dataRowCount": 1}
    write_run(house.bills / "run", {"part_0.csv": text}, blobs=[blob, blob])
    with pytest.raises(SourceError, match=r"names part_0.csv twice"):
        house.load()


@pytest.mark.parametrize(
    ("blob", "says"),
    [
        ({"byteCount": 10**6}, "where its manifest says 1,000,000"),
        ({"dataRowCount": 3}, "the file has 1 rows where its manifest says 3"),
    ],
)
def test_a_part_that_is_not_whole_is_an_error(
    tmp_path: Path, blob: dict[str, int], says: str
) -> None:
    house = told(tmp_path)
    text = azure_text([ea_row("5")])
    told_blob = {"blobName": "x/part_0.csv", "dataRowCount": 1} | blob
    write_run(house.bills / "run", {"part_0.csv": text}, blobs=[told_blob])
    with pytest.raises(SourceError, match=says):
        house.load()
    assert house.books.current() == ()


def test_a_manifest_that_can_not_be_read_is_an_error(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "run", "5")
    (house.bills / "20261001-20261031" / "run" / "manifest.json").write_text('{"blobs": [')
    with pytest.raises(SourceError, match="the manifest can't be read"):
        house.load()


def test_two_exports_that_tell_the_same_days_are_an_error(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "month", "5")
    month(house, "half", "5", first="2026-10-15")
    with pytest.raises(SourceError, match="two exports tell of the days from 2026-10-15"):
        house.load()


def test_runs_of_two_subscriptions_both_count(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "one", "5")
    other = "/subscriptions/2bbb/providers/Microsoft.CostManagement/exports/daily"
    month(house, "two", "6", export=other)
    house.load()
    assert loaded(house)["BilledCost"] == 22


def test_price_sheets_beside_bills_are_left_out(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "run", "5")
    write_run(house.bills / "prices", {"sheet.csv": "meter,price\nm-1,3\n"}, kind="PriceSheet")
    house.load()
    assert loaded(house)["BilledCost"] == 10


def test_a_focus_export_under_a_native_source_is_an_error(tmp_path: Path) -> None:
    house = told(tmp_path)
    month(house, "run", "5", kind="FocusCost")
    with pytest.raises(SourceError, match="declare `format: focus`"):
        house.load()


# One of the two exports lacks what the other has


def on(day: int, cost: str, **over: str) -> Row:
    return ea_row(cost, Date=f"10/{day:02d}/2026", **over)


def told_to_differ(house: House) -> list[str]:
    return [one.message for one in house.load().findings if one.code == "exports-differ"]


def test_an_amortised_export_that_ends_early_is_told_with_its_days_and_money(
    tmp_path: Path,
) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [on(29, "5"), on(30, "7.5"), on(31, "8")])
    put(house, "amortized/10.csv", [on(29, "5")])
    (said,) = told_to_differ(house)
    assert "the amortised export of 2026-10 lacks use of 2 days from 2026-10-30 to" in said
    assert "2 charges" in said
    assert "EffectiveCost of 15.5 USD is missing" in said


def test_it_stays_told_at_a_load_that_changes_nothing_and_in_the_books(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [on(29, "5"), on(30, "7.5")])
    put(house, "amortized/10.csv", [on(29, "5")])
    first = told_to_differ(house)
    assert first
    assert told_to_differ(house) == first
    assert [one.message for one in house.snapshot().findings] == first


def test_it_is_settled_by_an_export_that_has_the_days(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [on(29, "5"), on(30, "7.5")])
    put(house, "amortized/10.csv", [on(29, "5")])
    assert told_to_differ(house)
    put(house, "amortized/10.csv", [on(29, "5"), on(30, "7.5")])
    assert told_to_differ(house) == []
    assert house.snapshot().findings == ()


def test_an_actual_export_that_ends_early_lacks_billed_cost(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [on(29, "5")])
    put(house, "amortized/10.csv", [on(29, "5"), on(30, "7.5")])
    (said,) = told_to_differ(house)
    assert "the actual export of 2026-10 lacks use of 2026-10-30" in said
    assert "BilledCost of 7.5 USD is missing" in said


def test_rows_of_a_day_that_one_export_lacks_are_told(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [on(29, "5"), on(29, "3", MeterId="m-2")])
    put(house, "amortized/10.csv", [on(29, "5")])
    (said,) = told_to_differ(house)
    assert "lacks use of 2026-10-29" in said
    assert "1 charge. EffectiveCost of 3 USD" in said


def test_covered_use_that_only_one_export_tells_is_told(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [on(29, "5"), reserved("0", Date="10/30/2026")])
    put(house, "amortized/10.csv", [on(29, "5")])
    (said,) = told_to_differ(house)
    assert "1 charge that commitments cover. What they cost is missing" in said


def test_a_month_that_the_amortised_export_lacks_is_told(tmp_path: Path) -> None:
    house = both(tmp_path)
    september = {"BillingPeriodStartDate": "09/01/2026", "BillingPeriodEndDate": "09/30/2026"}
    put(house, "actual/09.csv", [ea_row("3", Date="09/02/2026", **september)])
    put(house, "actual/10.csv", [on(29, "5")])
    put(house, "amortized/10.csv", [on(29, "5")])
    (said,) = told_to_differ(house)
    assert "the amortised export of 2026-09 lacks use of 2026-09-02" in said


def test_what_only_one_export_can_have_is_no_difference(tmp_path: Path) -> None:
    house = both(tmp_path)
    put(house, "actual/10.csv", [*ACTUAL, reserved("9", "Refund", Date="10/31/2026")])
    put(house, "amortized/10.csv", [*AMORTIZED, reserved("1", "UnusedReservation")])
    assert told_to_differ(house) == []
