"""Units of measure by rule, held against the open list of them where it is there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from apportion.sources.azure.units import Unit, parse_unit, read_block, read_part, read_unit

OPEN_LIST = Path(__file__).parents[4] / "shared" / "data" / "open-data" / "PricingUnits.csv"

OTHERWISE = {
    "1 Million": Unit(1_000_000, "Units"),  # the list counts millions
    "1 Rotation": Unit(1, "Rotations"),  # the list has it in the singular, unlike 10 Rotations
    "10000s": None,  # ten thousand of what, or tens of thousands? The list says: 1 transaction
    "MB/month": Unit(1, "MB/Month"),  # the list writes this one month small
}
"""Where the rules come to something else than the open list, and why."""


def test_the_rules_come_to_what_the_open_list_says() -> None:
    if not OPEN_LIST.exists():
        pytest.skip(f"the open list of units isn't there: {OPEN_LIST}")
    with OPEN_LIST.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 383
    listed = {
        row["UnitOfMeasure"]: Unit(int(row["PricingBlockSize"]), row["DistinctUnits"])
        for row in rows
    }
    differing = {
        text: parse_unit(text) for text, unit in listed.items() if parse_unit(text) != unit
    }
    assert differing == OTHERWISE


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1K", Unit(1000, "Units")),
        ("1M", Unit(1_000_000, "Units")),
        ("1K Tokens", Unit(1000, "Tokens")),
        ("100 Hours", Unit(100, "Hours")),
        ("10K", Unit(10_000, "Units")),
        ("1/Month", Unit(1, "Units/Month")),
        ("1 hora", Unit(1, "Hours")),
        (" 1  GB ", Unit(1, "GB")),
    ],
)
def test_units(text: str, unit: Unit) -> None:
    assert parse_unit(text) == unit


@pytest.mark.parametrize(
    "text", ["", " ", "plenty", "1/", "1 GB/", "1 GB/foo", "-1 GB", "K", "/Month"]
)
def test_what_follows_no_rule_is_none(text: str) -> None:
    assert parse_unit(text) is None


def test_readers_answer_for_each_text() -> None:
    import pyarrow as pa

    texts = pa.array(["10K", "31 Connections", "plenty", None, "10K"])
    assert read_block(texts).to_pylist() == ["10000", "31", None, None, "10000"]
    assert read_part(texts).to_pylist() == ["0.0001", None, None, None, "0.0001"]
    assert read_unit(texts).to_pylist() == ["Units", "Connections", None, None, "Units"]
