"""A restated bill says what it moves: by service and account, and all of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.publish.documents import load_document
from bills import row
from loads import House, csv_text


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.books.close()


def test_a_restatement_is_told_by_service_and_account(house: House) -> None:
    kept = row("5", ServiceName="Storage", ResourceId="s")
    first = house.take(csv_text([row("10"), kept, row("7", ServiceName="Old")]))
    assert first.periods[0].moved == ()
    again = house.take(csv_text([row("12.5"), row("1", SubAccountId="22"), kept]))
    (period,) = again.periods
    told = [(one.service, one.account, one.amount) for one in period.moved]
    assert told == [
        ("Old", "11", Decimal(-7)),
        ("Compute", "11", Decimal("2.5")),
        ("Compute", "22", Decimal(1)),
    ]
    assert sum(one.amount for one in period.moved) == period.change["USD", "BilledCost"]


def test_a_part_that_stays_moves_nothing(house: House) -> None:
    house.put(csv_text([row("10")]), "a.csv")
    house.put(csv_text([row("3", ServiceName="Storage")]), "b.csv")
    house.load()
    house.put(csv_text([row("4", ServiceName="Storage")]), "b.csv")
    (period,) = house.load().periods
    assert [(one.service, one.amount) for one in period.moved] == [("Storage", Decimal(1))]
    assert house.load().periods[0].moved == ()


def test_a_large_movement_keeps_its_last_digit_in_the_document(house: House) -> None:
    house.take(csv_text([row("1")]))
    moved = load_document(house.take(csv_text([row("123456789012.123456789012345678")])))
    assert moved["periods"][0]["moved"][0]["amount"] == "123456789011.123456789012345678"
