"""What a load says of each charge key, and that it never touches keys or money."""

from __future__ import annotations

from datetime import date

from apportion.classify import catalogue_digest
from apportion.domain.cost_class import CLASS_COLUMNS, CostClass
from apportion.errors import Place
from apportion.load import SourceLoad, load
from apportion.model.classes import ClassRule
from apportion.model.dated import Validity
from bills import COLUMNS, row
from loads import House, codes, csv_text, found

WIDE = (*COLUMNS, "SkuMeter", "x_UsageType", "x_GpuModel")
ROWS = [
    row("3", ServiceName="AmazonBedrock", x_UsageType="USE1-NovaPro-input-tokens")
    | {"PricingUnit": "1K tokens", "PricingQuantity": "2500"},
    row("5", ServiceName="AmazonBedrock", x_UsageType="USE1-Brandnew-thing"),
    row("7", ServiceName="AmazonEC2", x_UsageType="BoxUsage:p5.48xlarge", x_GpuModel="mine"),
    row("1", ServiceName="AmazonEC2", ChargeCategory="Tax", ChargeDescription="VAT"),
    row("1", ServiceName=""),
]


def test_each_key_is_classed(house: House) -> None:
    house.take(csv_text(ROWS, WIDE))
    keys = {str(key["x_UsageType"]): key for key in house.rows("keys")}
    tokens = keys["USE1-NovaPro-input-tokens"]
    assert (tokens["x_CostClass"], tokens["x_AiModel"]) == ("ai_tokens", "nova-pro")
    assert (tokens["x_TokenType"], tokens["x_UnitScale"]) == ("input", "1000")
    assert keys["BoxUsage:p5.48xlarge"]["x_GpuModel"] == "H100"
    assert all(key["x_CostClass"] in set(CostClass) for key in house.rows("keys"))


def test_what_is_not_recognised_is_told_with_its_amount(house: House) -> None:
    told = found(house.take(csv_text(ROWS, WIDE)).findings, "ai-not-recognised")
    assert "5 USD" in told.message
    assert "AmazonBedrock" in told.message
    assert "ai-not-recognised" not in codes(house.take(csv_text(ROWS[:1], WIDE)).findings)


def test_quantities_are_summed_by_key(house: House) -> None:
    house.take(csv_text([ROWS[0], ROWS[0]], WIDE))
    (month,) = house.rows("monthly")
    assert month["PricingQuantity"] == 5000
    assert month["ConsumedQuantity"] is None


def own(name: str, cost_class: CostClass, valid: Validity, **more: str) -> ClassRule:
    return ClassRule(
        name, 0, Place("classes.yaml", 1), cost_class, meter=("*brandnew*",), valid=valid,
        sets=tuple(more.items()),
    )  # fmt: skip


def take(house: House, *classes: ClassRule) -> SourceLoad:
    (made,) = load(house.project, house.books, house.lake, classes=classes, actor="tester")
    return made


def test_own_patterns_come_first_and_change_no_key(house: House) -> None:
    house.put(csv_text(ROWS, WIDE))
    take(house)
    before = house.rows("keys")
    rule = own("ours", CostClass.AI_HOURS, Validity(date(2026, 10, 1)), tier="provisioned")
    again = take(house, rule)
    assert again.files_read == 1
    after = house.rows("keys")
    assert [key["KeyId"] for key in before] == [key["KeyId"] for key in after]
    changed = [key for key in after if key["x_ClassPattern"] == "ours"]
    assert [(key["x_CostClass"], key["x_AiTier"]) for key in changed] == [
        ("ai_hours", "provisioned")
    ]
    assert take(house, rule).files_known == 1


def test_own_patterns_hold_in_their_billing_periods(house: House) -> None:
    house.put(csv_text(ROWS, WIDE))
    take(house, own("later", CostClass.AI_HOURS, Validity(date(2026, 11, 1))))
    assert "later" not in {key["x_ClassPattern"] for key in house.rows("keys")}


def test_a_rule_on_a_class_folds_no_further_column(house: House) -> None:
    house.put(csv_text(ROWS, WIDE))
    house.load("x_CostClass", "x_GpuModel")
    keys = house.rows("keys")
    assert len(keys) == len(ROWS)
    assert list(keys[0])[-len(CLASS_COLUMNS) - 1 : -1] == list(CLASS_COLUMNS)
    assert catalogue_digest()
