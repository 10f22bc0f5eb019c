"""Needed columns that an export is known not to have, and what stands in for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.errors import SourceError
from bills import COLUMNS, row
from loads import House, csv_text


def take_without(tmp_path: Path, *columns: str) -> House:
    house = House(tmp_path, without=columns)
    left = [name for name in COLUMNS if name not in columns]
    house.take(csv_text([{name: row("5")[name] for name in left if name in row("5")}], left))
    return house


def test_without_billed_cost_that_basis_is_not_carried(tmp_path: Path) -> None:
    house = take_without(tmp_path, "BilledCost")
    assert "BilledCost" not in house.totals().read
    assert house.totals().loaded["EffectiveCost"] == 5
    assert house.snapshot().units[0].bases == ("EffectiveCost", "ListCost", "ContractedCost")
    assert house.rows("charges")[0]["BilledCost"] is None
    assert house.rows("monthly")[0]["BilledCost"] == 0


def test_without_a_billing_period_the_month_of_the_charge_counts(tmp_path: Path) -> None:
    house = take_without(tmp_path, "BillingPeriodStart")
    assert str(house.rows("charges")[0]["BillingPeriodStart"]) == "2026-10-01 00:00:00"


def test_without_a_charge_period_the_billing_period_dates_the_charge(tmp_path: Path) -> None:
    house = take_without(tmp_path, "ChargePeriodStart")
    assert str(house.rows("daily")[0]["ChargeDate"]) == "2026-10-01"


def test_without_a_currency_it_is_the_projects(tmp_path: Path) -> None:
    house = take_without(tmp_path, "BillingCurrency")
    assert house.totals("USD").loaded["BilledCost"] == 5
    assert house.rows("keys")[0]["BillingCurrency"] == "USD"


@pytest.mark.parametrize(
    "columns", [("BilledCost", "EffectiveCost"), ("BillingPeriodStart", "ChargePeriodStart")]
)
def test_of_each_pair_one_must_be_there(tmp_path: Path, columns: tuple[str, str]) -> None:
    with pytest.raises(SourceError, match="needed columns are missing") as caught:
        take_without(tmp_path, *columns)
    assert "must be there at least" in caught.value.hint


def test_a_column_that_is_there_after_all_is_read(tmp_path: Path) -> None:
    house = House(tmp_path, without=("BilledCost", "BillingCurrency"))
    house.take([row("5", BillingCurrency="EUR")])
    assert house.totals("EUR").loaded["BilledCost"] == 5
