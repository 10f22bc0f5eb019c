"""A bill that packs several charges into one row, as Google's does with costs and their credits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlglot import exp

from apportion.domain.charge import Kind
from apportion.model.project import SourceSpec
from apportion.sources import formats
from apportion.sources.amount import amount
from apportion.sources.expression import expression
from apportion.sources.focus import read_focus
from apportion.sources.formats import Format
from apportion.sources.head import Head
from apportion.sources.reading import NUMBER, PART, ReadColumn, Reading
from apportion.store.relation import column
from bills import row
from loads import House, csv_text


def read_with_credits(head: Head, spec: SourceSpec, currency: str) -> Reading:
    """FOCUS, but a column `credits` holds further amounts, joined by a plus."""
    plain = read_focus(head, spec, currency)
    number = ReadColumn(NUMBER, Kind.TEXT, expression("SELECT _n", _n=column(NUMBER)))
    columns = [
        replace(one, value=_billed(one), written="total") if one.name == "BilledCost" else one
        for one in plain.columns
    ]
    parts = expression("SELECT string_split(credits, '+')")
    return replace(plain, columns=(*columns, number), parts=parts)


def _billed(one: ReadColumn) -> exp.Expr:
    credit = amount(column(PART))
    return expression(
        "SELECT CASE WHEN x_PartNumber = 0 THEN _own ELSE _credit END",
        _own=one.value,
        _credit=credit,
    )


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    packed = {**formats.FORMATS, "focus": Format(read_with_credits)}
    monkeypatch.setattr("apportion.load.intake.FORMATS", packed)
    house = House(tmp_path)
    yield house
    house.books.close()


def test_each_part_of_a_row_is_a_charge(house: House) -> None:
    rows = [
        row("10", credits="-1+-0.25"),
        row("5", credits=""),
    ]
    house.take(csv_text(rows, [*rows[0]]))
    totals = house.totals()
    assert totals.read_rows == 4
    assert totals.loaded["BilledCost"] == Decimal("13.75")
    assert [one[NUMBER] for one in house.rows("charges")] == [0, 1, 2, 0]


def test_a_part_that_cant_be_read_is_set_aside_with_its_row(house: House) -> None:
    rows = [row("10", credits="-1"), row("5", credits="-2+oops")]
    house.take(csv_text(rows, [*rows[0]]))
    (aside,) = house.quarantined()
    assert (aside.line, aside.column, aside.row["credits"]) == (3, "total", "-2+oops")
    assert house.totals().loaded["BilledCost"] == Decimal(12)
