"""Confirm that journal, statements and invoices say the same, without a line of apportion.

    python tests/independent/confirm_books.py CASE.json

CASE.json names the files:

    {"period": "2026-10", "currency": "USD", "recovery": ["659900"],
     "invoices": "the list of invoices that was imported (CSV)",
     "bridge": "output of apportion invoices bridge --json",
     "statement": "output of apportion statement --json",
     "journal": "journal.csv of apportion journal --format csv"}

In exact fractions: each bridge begins at the invoices of the list and sums to its effective cost
and to its statements; nothing in it is unexplained; the rows behind a step sum to the step. All
bridges together are the statement's total (to the cent). The journal's documents sum to zero, what
it relieves the sender of is what teams are charged, and that with what isn't charged back
(showback, kept, unallocated) is again the total. It exits with 1, and says where, if anything
differs.

What goes to the prepaid asset and to recoverable tax is booked by accounts payable, by the invoice:
the bridge names both, and neither is in this journal.

Only the standard library is used.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

COUNTED = {"", "issued", "paid", "credited"}
OF_ROWS = {
    *("not_entered", "tax", "tax_as_cost", "purchases", "amortisation", "credits", "adjustments"),
    *("recoverable_tax", "invoices", "credit_notes"),
}
TO_STATEMENTS = {"recoverable_tax", "left_out", "other_basis"}
CENT = Fraction(1, 100)


def main(path: Path) -> int:
    case, folder = json.loads(path.read_text()), path.parent
    bridges = [
        one
        for one in json.loads((folder / case["bridge"]).read_text())["bridges"]
        if one["currency"] == case["currency"]
    ]
    statement = json.loads((folder / case["statement"]).read_text())
    faults = [
        *_invoices(case, folder, bridges),
        *(fault for one in bridges for fault in _bridge(one)),
        *_statement(bridges, statement),
        *_journal(case, folder, statement),
    ]
    for fault in faults:
        print(fault)  # noqa: T201 -- a script
    if not faults:
        print(  # noqa: T201
            f"confirmed: {case['period']}: journal and what isn't charged back = statements "
            f"{statement['total']} = {len(bridges)} bridges from the invoices"
        )
    return 1 if faults else 0


def _invoices(case: dict[str, Any], folder: Path, bridges: list[dict[str, Any]]) -> Iterator[str]:
    """What each bridge begins with is what the list of invoices says."""
    ours: dict[str, Fraction] = defaultdict(Fraction)
    with (folder / case["invoices"]).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            of_month = (row["period"], row["currency"]) == (case["period"], case["currency"])
            if of_month and (row.get("status") or "") in COUNTED:
                ours[row["source"]] += Fraction(row["amount"])
    for one in bridges:
        steps = _steps(one)
        theirs = steps.get("invoices", Fraction(0)) + steps.get("credit_notes", Fraction(0))
        if theirs != ours.pop(one["source"], Fraction(0)):
            yield f"{one['source']}: the bridge begins at {theirs}, which the invoices don't say"
    for source in ours:
        yield f"{source}: there is an invoice, and no bridge"


def _bridge(one: dict[str, Any]) -> Iterator[str]:
    steps, name = _steps(one), one["source"]
    if steps.get("unexplained"):
        yield f"{name}: {steps['unexplained']} is unexplained"
    effective = sum((steps[step] for step in steps if step not in TO_STATEMENTS), Fraction(0))
    if effective != Fraction(one["effective_cost"]):
        yield f"{name}: its steps come to {effective}, not to {one['effective_cost']}"
    if sum(steps.values(), Fraction(0)) != Fraction(one["statements"]):
        yield f"{name}: all steps don't come to the statements, {one['statements']}"
    for step in one["steps"]:
        behind = sum((Fraction(row["amount"]) for row in step.get("rows", ())), Fraction(0))
        if step["step"] in OF_ROWS and behind != Fraction(step["amount"]):
            yield f"{name}: behind {step['step']} are {behind}, not {step['amount']}"


def _steps(one: dict[str, Any]) -> dict[str, Fraction]:
    return {step["step"]: Fraction(step["amount"]) for step in one["steps"]}


def _statement(bridges: list[dict[str, Any]], said: dict[str, Any]) -> Iterator[str]:
    """All lines of the statement are its total, and that is what the bridges lead to."""
    lines = sum((Fraction(line["amount"]) for line in _lines(said)), Fraction(0))
    total = Fraction(said["total"])
    if lines != total:
        yield f"the statement's lines sum to {lines}, not to {total}"
    whole = sum((Fraction(one["statements"]) for one in bridges), Fraction(0))
    if abs(whole - total) > CENT / 2:
        yield f"the statement says {total}, and the bridges lead to {whole}"


def _lines(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for team in said["teams"]:
        yield from team["lines"]
    yield from said["kept"]
    yield from said["unallocated_lines"]


def _journal(case: dict[str, Any], folder: Path, said: dict[str, Any]) -> Iterator[str]:
    sums: dict[str, Fraction] = defaultdict(Fraction)
    relieved = Fraction(0)
    with (folder / case["journal"]).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            signed = Fraction(row["debit"] or "0") - Fraction(row["credit"] or "0")
            sums[row["document"]] += signed
            if row["account"] in case["recovery"]:
                relieved -= signed
    for document, whole in sums.items():
        if whole:
            yield f"document {document} is {whole} out of balance"
    charged = sum(
        (Fraction(line["amount"]) for line in _lines(said) if line.get("mode") == "chargeback"),
        Fraction(0),
    )
    rest = sum(
        (Fraction(line["amount"]) for line in _lines(said) if line.get("mode") != "chargeback"),
        Fraction(0),
    )
    if relieved != charged:
        yield f"the journal charges {relieved}, and the statements {charged}"
    if relieved + rest != Fraction(said["total"]):
        yield f"journal {relieved} and what isn't charged back {rest} aren't {said['total']}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
