"""Cost over months: each month its part, the parts the whole, billed once, monthly, or never."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.load import State
from loads import House
from tables import table_house

ASSETS = """
format: table
columns:
  BilledCost: cost
  ServiceName: what
spread: {over: life, from: bought, billed: BILLED, residual: "coalesce(left_over, 0)"}
"""
ROWS = (
    "what,cost,life,bought,left_over\n"
    "W&B,1000.00,12,2026-10-15,\n"
    "GPU,100000,36,2026-10,10000.01\n"
    "Refund,-100,3,2026-10-01,\n"
)


def house_of(tmp_path: Path, billed: str, rows: str = ROWS) -> House:
    house = table_house(tmp_path, ASSETS.replace("BILLED", billed))
    house.take(rows)
    return house


def months(house: House, basis: str, what: str) -> dict[str, list[Decimal]]:
    """The costs of a service by month, in the order of its charges."""
    found: dict[str, list[Decimal]] = {}
    for snapshot in house.books.current("cloud"):
        for row in house.rows("charges", snapshot.period):
            if row["ServiceName"] == what:
                amount = row[basis]
                assert isinstance(amount, Decimal)
                found.setdefault(str(snapshot.period), []).append(amount)
    return found


def test_effective_cost_is_even_and_sums_to_the_whole(tmp_path: Path) -> None:
    house = house_of(tmp_path, "never")
    licence = months(house, "EffectiveCost", "W&B")
    assert list(licence) == [f"2026-{m}" for m in (10, 11, 12)] + [
        f"2027-0{m}" for m in range(1, 10)
    ]
    assert [amount for (amount,) in licence.values()] == [
        Decimal(part) for part in ["83.33", "83.34", "83.33"] * 4
    ]
    gpu = [amount for (amount,) in months(house, "EffectiveCost", "GPU").values()]
    assert (len(gpu), sum(gpu)) == (36, Decimal("89999.99"))
    assert set(gpu) == {Decimal("2500.00"), Decimal("2499.99")}
    refund = months(house, "EffectiveCost", "Refund")
    assert [str(amount) for (amount,) in refund.values()] == [
        f"{part}0000000000000000" for part in ("-33.33", "-33.34", "-33.33")
    ]


def test_what_is_owned_is_never_billed(tmp_path: Path) -> None:
    house = house_of(tmp_path, "never")
    assert {a for (a,) in months(house, "BilledCost", "GPU").values()} == {Decimal(0)}


def test_billed_at_purchase_once_and_effective_by_the_month(tmp_path: Path) -> None:
    house = house_of(tmp_path, "at_purchase")
    billed, effective = (months(house, b, "W&B") for b in ("BilledCost", "EffectiveCost"))
    assert billed["2026-10"] == [1000, 0]
    assert effective["2026-10"] == [0, Decimal("83.33")]
    assert all(billed[month] == [0] for month in billed if month != "2026-10")
    october = [r for r in house.rows("charges") if r["ServiceName"] == "W&B"]
    assert [(r["ChargeCategory"], r["x_SpreadMonth"]) for r in october] == [
        ("Purchase", None),
        ("Usage", "1 of 12"),
    ]


def test_billed_by_the_month_billed_is_effective(tmp_path: Path) -> None:
    house = house_of(
        tmp_path, "monthly", "what,cost,life,bought,left_over\nW&B,100,3,2026-10-31,\n"
    )
    assert months(house, "BilledCost", "W&B") == months(house, "EffectiveCost", "W&B")
    assert [p for (p,) in months(house, "BilledCost", "W&B").values()] == [
        Decimal("33.33"),
        Decimal("33.34"),
        Decimal("33.33"),
    ]


@pytest.mark.parametrize("life", ["0", "-1", "1.5", "601", "soon", ""])
@pytest.mark.parametrize("billed", ["never", "monthly", "at_purchase"])
def test_months_that_are_none_set_the_row_aside(tmp_path: Path, life: str, billed: str) -> None:
    rows = f"what,cost,life,bought,left_over\na,100,{life},2026-10-01,\nb,1,1,2026-10-01,\n"
    house = house_of(tmp_path, billed, rows)
    (aside,) = house.quarantined()
    assert aside.line == 2
    assert house.totals("EUR").loaded["EffectiveCost"] == 1


def test_a_day_that_is_none_sets_the_row_aside(tmp_path: Path) -> None:
    rows = "what,cost,life,bought,left_over\na,100,3,soon,\nb,1,1,2026-10-01,\n"
    house = house_of(tmp_path, "never", rows)
    (aside,) = house.quarantined()
    assert (aside.column, aside.reason) == ("bought", "bought 'soon': not a time")


def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    house = house_of(tmp_path, "never")
    before = [one.id for one in house.books.current("cloud")]
    again = house.load()
    assert (again.files_read, again.files_known) == (0, 1)
    assert [one.id for one in house.books.current("cloud")] == before
    assert len(before) == 36
    assert house.snapshot(Period(2029, 9)).units


def test_a_life_that_was_shortened_takes_its_months_away(tmp_path: Path) -> None:
    rows = "what,cost,life,bought,left_over\na,100,4,2026-10-01,\n"
    house = house_of(tmp_path, "never", rows)
    loaded = house.take(rows.replace(",4,", ",2,"))
    months_of = months(house, "EffectiveCost", "a")
    assert months_of == {"2026-10": [Decimal(50)], "2026-11": [Decimal(50)]}
    change = {str(one.period): one.change["EUR", "EffectiveCost"] for one in loaded.periods}
    assert change == {"2026-10": 25, "2026-11": 25, "2026-12": -25, "2027-01": -25}
    assert not loaded.findings
    again = house.load()
    assert [str(one.period) for one in again.periods if one.state is not State.UNCHANGED] == []
