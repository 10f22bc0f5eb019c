"""A CSV whose fields are separated by semicolons, as some languages' exports are."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from bills import COLUMNS, Row, row
from loads import House


def with_semicolons(rows: list[Row]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def test_semicolons_separate_where_the_header_has_no_comma(house: House) -> None:
    house.take(with_semicolons([row("1.5", ResourceName='a; "b", c'), row("2")]))
    assert house.totals().loaded["BilledCost"] == Decimal("3.5")
    assert [one["ResourceName"] for one in house.rows("charges")] == ['a; "b", c', "machine-1"]


def test_a_comma_in_an_amount_is_set_aside_and_never_guessed(house: House) -> None:
    house.take(with_semicolons([row("1,500"), row("2")]))
    (aside,) = house.quarantined()
    assert (aside.line, aside.row["BilledCost"]) == (2, "1,500")
    assert house.totals().loaded["BilledCost"] == Decimal(2)


def test_broken_rows_are_sifted_by_semicolons_too(house: House) -> None:
    lines = with_semicolons([row("1"), row("x"), row("4")]).splitlines(keepends=True)
    house.take("".join([*lines[:2], "only;three;fields\n", *lines[2:]]))
    assert house.totals().loaded["BilledCost"] == Decimal(5)
    assert [aside.line for aside in house.quarantined()] == [3, 4]
    assert house.quarantined()[1].row["BilledCost"] == "x"
