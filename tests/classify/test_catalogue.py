"""Every row of the tables is what it says: its own example is recognised by it, and by no other."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from apportion.classify import Classifier, catalogue_digest
from apportion.classify.machines import accelerators_of
from apportion.classify.models import canonical
from apportion.classify.tables import TABLES, rows
from apportion.classify.units import read_unit
from apportion.domain.cost_class import CLASS_COLUMNS, CostClass

CLASSIFIER = Classifier()


def example(row: dict[str, str]) -> dict[str, str | None]:
    """The charge that a pattern gives as its example."""
    category, _, state = row["example_category"].partition(" ")
    return {
        "ChargeCategory": category,
        "CommitmentDiscountStatus": "Unused" if state == "Unused" else None,
        "CommitmentDiscountType": "Savings Plan" if state == "Commitment" else None,
        "ServiceCategory": row["example_service_category"],
        "ServiceName": row["example_service"],
        "SkuMeter": row["example_meter"],
        "PricingUnit": row["example_unit"],
        "x_LineItemType": row["example_nature"],
    }


@pytest.mark.parametrize("row", rows("patterns"), ids=lambda row: row["name"])
def test_a_pattern_recognises_its_own_example(row: dict[str, str]) -> None:
    found = CLASSIFIER.classify(example(row))
    assert found["x_ClassPattern"] == row["name"]
    assert found["x_CostClass"] in set(CostClass)
    assert set(found) <= set(CLASS_COLUMNS)
    assert all(found.values())


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source(table: str) -> None:
    assert rows(table)
    for row in rows(table):
        assert row["source"], row
        assert re.fullmatch(r"20\d\d-\d\d", row.get("seen", "2026-11")), row


def test_counts_of_accelerators_say_that_no_bill_confirms_them() -> None:
    """A bill names a machine, and never how many GPUs it has."""
    confirmed = [row for row in rows("machines") if not row["source"].endswith("; unconfirmed")]
    assert confirmed == []


def test_names_of_patterns_are_their_own() -> None:
    names = [row["name"] for row in rows("patterns")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", rows("units"), ids=lambda row: row["pattern"])
def test_a_unit_reads_its_own_example(row: dict[str, str]) -> None:
    unit = read_unit(row["example"])
    assert (unit.measure, unit.size) == (row["measure"], Fraction(row["factor"]))


@pytest.mark.parametrize("row", rows("models"), ids=lambda row: row["pattern"])
def test_a_model_rule_rewrites_its_own_example(row: dict[str, str]) -> None:
    assert canonical(row["example"], row["service"]) != row["example"]


@pytest.mark.parametrize(
    ("machine", "name", "count"),
    [
        ("p5.48xlarge", "H100", "8"),
        ("g5.xlarge", "A10G", "1"),
        ("g5.24xlarge", "A10G", "4"),
        ("g6f.large", "L4", "1/8"),
        ("inf2.24xlarge", "Inferentia2", "6"),
        ("Standard_NC24ads_A100_v4", "A100 80GB", "1"),
        ("ND96isr H100 v5", "H100", "8"),
        ("NV6ads A10 v5", "A10", "1/6"),
        ("a2-highgpu-8g", "A100 40GB", "8"),
    ],
)
def test_machines_have_their_accelerators(machine: str, name: str, count: str) -> None:
    found = accelerators_of(machine)
    assert found is not None
    assert (found[0].name, found[1]) == (name, Fraction(count))


@pytest.mark.parametrize("machine", ["m5.large", "p5.micro", "g5", "Standard_D4s_v5", ""])
def test_other_machines_have_none(machine: str) -> None:
    assert accelerators_of(machine) is None


@pytest.mark.parametrize(
    ("unit", "measure", "size"),
    [
        ("1K tokens", "tokens", "1000"),
        ("1000000 Tokens", "tokens", "1000000"),
        ("1M Tokens", "tokens", "1000000"),
        ("100 Hours", "hours", "100"),
        ("1 hora", "hours", "1"),
        ("10K", "count", "10000"),
        ("1/Month", "months", "1"),
        ("1 GB/Month", "gb_months", "1"),
        ("gibibyte month", "gb_months", "1"),
        ("seconds", "hours", "1/3600"),
        ("GB-Seconds", "", "1"),
    ],
)
def test_units_of_bills(unit: str, measure: str, size: str) -> None:
    assert (read_unit(unit).measure, read_unit(unit).size) == (measure, Fraction(size))


def test_the_digest_is_that_of_the_tables() -> None:
    assert len(catalogue_digest()) == 64
