"""What each line item type costs, and that the native column's sum is the bill."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from apportion.domain.money import AmountFault, parse_amount
from apportion.sources.aws.line_items import LINE_ITEMS
from curs import Row, athena, cur2_csv, cur2_parquet, legacy, line, summed
from loads import House, codes, found

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "aws" / "cur_legacy_202610.csv"

BASES = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")

RESERVED = {"reservation": "arn:r", "reserved": "0.6", "on_demand": "1"}
PLANNED = {"plan": "arn:p", "planned": "0.7", "on_demand": "1.1"}

#: type, row, (billed, effective, list, contracted), worked by the table of the reference
CASES: list[tuple[Row, tuple[str, str, str, str]]] = [
    (line("10", on_demand="12"), ("10", "10", "12", "10")),
    (line("10"), ("10", "10", "10", "10")),
    (line("0", type="DiscountedUsage", **RESERVED), ("0", "0.6", "1", "1")),
    (line("1", type="SavingsPlanCoveredUsage", **PLANNED), ("1", "0.7", "1.1", "1")),
    (line("-1", type="SavingsPlanNegation", plan="arn:p"), ("-1", "0", "0", "0")),
    (
        line("5", type="SavingsPlanRecurringFee", plan="arn:p", committed="8", used="7.25"),
        ("5", "0.75", "0", "0"),
    ),
    (line("500", type="SavingsPlanUpfrontFee", plan="arn:p"), ("500", "0", "0", "0")),
    (
        line("20", type="RIFee", reservation="arn:r", unused_upfront="1.5", unused_recurring="2"),
        ("20", "3.5", "0", "0"),
    ),
    (line("900", type="Fee", reservation="arn:r"), ("900", "0", "0", "0")),
    (line("100", type="Fee", code="AWSSupportEnterprise"), ("100", "100", "100", "100")),
    (line("19", type="Tax"), ("19", "19", "19", "19")),
    (line("-7", type="Credit"), ("-7", "-7", "-7", "-7")),
    (line("-3", type="Refund"), ("-3", "-3", "-3", "-3")),
    (line("-2", type="EdpDiscount"), ("-2", "-2", "0", "-2")),
    (line("-2", type="BundledDiscount"), ("-2", "-2", "0", "-2")),
    (line("4", type="SomethingNew"), ("4", "4", "4", "4")),
]

SPELLINGS: dict[str, Callable[[Iterable[Row]], Any]] = {
    "legacy CSV": legacy,
    "Athena Parquet": athena,
    "CUR 2.0 CSV": cur2_csv,
    "CUR 2.0 Parquet": cur2_parquet,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_four_costs_of_each_type(house: House, spelling: str) -> None:
    house.take(SPELLINGS[spelling]([row for row, _ in CASES]))
    assert not house.quarantined()
    found = [tuple(charge[basis] for basis in BASES) for charge in house.rows("charges")]
    assert found == [tuple(map(Decimal, costs)) for _, costs in CASES]


def test_every_type_of_the_table_is_tried() -> None:
    tried = {row["lineItem/LineItemType"] for row, _ in CASES}
    untried = {item.type for item in LINE_ITEMS} - tried
    assert all(name.endswith("Discount") for name in untried)


def test_a_type_that_nobody_knows_counts_as_billed_and_is_told(house: House) -> None:
    loaded = house.take(legacy([line("1"), line("4", type="SomethingNew")]))
    assert codes(loaded.findings) >= {"value-not-known"}
    assert house.totals().loaded["EffectiveCost"] == 5


def test_a_cost_that_the_formula_needs_and_the_file_lacks_is_not_guessed(house: House) -> None:
    house.take(legacy([line("1"), line("2", type="SavingsPlanCoveredUsage")]))
    (aside,) = house.quarantined()
    assert (aside.line, aside.reason) == (3, "EffectiveCost is empty")


def test_an_amount_that_cant_be_read_is_not_hidden_by_a_formula(house: House) -> None:
    fee = line("5", type="SavingsPlanRecurringFee", committed="8", used="seven")
    house.take(legacy([line("1"), fee]))
    (aside,) = house.quarantined()
    assert aside.line == 3


# Private discounts


def test_discounts_in_rows(house: House) -> None:
    """100 of usage, 10 % off: the discount is a row of its own."""
    house.take(legacy([line("100"), line("-10", type="EdpDiscount", resource="")]))
    assert house.totals().loaded["BilledCost"] == house.totals().loaded["EffectiveCost"] == 90


@pytest.mark.parametrize("own", ["0", ""])
def test_discounts_in_net_columns_are_not_taken_off_twice(house: House, own: str) -> None:
    """The usage is 90 net of the discount, so the row of the discount counts nothing."""
    rows = [line("100", net="90"), line("-10", type="EdpDiscount", net=own)]
    house.take(legacy(rows))
    totals = house.totals()
    assert totals.loaded["BilledCost"] == totals.loaded["EffectiveCost"] == 90
    assert totals.loaded["ListCost"] == 100


def test_net_columns_of_commitments(house: House) -> None:
    net = {
        "savingsPlan/NetSavingsPlanEffectiveCost": "0.63",
        "savingsPlan/RecurringCommitmentForBillingPeriod": "8",
        "savingsPlan/NetRecurringCommitmentForBillingPeriod": "7.2",
        "reservation/NetEffectiveCost": "0.54",
        "reservation/NetUnusedRecurringFee": "1.8",
    }
    rows = [
        line("1", net="0.9", type="SavingsPlanCoveredUsage", **PLANNED),
        line("5", net="4.5", type="SavingsPlanRecurringFee", committed="8", used="7.25"),
        line("0", net="0", type="DiscountedUsage", **RESERVED),
        line("2", net="1.8", type="RIFee", unused_upfront="0", unused_recurring="2"),
    ]
    house.take(legacy([row | net for row in rows]))
    found = [charge["EffectiveCost"] for charge in house.rows("charges")]
    assert found == [Decimal("0.63"), Decimal("0.675"), Decimal("0.54"), Decimal("1.8")]


FEE_AFTER_DISCOUNT = {
    "type": "SavingsPlanRecurringFee",
    "plan": "arn:p",
    "committed": "8",
    "used": "7.25",
}


def test_without_net_commitments_the_fee_itself_tells_the_discount(house: House) -> None:
    """The fee costs 4.50 for 5.00, so of 0.75 that nobody used 0.675 is left."""
    loaded = house.take(legacy([line("5", net="4.5", **FEE_AFTER_DISCOUNT)]))
    assert house.totals().loaded["EffectiveCost"] == Decimal("0.675")
    assert "unused-before-discounts" not in codes(loaded.findings)


def test_a_ratio_without_end_is_cut_after_nine_places(house: House) -> None:
    """The fee costs 5.00 for 7.00, and 0.75 × 5 ÷ 7 = 0.5357142857…"""
    house.take(legacy([line("7", net="5", **FEE_AFTER_DISCOUNT)]))
    assert house.totals().loaded["EffectiveCost"] == Decimal("0.535714285")


def test_an_unused_part_whose_discount_nothing_tells_is_told_with_its_amount(house: House) -> None:
    """A plan that is paid upfront has a fee of nothing, which is nothing net as well."""
    rows = [line("100", net="90"), line("0", net="0", **FEE_AFTER_DISCOUNT)]
    told = found(house.take(legacy(rows)).findings, "unused-before-discounts")
    assert "in 1 rows, 0.75 USD" in told.message
    assert house.totals().loaded["EffectiveCost"] == Decimal("90.75")


def test_without_any_net_column_nothing_is_told(house: House) -> None:
    loaded = house.take(legacy([line("100"), line("0", **FEE_AFTER_DISCOUNT)]))
    assert "unused-before-discounts" not in codes(loaded.findings)


def test_a_discount_in_net_usage_and_in_a_net_row_is_told(house: House) -> None:
    rows = [line("100", net="90"), line("-10", type="EdpDiscount", net="-10")]
    told = found(house.take(legacy(rows)).findings, "discount-twice")
    assert "1 rows of private discounts cost -10 USD net" in told.message
    assert house.totals().loaded["BilledCost"] == 80


@pytest.mark.parametrize(
    "rows",
    [
        [line("100", net="100"), line("-10", type="EdpDiscount", net="-10")],
        [line("100", net="90"), line("-10", type="EdpDiscount", net="0")],
        [line("100"), line("-10", type="EdpDiscount")],
    ],
    ids=["in rows alone", "in net alone", "no net columns"],
)
def test_a_discount_that_stands_once_is_not_told(house: House, rows: list[Row]) -> None:
    loaded = house.take(legacy(rows))
    assert "discount-twice" not in codes(loaded.findings)
    assert house.totals().loaded["BilledCost"] == 90


# The whole bill


def test_the_sample_sums_to_what_plain_python_sums(house: House) -> None:
    if not SAMPLE.exists():
        pytest.skip(f"the sample of AWS isn't there: {SAMPLE}")
    with SAMPLE.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    house.take(SAMPLE.read_bytes())
    totals = house.totals()
    aside = [row.row["lineItem/UnblendedCost"] or "" for row in house.quarantined()]
    held = [row for row in rows if _is_held(row["lineItem/UnblendedCost"])]
    assert len(rows) - len(held) == len(aside) == 9  # of 19 and more places, which none can hold
    assert totals.loaded["BilledCost"] == summed(held)
    assert totals.loaded["BilledCost"] + sum(map(Decimal, aside)) == summed(rows)
    covered = [row for row in held if row["lineItem/LineItemType"] == "SavingsPlanCoveredUsage"]
    amortised = summed(held) - summed(covered)
    amortised += summed(covered, "savingsPlan/SavingsPlanEffectiveCost")
    assert totals.loaded["EffectiveCost"] == amortised


def _is_held(text: str) -> bool:
    try:
        parse_amount(text)
    except AmountFault:
        return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_generated_bills_sum_to_the_native_column_in_every_spelling(
    house: House, seed: int
) -> None:
    chance = Random(seed)
    rows = [_any_row(chance) for _ in range(200)]
    for spelling in (legacy, cur2_csv):
        house.take(spelling(rows))
        totals = house.totals()
        assert totals.loaded["BilledCost"] == totals.read["BilledCost"] == summed(rows)
        assert totals.loaded["EffectiveCost"] == sum(map(_amortised, rows))


def _any_row(chance: Random) -> Row:
    row, _ = chance.choice(CASES[:-1])

    def amount() -> str:
        return str(Decimal(chance.randrange(10**12)).scaleb(-chance.randrange(4, 13)))

    columns = ("planned", "reserved", "committed", "used", "unused_upfront", "unused_recurring")
    money = line(amount(), **{name: amount() for name in columns})
    kept = {name: row[name] for name in row if "Cost" not in name and "Commitment" not in name}
    return money | {name: value for name, value in kept.items() if "Unused" not in name}


def _amortised(row: Row) -> Decimal:
    """The formula of the CUR query library, in plain Python."""
    kind = row["lineItem/LineItemType"]
    if kind == "Fee" and row.get("reservation/ReservationARN"):
        return Decimal(0)
    signs = {
        "SavingsPlanCoveredUsage": {"savingsPlan/SavingsPlanEffectiveCost": 1},
        "SavingsPlanRecurringFee": {
            "savingsPlan/TotalCommitmentToDate": 1,
            "savingsPlan/UsedCommitment": -1,
        },
        "SavingsPlanNegation": {},
        "SavingsPlanUpfrontFee": {},
        "DiscountedUsage": {"reservation/EffectiveCost": 1},
        "RIFee": {
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": 1,
            "reservation/UnusedRecurringFee": 1,
        },
    }
    columns = signs.get(kind, {"lineItem/UnblendedCost": 1})
    return sum((sign * Decimal(row[name]) for name, sign in columns.items()), Decimal(0))
