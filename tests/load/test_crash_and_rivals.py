"""A load that is killed leaves nothing to be seen; of two loads of one month one wins."""

from __future__ import annotations

import signal

import pytest

from apportion.domain.period import Period
from bills import row
from loads import OCTOBER, House, start

IN_NOVEMBER = {"BillingPeriodStart": "2026-11-01T00:00:00Z"}


@pytest.mark.parametrize("step", ["fold", "keep1", "keep7", "commit"])
def test_a_killed_load_shows_nothing_and_the_next_one_finishes(house: House, step: str) -> None:
    house.take([row("1"), row("2", None, **IN_NOVEMBER)])
    before = house.books.current()
    house.put([row("10"), row("20", None, **IN_NOVEMBER)])
    killed = start(house, "--die-at", step)
    assert killed.wait(60) == -signal.SIGKILL
    assert house.books.current() == before
    for snapshot in before:
        for unit in snapshot.units:
            assert all(house.lake.verify(file) for file in unit.files)
    house.load()
    assert house.totals().loaded["BilledCost"] == 10
    assert house.totals(period=Period(2026, 11)).loaded["BilledCost"] == 20


def test_of_two_loads_of_one_month_one_wins_and_the_other_says_so(house: House) -> None:
    house.put([row("1")])
    slow = start(house, "--wait")
    assert slow.stdout
    assert slow.stdout.readline() == "ready\n"
    house.take([row("2")])
    said, _ = slow.communicate("go\n", timeout=60)
    assert said.startswith("conflict: source cloud, period 2026-10: another load was first")
    assert "do: " in said
    assert house.totals().loaded["BilledCost"] == 2
    assert len(house.books.history("cloud", OCTOBER)) == 1


def test_two_loads_of_the_same_bill_at_once_are_no_conflict(house: House) -> None:
    house.put([row("1")])
    slow = start(house, "--wait")
    assert slow.stdout
    assert slow.stdout.readline() == "ready\n"
    house.load()
    said, _ = slow.communicate("go\n", timeout=60)
    assert said == "loaded\n"
    assert house.totals().loaded["BilledCost"] == 1


def test_the_staging_folder_is_empty_after_a_load(house: House) -> None:
    house.take([row("1")])
    assert list((house.project.lake / ".staging").iterdir()) == []
