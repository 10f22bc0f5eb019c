"""Loading again, restating, adding, removing: what is current then."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from apportion.domain.finding import Level
from apportion.domain.period import Period
from apportion.errors import UsageError
from apportion.load import Progress, State, load
from apportion.load.identity import config_digest, snapshot_id, unit_id
from bills import row
from loads import OCTOBER, House, codes, csv_text, found

NOVEMBER = Period(2026, 11)
IN_NOVEMBER = {
    "BillingPeriodStart": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-11-03T00:00:00Z",
}


def files_of(house: House) -> set[Path]:
    return {path for path in house.project.lake.rglob("*") if path.is_file()}


def test_loading_twice_changes_nothing_and_reads_nothing(house: House) -> None:
    first = house.take([row("1"), row("2", None, **IN_NOVEMBER)])
    assert [period.state for period in first.periods] == [State.NEW, State.NEW]
    before, files = house.books.current(), files_of(house)
    again = house.load()
    assert (again.files_read, again.files_known, again.rows) == (0, 1, 0)
    assert [period.state for period in again.periods] == [State.UNCHANGED] * 2
    assert [period.snapshot for period in again.periods] == [
        period.snapshot for period in first.periods
    ]
    assert [period.totals for period in again.periods] == [
        period.totals for period in first.periods
    ]
    assert house.books.current() == before
    assert files_of(house) == files
    assert len(house.books.history("cloud", OCTOBER)) == 1


def test_two_projects_with_one_bill_have_the_same_ids_and_bytes(tmp_path: Path) -> None:
    rows = [row(str(n), ResourceId=f"r-{n % 7}", Tags=f'{{"n": "{n % 3}"}}') for n in range(200)]
    one, other = House(tmp_path / "one"), House(tmp_path / "other")
    one.take(rows)
    other.take(rows)
    assert one.snapshot().id == other.snapshot().id
    assert [u.files for u in one.snapshot().units] == [u.files for u in other.snapshot().units]


def test_a_restated_bill_replaces_the_month_and_the_old_one_stays_readable(house: House) -> None:
    house.take([row("1"), row("2", None, **IN_NOVEMBER)])
    old = house.snapshot()
    again = house.take([row("10"), row("2", None, **IN_NOVEMBER)])
    assert [period.state for period in again.periods] == [State.CHANGED, State.CHANGED]
    assert again.periods[0].change["USD", "BilledCost"] == 9
    assert house.totals().loaded["BilledCost"] == 10
    assert house.books.snapshot(old.id).units[0].totals[0].loaded["BilledCost"] == 1
    for file in old.units[0].files:
        assert house.lake.verify(file)


def test_going_back_to_the_former_bill_needs_no_reading(house: House) -> None:
    house.take([row("1")])
    first = house.snapshot().id
    house.take([row("2")])
    back = house.take([row("1")])
    assert (back.files_read, back.files_known) == (0, 1)
    assert house.snapshot().id == first


def test_only_a_changed_part_of_a_month_is_read_again(house: House) -> None:
    house.put([row("1", ResourceId="a")], "part 1.csv")
    house.put([row("2", ResourceId="b")], "part 2.csv")
    house.load()
    house.put([row("5", ResourceId="b")], "part 2.csv")
    again = house.load()
    assert (again.files_read, again.files_known) == (1, 1)
    (period,) = again.periods
    assert period.totals[0].loaded["BilledCost"] == 6
    assert period.change["USD", "EffectiveCost"] == 3


def test_a_part_that_is_gone_is_no_longer_part_of_the_month(house: House) -> None:
    house.put([row("1", ResourceId="a")], "part 1.csv")
    gone = house.put([row("2", ResourceId="b")], "part 2.csv")
    house.load()
    gone.unlink()
    house.load()
    assert house.totals().loaded["BilledCost"] == 1


def test_a_month_whose_file_is_gone_stays_loaded_with_a_note(house: House) -> None:
    old = house.put([row("1")], "october.csv")
    house.load()
    old.unlink()
    house.put([row("2", None, **IN_NOVEMBER)], "november.csv")
    loaded = house.load()
    note = found(loaded.findings, "period-without-file")
    assert note.level is Level.NOTE
    assert "2026-10" in note.message
    assert house.totals().loaded["BilledCost"] == 1
    assert house.totals(period=NOVEMBER).loaded["BilledCost"] == 2


def test_a_renamed_file_is_the_same_bill(house: House) -> None:
    path = house.put([row("1")])
    house.load()
    path.rename(path.with_name("renamed.csv"))
    assert house.load().periods[0].state is State.UNCHANGED


def test_a_moved_project_folder_goes_on_where_it_was(tmp_path: Path) -> None:
    house = House(tmp_path / "here")
    house.take([row("1")])
    house.books.close()
    shutil.move(tmp_path / "here", tmp_path / "there")
    moved = House(tmp_path / "there")
    assert moved.load().files_known == 1
    assert moved.rows("charges")[0]["BilledCost"] == 1


def test_the_same_content_twice_counts_once(house: House) -> None:
    house.put([row("1")], "a.csv")
    house.put([row("1")], "copy of a.csv")
    for _ in range(2):
        loaded = house.load()
        assert loaded.files_duplicate == 1
        told = found(loaded.findings, "duplicate-file")
        assert "bills/a.csv" in told.message
        assert str(told.place) == "bills/copy of a.csv"
        assert house.totals().loaded["BilledCost"] == 1


def test_a_restatement_beside_its_original_is_noticed(house: House) -> None:
    rows = [row("1", ResourceId=f"r-{n}") for n in range(10)]
    house.put(rows, "october.csv")
    house.load()
    house.put([*rows[:9], row("3", ResourceId="r-9")], "october restated.csv")
    told = found(house.load().findings, "overlapping-files")
    assert told.level is Level.WARNING
    assert "bills/october restated.csv and bills/october.csv" in told.message
    assert "100 %" in told.message


def test_files_that_overlap_stay_told_until_one_is_gone(house: House) -> None:
    rows = [row("1", ResourceId=f"r-{n}") for n in range(10)]
    house.put(rows, "october.csv")
    again = house.put([*rows[:9], row("3", ResourceId="r-9")], "october restated.csv")
    for _ in range(2):
        assert "overlapping-files" in codes(house.load().findings)
        assert codes(house.snapshot().findings) == {"overlapping-files"}
    again.unlink()
    assert "overlapping-files" not in codes(house.load().findings)
    assert house.snapshot().findings == ()


def test_the_same_bill_packed_and_unpacked_is_noticed(house: House) -> None:
    text = csv_text([row("1", ResourceId=f"r-{n}") for n in range(10)])
    house.put(text, "october.csv")
    house.put(gzip.compress(text.encode()), "october.csv.gz")
    assert "overlapping-files" in codes(house.load().findings)


def test_parts_of_one_bill_are_no_overlap(house: House) -> None:
    house.put([row("1", ResourceId=f"r-{n}") for n in range(10)], "part 1.csv")
    house.put([row("1", ResourceId=f"r-{n}") for n in range(7, 20)], "part 2.csv")
    assert codes(house.load().findings) == set()
    assert house.load().periods[0].totals[0].loaded_rows == 23


def test_gzip_with_an_odd_name_and_parquet_are_read(house: House) -> None:
    house.put(gzip.compress(csv_text([row("3")]).encode()), "export.csv")
    assert house.load().periods[0].totals[0].loaded["BilledCost"] == 3


def test_files_that_the_lake_has_lost_are_made_again(house: House) -> None:
    house.take([row("1")])
    lost = house.lake.path(house.snapshot().units[0].files[0])
    lost.unlink()
    assert house.load().files_read == 1
    assert lost.exists()


def test_another_visible_column_folds_the_file_anew(house: House) -> None:
    text = csv_text([row("1"), row("2")]).replace("Tags\n", "Tags,x_Team\n")
    lines = [line + (f",t{n}" if n else "") for n, line in enumerate(text.splitlines())]
    house.take("\n".join(lines))
    assert len(house.rows("keys")) == 1
    assert house.load("x_Team").files_read == 1
    assert sorted(str(key["x_Team"]) for key in house.rows("keys")) == ["t1", "t2"]
    assert house.snapshot().units[0].columns == ("x_Team",)
    house.load()
    assert len(house.rows("keys")) == 1


def test_a_visible_column_that_the_file_lacks_is_null_in_its_keys(house: House) -> None:
    house.put([row("1")])
    house.load("x_Team", "ServiceName")
    (key,) = house.rows("keys")
    assert key["x_Team"] is None
    assert house.snapshot().units[0].columns == ("x_Team",)
    plain = key["KeyId"]
    house.load()
    assert house.rows("keys")[0]["KeyId"] == plain


def test_an_unknown_source_is_named(house: House) -> None:
    with pytest.raises(UsageError, match="no source is called 'aws'"):
        load(house.project, house.books, house.lake, sources=["aws"])


def test_sources_are_loaded_one_by_one_and_may_be_chosen(house: House) -> None:
    house.put([row("1")])
    spec = house.project.sources["cloud"]
    both = replace(house.project, sources={"cloud": spec, "other": replace(spec, name="other")})
    one = load(both, house.books, house.lake, sources=["other"])
    assert [each.source for each in one] == ["other"]
    every = load(both, house.books, house.lake)
    assert [each.periods[0].state for each in every] == [State.NEW, State.UNCHANGED]


def test_progress_is_told(house: House) -> None:
    house.put([row("1")])
    told: list[Progress] = []
    load(house.project, house.books, house.lake, progress=told.append)
    assert [str(one) for one in told][:1] == ["cloud: looking at bills/bill.csv (1 of 1) 0 %"]


def test_ids_are_made_of_content() -> None:
    assert unit_id("c", "s", OCTOBER) != unit_id("c", "s", NOVEMBER)
    assert snapshot_id("a", OCTOBER, ["x", "y"]) == snapshot_id("a", OCTOBER, ["y", "x"])
    assert snapshot_id("a", OCTOBER, ["x"]) != snapshot_id("b", OCTOBER, ["x"])


def test_the_projects_currency_is_part_of_a_config_only_where_it_stands_in(house: House) -> None:
    spec = house.project.sources["cloud"]
    assert config_digest(spec, (), "USD") == config_digest(spec, (), "EUR")
    without = replace(spec, without=("BillingCurrency",))
    assert config_digest(without, (), "USD") != config_digest(without, (), "EUR")
