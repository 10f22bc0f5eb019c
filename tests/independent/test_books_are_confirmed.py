"""A script that knows nothing of apportion holds journal and statements beside the invoice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bills import row
from small_projects import MODEL, Small
from walk import apportion

HERE = Path(__file__).parent
SCRIPT = HERE / "confirm_books.py"
INVOICES = """\
number,source,period,amount,tax,currency,status
C-1,cloud,2026-10,1420.10,190.00,USD,paid
C-2,cloud,2026-10,-20.00,,USD,issued
C-0,cloud,2026-10,999.00,,USD,void
"""
CASE = {
    "period": "2026-10",
    "currency": "USD",
    "recovery": ["659900"],
    "invoices": "invoices.csv",
    "bridge": "bridge.json",
    "statement": "statement.json",
    "journal": "out/draft-journal.csv",
}


def _row(billed: str, effective: str, team: str = "", **over: str) -> dict[str, str]:
    made = row(billed, {"team": team} if team else {}, EffectiveCost=effective, InvoiceId="C-1")
    return made | over


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small month with all that a bridge knows, exported as a user would."""
    small = Small(tmp_path_factory.mktemp("books") / "small")
    plan = {"CommitmentDiscountId": "plan"}
    small.bill(
        _row("100.004", "100.004", "nlp"),
        _row("30", "30", "cv"),
        _row("60", "60", "lab"),
        _row("40.1", "40.1"),
        _row("1000", "0", ChargeCategory="Purchase", ChargeFrequency="One-Time", **plan),
        _row("0", "70", "nlp", CommitmentDiscountStatus="Used", **plan),
        _row("0", "20", "", CommitmentDiscountStatus="Unused", **plan),
        _row("190", "190", ChargeCategory="Tax"),
        _row("-20", "-20", "cv", ChargeCategory="Credit", InvoiceId="C-2"),
    )
    small.write(MODEL)
    (small.root / "invoices.csv").write_text(INVOICES)
    for command in ("load", "run --period 2026-10", "invoices import invoices.csv"):
        code, said, errors = apportion(small.root, *command.split())
        assert code == 0, said + errors
    for name, command in (("bridge", "invoices bridge"), ("statement", "statement")):
        _, said, _ = apportion(small.root, *command.split(), "--period", "2026-10", "--json")
        (small.root / f"{name}.json").write_text(said)
    code, said, errors = apportion(
        small.root,
        "journal",
        "--period",
        "2026-10",
        "--format",
        "csv",
        "--draft",
        "--output",
        "out",
    )
    assert code == 0, said + errors
    return small.root


def judge(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "case.json").write_text(json.dumps(CASE))
    command = [sys.executable, str(SCRIPT), str(folder / "case.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_journal_and_statements_are_the_invoice_by_the_bridge(exported: Path) -> None:
    found = judge(exported)
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.startswith("confirmed: 2026-10")


def _step(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in document["bridges"][0]["steps"] if one["step"] == name
    )
    return found


def _other_amount(folder: Path) -> None:
    told = json.loads((folder / "bridge.json").read_text())
    _step(told, "purchases")["amount"] = "-999.99"
    (folder / "bridge.json").write_text(json.dumps(told))


def _row_lost(folder: Path) -> None:
    told = json.loads((folder / "bridge.json").read_text())
    _step(told, "amortisation")["rows"].pop()
    (folder / "bridge.json").write_text(json.dumps(told))


def _other_invoice(folder: Path) -> None:
    text = (folder / "invoices.csv").read_text()
    (folder / "invoices.csv").write_text(text.replace("1420.10", "1420.11"))


def _other_line(folder: Path) -> None:
    told = json.loads((folder / "statement.json").read_text())
    told["teams"][0]["lines"][0]["amount"] = "0.01"
    (folder / "statement.json").write_text(json.dumps(told))


def _document_lost(folder: Path) -> None:
    head = (folder / "out/draft-journal.csv").read_text().splitlines()[0]
    (folder / "out/draft-journal.csv").write_text(head + "\n")


@pytest.mark.parametrize(
    "harm", [_other_amount, _row_lost, _other_invoice, _other_line, _document_lost]
)
def test_a_wrong_copy_is_red(exported: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    harm(copy)
    found = judge(copy)
    assert found.returncode == 1, found.stdout
    assert found.stdout.strip()
