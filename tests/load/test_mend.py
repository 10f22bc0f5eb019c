"""Files of the lake that are lost or damaged: said by name, and mended by the next load."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from apportion.domain.snapshot import ROLES, LakeFile
from apportion.errors import LakeError
from bills import row
from loads import House, codes, found, start


def file_of(house: House, role: str) -> LakeFile:
    (unit,) = house.snapshot().units
    (file,) = (one for one in unit.files if one.role == role)
    return file


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path) -> None:
    path.unlink()


def tamper(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("harm", [empty, delete, tamper])
def test_a_load_mends_what_is_lost_or_damaged(house: House, role: str, harm: object) -> None:
    house.take([row("1", {"team": "nlp"})])
    file = file_of(house, role)
    harm(house.lake.path(file))  # type: ignore[operator]
    with pytest.raises(LakeError) as fault:
        house.lake.checked(file)
    assert file.path in str(fault.value)
    assert "apportion load" in fault.value.hint
    loaded = house.load()
    assert (loaded.files_read, loaded.files_known) == (1, 0)
    assert file.sha256 in str(found(loaded.findings, "lake-mended").place)
    (unit,) = house.snapshot().units
    assert all(house.lake.verify(one) for one in unit.files)
    again = house.load()
    assert (again.files_read, again.files_known) == (0, 1)
    assert not codes(again.findings) & {"lake-mended", "lake-damaged"}


def test_files_that_are_written_otherwise_take_the_place_of_the_damaged_ones(house: House) -> None:
    """A newer engine may write the same rows in other bytes, under another name."""
    house.take([row("1")])
    (unit,) = house.snapshot().units
    stand_in = LakeFile("daily", "daily/00/00.parquet", "00", 1)
    others = tuple(stand_in if one.role == "daily" else one for one in unit.files)
    house.books.mend_units([type(unit)(**{**vars(unit), "files": others})])
    assert file_of(house, "daily") == stand_in
    house.load()
    (mended,) = house.snapshot().units
    assert mended == unit


def test_damage_of_a_month_whose_bill_is_gone_is_an_error_that_names_the_bill(house: House) -> None:
    house.take([row("1")])
    delete(house.lake.path(file_of(house, "keys")))
    (house.bills / "bill.csv").unlink()
    november = {
        "BillingPeriodStart": "2026-11-01T00:00:00Z",
        "ChargePeriodStart": "2026-11-02T00:00:00Z",
    }
    house.put([row("1", None, **november)], "november.csv")
    told = found(house.load().findings, "lake-damaged")
    assert "bills/bill.csv" in told.message
    assert "put bills/bill.csv back" in told.hint


def test_the_next_load_sweeps_what_a_killed_one_left_and_spares_one_that_runs(house: House) -> None:
    staging = house.project.lake / ".staging"
    house.put([row("1")])
    assert start(house, "--die-at", "keep1").wait(60) == -signal.SIGKILL
    assert [path for path in staging.iterdir() if path.is_dir()]
    slow = start(house, "--wait")
    assert slow.stdout
    assert slow.stdout.readline() == "ready\n"
    (running,) = [path for path in staging.iterdir() if path.is_dir()]
    house.load()
    assert running.exists()
    said, _ = slow.communicate("go\n", timeout=60)
    assert said == "loaded\n"
    assert list(staging.iterdir()) == []
