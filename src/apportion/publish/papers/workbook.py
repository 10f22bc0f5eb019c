"""A statement as a workbook: typed numbers, formulas that add up, and texts that stay texts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apportion.errors import PaperError
from apportion.publish.documents import Document
from apportion.publish.papers.evidence import Evidence

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_LETTERS = 32_767
"""Of a cell, as the format allows."""

DIGITS = 15
"""Digits that a spreadsheet's numbers hold."""

OPTIONS = {
    "in_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}


def draw_workbook(evidence: Evidence) -> bytes:
    """The workbook of a statement: what is stated, lines, shares, drivers and the proof.

    Totals are SUM formulas, and an exact share of a pool is a formula of its quantities, each
    with the value that it has. Numbers of more digits than a spreadsheet holds are texts beside
    the rounded number. The same evidence gives the same bytes.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError as missing:
        raise PaperError(
            "workbooks need xlsxwriter, which isn't installed",
            hint="pip install 'apportion[statements]'",
        ) from missing
    paper = json.loads(evidence.files["statement.json"])
    page = io.BytesIO()
    book = Workbook(page, dict(OPTIONS))
    made_at = datetime.fromisoformat(evidence.document["made_at"]).replace(tzinfo=None)
    book.set_properties(
        {
            "title": paper["title"],
            "author": paper["project"],
            "comments": f"{paper['version']['words']}. Evidence {evidence.digest}",
            "created": made_at.replace(microsecond=0),
        }
    )
    sheets = _Sheets(book)
    places = {
        part["currency"]: -int(Decimal(part["total"]).as_tuple().exponent)
        for part in paper["parts"]
    }
    _statement(sheets, paper, evidence.digest, places)
    _lines(sheets, _rows(evidence.files["lines.csv"]), places)
    _shares(sheets, _rows(evidence.files["shares.csv"]))
    _drivers(sheets, _rows(evidence.files["drivers.csv"]))
    _proof(sheets, json.loads(evidence.files["proof.json"]))
    book.close()
    return page.getvalue()


class _Sheets:
    """A workbook and its formats, made once each."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.bold = book.add_format({"bold": True})
        self.wide = book.add_format({"text_wrap": True, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.percent = book.add_format({"num_format": "0.0000%"})
        self.number = book.add_format({"num_format": "#,##0.######"})
        self._money: dict[tuple[int, str, bool], Any] = {}

    def money(self, places: int, currency: str, *, bold: bool = False) -> Any:
        """The format of amounts in a currency, by its places."""
        key = places, currency, bold
        if key not in self._money:
            zeros = f".{'0' * places}" if places else ""
            shape = f'#,##0{zeros} "{currency}";[Red]-#,##0{zeros} "{currency}"'
            self._money[key] = self.book.add_format({"num_format": shape, "bold": bold})
        return self._money[key]

    def add(self, name: str, heads: Sequence[tuple[str, int]], at: int = 0) -> Worksheet:
        """A sheet with headings that stay in sight, and the widths of its columns."""
        sheet = self.book.add_worksheet(name)
        for column, (head, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            text(sheet, at, column, head, self.head)
        sheet.freeze_panes(at + 1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(at)
        return sheet


def text(sheet: Worksheet, row: int, column: int, value: str, form: Any = None) -> None:
    """A text as a text, whatever it begins with; nothing in it is run or linked."""
    kept = "".join(one if one in "\n\t" or ord(one) >= 32 else "\ufffd" for one in value)
    sheet.write_string(row, column, kept[:MOST_LETTERS], form)


def number(sheet: Worksheet, row: int, column: int, value: Decimal, form: Any) -> None:
    """A number as a number; one of more digits than a spreadsheet holds as a text."""
    if len(value.normalize().as_tuple().digits) > DIGITS:
        text(sheet, row, column, f"{value:f}", form)
    else:
        sheet.write_number(row, column, value, form)


def total(sheet: Worksheet, row: int, column: int, first: int, value: Decimal, form: Any) -> None:
    """The sum of the rows above, from `first` on, as a formula with the value that it has."""
    from xlsxwriter.utility import xl_range

    if first < row:
        sheet.write_formula(
            row, column, f"=SUM({xl_range(first, column, row - 1, column)})", form, float(value)
        )
    else:
        sheet.write_number(row, column, 0, form)


def _statement(sheets: _Sheets, paper: Document, digest: str, places: Mapping[str, int]) -> None:
    sheet = sheets.add("Statement", [("what", 46), ("amount", 22), ("why", 100)], at=4)
    text(sheet, 0, 0, paper["title"], sheets.title)
    text(sheet, 1, 0, f"{paper['version']['words']}. {paper['version']['state_words']}")
    text(sheet, 2, 0, f"{paper['project']}, {paper['team']['name']}: {paper['basis_words']}")
    row = 5
    for part in paper["parts"]:
        money = sheets.money(places[part["currency"]], part["currency"])
        bold = sheets.money(places[part["currency"]], part["currency"], bold=True)
        row = _carried(sheets, sheet, row, part, (money, bold))
        for figure in part["figures"]:
            if figure["name"] in {"Budget", "Against budget", "Month before", "Change"}:
                text(sheet, row, 0, figure["name"])
                number(sheet, row, 1, Decimal(figure["amount"]), money)
                row += 1
        first = row + 1
        if part["change"]["causes"]:
            text(sheet, row, 0, "Change by cause", sheets.bold)
            row = first
            for one in part["change"]["causes"]:
                text(sheet, row, 0, one["cause"])
                number(sheet, row, 1, Decimal(one["amount"]), money)
                text(sheet, row, 2, one["words"], sheets.wide)
                row += 1
            text(sheet, row, 0, "Change, together", sheets.bold)
            changed = sum((Decimal(one["amount"]) for one in part["change"]["causes"]), Decimal(0))
            total(sheet, row, 1, first, changed, bold)
            row += 1
        for tip in part["tips"]:
            text(sheet, row, 0, "What you can do")
            text(sheet, row, 2, f"{tip['what']}. {tip['words']}", sheets.wide)
            row += 1
        row += 1
    for one in paper["beside"]:
        text(sheet, row, 0, f"{one['what']} (no part of the total)")
        digits = -int(Decimal(one["amount"]).as_tuple().exponent)
        number(sheet, row, 1, Decimal(one["amount"]), sheets.money(digits, one["currency"]))
        text(sheet, row, 2, one["words"], sheets.wide)
        row += 1
    told = [("How to read it", one) for one in paper["how_to_read"]]
    told += [("What you can do about it", one) for one in paper["what_to_do"]]
    told += [("Must be known", one) for one in paper["notices"]]
    version = paper["version"]
    told += [(name, version[name]) for name in ("run", "model", "audit_head")]
    told += [("evidence", digest)]
    for name, words in told:
        text(sheet, row, 0, name)
        text(sheet, row, 2, words, sheets.wide)
        row += 1


def _carried(
    sheets: _Sheets, sheet: Worksheet, row: int, part: Document, forms: tuple[Any, Any]
) -> int:
    """Direct lines, shared lines, and the total of both."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    money, bold = forms
    sums: list[str] = []
    for kind, words in (("direct", "Direct, together"), ("shared", "Shared, together")):
        first = row
        for line in part[kind]:
            text(sheet, row, 0, line["title"])
            number(sheet, row, 1, Decimal(line["amount"]), money)
            reasons = [*line["why"], *line.get("rule", ())]
            text(sheet, row, 2, "\n".join(reasons), sheets.wide)
            row += 1
        text(sheet, row, 0, words, sheets.bold)
        together = sum((Decimal(line["amount"]) for line in part[kind]), Decimal(0))
        total(sheet, row, 1, first, together, bold)
        sums.append(xl_rowcol_to_cell(row, 1))
        row += 1
    text(sheet, row, 0, f"Total in {part['currency']}", sheets.bold)
    sheet.write_formula(row, 1, f"={'+'.join(sums)}", bold, float(part["total"]))
    return row + 1


def _lines(sheets: _Sheets, rows: Sequence[Mapping[str, str]], places: Mapping[str, int]) -> None:
    heads = [("line", 16), ("kind", 12), ("pool", 28), ("service", 36), ("mode", 12)]
    heads += [("currency", 10), ("amount", 20), ("exact", 28), ("share", 14), ("share, exact", 24)]
    sheet = sheets.add("Lines", heads)
    for at, row in enumerate(rows, 1):
        for column, name in enumerate(("id", "kind", "pool", "service", "mode", "currency")):
            text(sheet, at, column, row[name])
        money = sheets.money(places[row["currency"]], row["currency"])
        number(sheet, at, 6, Decimal(row["amount"]), money)
        text(sheet, at, 7, row["exact"])
        _fraction(sheets, sheet, at, 8, row["share"])
        text(sheet, at, 9, row["share"])
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    at = len(rows) + 2
    for code, digits in places.items():
        own = [Decimal(row["amount"]) for row in rows if row["currency"] == code]
        text(sheet, at, 5, f"total {code}", sheets.bold)
        sheet.write_formula(
            at,
            6,
            f'=SUMIF(F2:F{len(rows) + 1},"{code}",G2:G{len(rows) + 1})',
            sheets.money(digits, code, bold=True),
            float(sum(own, Decimal(0))),
        )
        at += 1


def _fraction(sheets: _Sheets, sheet: Worksheet, row: int, column: int, value: str) -> None:
    """An exact fraction as a percentage; a rational is a formula of its two whole numbers."""
    if not value:
        return
    above, _, below = value.partition("/")
    if not below:
        sheet.write_number(row, column, float(above), sheets.percent)
    elif max(len(above), len(below)) <= DIGITS:
        share = float(int(above) / int(below))
        sheet.write_formula(row, column, f"={above}/{below}", sheets.percent, share)
    else:
        sheet.write_number(row, column, int(above) / int(below), sheets.percent)


def _shares(sheets: _Sheets, rows: Sequence[Mapping[str, str]]) -> None:
    heads = [("pool", 28), ("currency", 10), ("receiver is a", 14), ("receiver", 28), ("kind", 12)]
    heads += [("share", 14), ("share, exact", 28), ("method", 40), ("note", 40)]
    sheet = sheets.add("Shares", heads)
    at, first = 1, 1
    for place, row in enumerate(rows):
        names = ("pool", "currency", "receiver_kind", "receiver", "kind")
        for column, name in enumerate(names):
            text(sheet, at, column, row[name])
        _fraction(sheets, sheet, at, 5, row["fraction"])
        for column, name in ((6, "fraction"), (7, "method"), (8, "note")):
            text(sheet, at, column, row[name])
        at += 1
        after = rows[place + 1] if place + 1 < len(rows) else None
        if after is None or (after["pool"], after["currency"]) != (row["pool"], row["currency"]):
            text(sheet, at, 0, row["pool"], sheets.bold)
            text(sheet, at, 3, "together", sheets.bold)
            total(sheet, at, 5, first, Decimal(1), sheets.percent)
            at += 1
            first = at


def _drivers(sheets: _Sheets, rows: Sequence[Mapping[str, str]]) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    heads = [("pool", 28), ("currency", 10), ("receiver", 28), ("kind", 12), ("driver", 32)]
    heads += [("unit", 14), ("quantity", 20), ("of all", 20), ("weight", 12), ("share", 14)]
    sheet = sheets.add("Drivers", heads)
    for at, row in enumerate(rows, 1):
        for column, name in enumerate(("pool", "currency", "receiver", "kind", "driver", "unit")):
            text(sheet, at, column, row[name])
        figures = [_float(row[name]) for name in ("quantity", "total", "weight")]
        for column, value in enumerate(figures, 6):
            form = sheets.percent if column == 8 else sheets.number
            sheet.write_number(at, column, value, form)
        cells = [xl_rowcol_to_cell(at, column) for column in (6, 7, 8)]
        share = figures[0] / figures[1] * figures[2] if figures[1] else 0.0
        formula = f"=IF({cells[1]}=0,0,{cells[0]}/{cells[1]}*{cells[2]})"
        sheet.write_formula(at, 9, formula, sheets.percent, share)


def _float(value: str) -> float:
    """A quantity as a spreadsheet's number."""
    above, _, below = value.partition("/")
    return int(above) / int(below) if below else float(above)


_AMOUNTS = (
    "control", "read", "loaded", "quarantined", "direct", "shared", "idle", "unallocated",
    "other", "left_out", "difference",
)  # fmt: skip


def _proof(sheets: _Sheets, proof: Document) -> None:
    heads = [("source", 24), ("currency", 10), ("basis", 18), ("proven to", 12), ("holds", 10)]
    heads += [(name.replace("_", " "), 20) for name in _AMOUNTS] + [("checked", 16)]
    sheet = sheets.add("Proof", heads)
    for at, one in enumerate(proof["proofs"], 1):
        for column, name in enumerate(("source", "currency", "basis", "proven_to")):
            text(sheet, at, column, one[name])
        text(sheet, at, 4, "yes" if one["ok"] and one["complete"] else "no")
        for column, name in enumerate(_AMOUNTS, 5):
            if one[name] is not None:
                number(sheet, at, column, Decimal(one[name]), sheets.number)
        parts = [Decimal(one[name]) for name in _AMOUNTS[4:10]]
        left = Decimal(one["loaded"]) - sum(parts, Decimal(0))
        row = at + 1
        sheet.write_formula(
            at, 16, f"=ROUND(H{row}-SUM(J{row}:O{row}),6)", sheets.number, float(left)
        )


def _rows(table: bytes) -> list[dict[str, str]]:
    """A table of the evidence; texts without the mark that keeps spreadsheets from running them."""
    rows = csv.DictReader(io.StringIO(table.decode(), newline=""))
    return [{name: _bare(value) for name, value in row.items()} for row in rows]


def _bare(value: str) -> str:
    from apportion.insight.edited_csv import not_a_formula

    return value[1:] if value[:1] == "'" and not_a_formula(value[1:]) == value else value
