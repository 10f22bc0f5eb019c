"""Invoices from a list: a CSV that accounts payable exports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from pathlib import Path

from apportion.domain.invoice import Invoice, InvoiceState
from apportion.domain.money import is_currency
from apportion.domain.period import Period
from apportion.errors import Place, UsageError
from apportion.model.faults import Faults, did_you_mean
from apportion.model.text_file import CsvRow, parse_csv, read_text
from apportion.model.values import as_amount, as_day, as_month

NEEDED = ("number", "source", "period", "amount", "currency")
OPTIONAL = ("issuer", "tax", "issued_on", "due_on", "credits", "status")

Listed = tuple[tuple[Invoice, InvoiceState], ...]


def read_invoice_list(path: Path, name: str, sources: Collection[str]) -> Listed:
    """The invoices of a CSV, each with its status (issued when left out), in its order.

    Columns: number, source, period, amount (tax included), currency, and optionally issuer,
    tax, issued_on, due_on, credits, status. Raises ConfigurationError with every fault at its
    line and column, so that nothing is entered of a list with a fault.
    """
    faults = Faults()
    text = read_text(path, Place(name), faults)
    found = parse_csv(text, name, faults) if text is not None else None
    made: list[tuple[Invoice, InvoiceState]] = []
    if found is not None:
        for lacking in (one for one in NEEDED if one not in found.columns):
            faults.add(
                found.place,
                f"no column {lacking}",
                hint=f"a list of invoices has {', '.join(NEEDED)}, and may have "
                f"{', '.join(OPTIONAL)}",
            )
        for column in found.columns:
            if column not in {*NEEDED, *OPTIONAL}:
                faults.add(
                    found.place,
                    f"no column is called {column!r}",
                    hint=did_you_mean(column, (*NEEDED, *OPTIONAL)),
                )
    if found is not None and not faults.found:
        made = [one for row in found.rows if (one := _read(row, sources, faults))]
        _twice(found.rows, faults)
    faults.raise_all()
    return tuple(made)


def _read(
    row: CsvRow, sources: Collection[str], faults: Faults
) -> tuple[Invoice, InvoiceState] | None:
    before = len(faults.found)
    period, amount = _month(row, faults), _amount(row, "amount", faults)
    tax, currency = _amount(row, "tax", faults), row["currency"]
    days = [_day(row, name, faults) for name in ("issued_on", "due_on")]
    if not row["number"]:
        faults.add(row.field("number"), "an invoice without a number", hint="write its number")
    if row["source"] not in sources:
        hint = did_you_mean(row["source"], tuple(sources), "see `sources` of the project")
        faults.add(row.field("source"), f"no source is called {row['source']!r}", hint=hint)
    if not is_currency(currency):
        faults.add(row.field("currency"), f"{currency!r} is no currency", hint="say USD or EUR")
    if amount is None and not row["amount"]:
        faults.add(row.field("amount"), "an invoice without an amount", hint="write its total")
    state = _state(row, faults)
    if len(faults.found) > before or period is None or amount is None or state is None:
        return None
    made = Invoice(
        number=row["number"],
        source=row["source"],
        period=period,
        amount=amount,
        currency=currency,
        issuer=row["issuer"],
        tax=tax,
        issued_on=days[0],
        due_on=days[1],
        credits=row["credits"],
    )
    try:
        made.check()
    except UsageError as fault:
        faults.add(row, fault.what, why=fault.why, hint=fault.hint)
        return None
    return made, state


def _twice(rows: tuple[CsvRow, ...], faults: Faults) -> None:
    seen: dict[tuple[str, str], CsvRow] = {}
    for row in rows:
        key = (row["source"], row["number"])
        if row["number"] and key in seen:
            faults.add(
                row.field("number"),
                f"invoice {row['number']} is there twice",
                why=f"first at {seen[key].place}",
                hint="one row for each invoice, with its total",
            )
        seen.setdefault(key, row)


def _month(row: CsvRow, faults: Faults) -> Period | None:
    try:
        return as_month(row["period"])
    except ValueError as why:
        faults.add(row.field("period"), f"{row['period']!r} is no month", why=str(why))
        return None


def _amount(row: CsvRow, column: str, faults: Faults) -> Decimal | None:
    if not row[column]:
        return None
    try:
        return as_amount(row[column])
    except ValueError as why:
        faults.add(row.field(column), f"{row[column]!r} is no amount", why=str(why))
        return None


def _day(row: CsvRow, column: str, faults: Faults) -> date | None:
    if not row[column]:
        return None
    try:
        return as_day(row[column])
    except ValueError as why:
        faults.add(row.field(column), f"{row[column]!r} is no day", why=str(why))
        return None


def _state(row: CsvRow, faults: Faults) -> InvoiceState | None:
    known = tuple(str(one) for one in InvoiceState)
    text = row["status"] or str(InvoiceState.ISSUED)
    if text not in known:
        faults.add(row.field("status"), f"{text!r} is no status", hint=did_you_mean(text, known))
        return None
    return InvoiceState(text)
