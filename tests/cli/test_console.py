"""What people see on a narrow page: every figure whole, and each with its name."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from apportion.cli import console as page
from apportion.domain.finding import Finding, Level

HEADINGS = ("source", "billed", "effective", "list", "contracted")
ROWS = [
    ("example models of a vendor", "185,215.7256457528", "1,185,215.7256457528", "", "9.10"),
    ("aws", "12.50", "12.50", "12.50", "12.50"),
]


def printed(monkeypatch: pytest.MonkeyPatch, width: int) -> str:
    out = StringIO()
    made = Console(file=out, width=width, highlight=False)
    monkeypatch.setattr(page, "console", lambda **_: made)
    page.table("a title", HEADINGS, ROWS)
    return out.getvalue()


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120, 200])
def test_no_figure_is_cut_on_any_page(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    text = printed(monkeypatch, width)
    assert max(map(len, text.splitlines())) <= width
    for row in ROWS:
        for cell in row[1:]:
            assert cell in text


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120, 200])
def test_every_figure_has_its_names(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """In each part of a table that was parted, rows and columns are named."""
    parts = printed(monkeypatch, width).split("source")[1:]
    assert parts
    for part in parts:
        assert "example models" in part
        assert "aws" in part
    assert all(any(heading in part for part in parts) for heading in HEADINGS[1:])


def test_a_wide_page_has_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in printed(monkeypatch, 120).splitlines() if "aws" in line]
    assert len(lines) == 1
    assert lines[0].count("12.50") == 4


def test_what_moved_money_is_not_hidden_behind_many_of_a_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = StringIO()
    made = Console(file=out, width=200, highlight=False)
    monkeypatch.setattr(page, "console", lambda **_: made)
    many = [Finding("driver-without-team", Level.WARNING, f"team {n}") for n in range(25)]
    moved = Finding("team-exempted", Level.NOTE, "nlp is exempt from 5.00 USD")
    grave = Finding("proof-fails", Level.ERROR, "the proof fails")
    page.findings([*many, moved, grave])
    lines = out.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == [
        "error proof-fails",
        "note team-exempted",
        "warning driver-without-team",
    ]
    assert lines[-2:] == [
        "… and 21 more of driver-without-team",
        "… 21 are not shown; `--json` lists them all",
    ]


def test_few_findings_are_all_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    made = Console(file=out, width=200, highlight=False)
    monkeypatch.setattr(page, "console", lambda **_: made)
    page.findings([Finding("rule-unused", Level.NOTE, f"rule {n}") for n in range(20)])
    assert len(out.getvalue().splitlines()) == 20
