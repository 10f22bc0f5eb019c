"""The workbook holds typed numbers and formulas that come to what the statement says."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from apportion.publish.papers.workbook import draw_workbook
from paper_projects import Papers

Sheets = dict[str, list[list[Any]]]


@pytest.fixture(scope="module")
def content(papers: Papers) -> bytes:
    return draw_workbook(papers.evidence("nlp"))


@pytest.fixture(scope="module")
def sheets(content: bytes) -> Sheets:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_its_sheets_and_their_headings(sheets: Sheets) -> None:
    assert list(sheets) == ["Statement", "Lines", "Shares", "Drivers", "Proof"]
    assert sheets["Lines"][0][:7] == [
        "line", "kind", "pool", "service", "mode", "currency", "amount",
    ]  # fmt: skip


def test_amounts_are_numbers_also_below_zero(sheets: Sheets) -> None:
    rows = {str(row[3] or row[2]): row[6] for row in sheets["Lines"][1:] if row[0]}
    assert rows == {"Compute": 60.0, "Promotion": -5.0, "platform": 30.0}


def test_totals_are_sums_of_the_lines(content: bytes, sheets: Sheets) -> None:
    shown = {row[0]: row[1] for row in sheets["Statement"]}
    assert shown["Direct, together"] == 55.0
    assert shown["Shared, together"] == 30.0
    assert shown["Total in USD"] == 85.0
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    formulas = dict(re.findall(r'<c r="(B\d+)"[^>]*><f>([^<]+)</f>', sheet))
    assert "SUM(B6:B7)" in formulas.values()
    assert "B8+B10" in formulas.values()


def test_each_formula_comes_to_the_value_beside_it(content: bytes) -> None:
    """Sums are added up anew from the cells that they name."""
    book = zipfile.ZipFile(io.BytesIO(content))
    checked = 0
    for name in book.namelist():
        if "worksheets/sheet" not in name:
            continue
        cells = re.findall(
            r'<c r="([A-Z]+)(\d+)"[^>]*>(?:<f>([^<]*)</f>)?<v>([^<]*)</v>', book.read(name).decode()
        )
        values = {(column, int(line)): value for column, line, _, value in cells}
        for _, _, formula, value in cells:
            if found := re.fullmatch(r"SUM\(([A-Z]+)(\d+):\1(\d+)\)", formula):
                column, first, last = found[1], int(found[2]), int(found[3])
                parts = [Decimal(values[column, line]) for line in range(first, last + 1)]
                assert abs(sum(parts) - Decimal(value)) < Decimal("1e-9")
                checked += 1
    assert checked == 3


def test_a_share_is_its_quantity_of_all(sheets: Sheets) -> None:
    (mine,) = (row for row in sheets["Drivers"][1:] if row[2] == "nlp")
    assert mine[6:10] == [93.0, 124.0, 1.0, 0.75]
    shares = [row for row in sheets["Shares"][1:] if row[3] == "together"]
    assert [row[5] for row in shares] == [1.0]


def test_the_same_evidence_gives_the_same_bytes(papers: Papers, content: bytes) -> None:
    assert draw_workbook(papers.evidence("nlp")) == content


def test_headings_stay_in_sight(content: bytes) -> None:
    book = zipfile.ZipFile(io.BytesIO(content))
    for number in range(1, 6):
        assert 'state="frozen"' in book.read(f"xl/worksheets/sheet{number}.xml").decode()
