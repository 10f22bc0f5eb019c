"""apportion invoices: what providers ask to be paid, and how it comes to the statements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.invoices_bridge import bridge, prepaid
from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from apportion.domain.invoice import InvoiceState

invoices_app = typer.Typer(
    help="Invoices of providers, the bridge from them to the statements, and what is prepaid."
)

BecauseOption = Annotated[str, typer.Option("--because", help="Why, for the audit log.")]
SourceOption = Annotated[str, typer.Option("--source", help="Only this source.")]


def register(app: typer.Typer) -> None:
    app.add_typer(invoices_app, name="invoices")


@invoices_app.command()
def add(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The number on the invoice.")],
    period: PeriodOption,
    source: Annotated[str, typer.Option("--source", help="The bill that it is for.")],
    amount: Annotated[
        str, typer.Option("--amount", help="What is to be paid, tax included; a credit note's < 0.")
    ],
    currency: Annotated[
        str, typer.Option("--currency", help="Its currency; the project's when left out.")
    ] = "",
    tax: Annotated[str, typer.Option("--tax", help="What of the amount is tax.")] = "",
    issuer: Annotated[str, typer.Option("--issuer", help="Who sends it.")] = "",
    issued: Annotated[str, typer.Option("--issued", metavar="YYYY-MM-DD", help="Its day.")] = "",
    due: Annotated[
        str, typer.Option("--due", metavar="YYYY-MM-DD", help="Until when it is to be paid.")
    ] = "",
    credited: Annotated[
        str, typer.Option("--credits", help="The number of the invoice that a credit note is for.")
    ] = "",
    status: Annotated[
        str, typer.Option("--status", help="draft, issued, paid, void or credited.")
    ] = "issued",
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enter an invoice.

    The same again does nothing. The same number with other content is refused: mark the
    wrong one void, and enter it anew.
    """
    from apportion.cli.console import print_json, say
    from apportion.domain.invoice import Invoice
    from apportion.ledger.enter_invoices import enter_invoice
    from apportion.publish.bridge_document import invoice_document

    with state_of(context).open() as project:
        invoice = Invoice(
            number=number,
            source=source,
            period=period_of(period),
            amount=_amount(amount, "--amount"),
            currency=currency or project.settings.currency,
            issuer=issuer,
            tax=_amount(tax, "--tax") if tax else None,
            issued_on=_day(issued, "--issued"),
            due_on=_day(due, "--due"),
            credits=credited,
        )
        new = enter_invoice(project, invoice, _state(status), actor=actor(), because=because)
    if as_json:
        print_json({"entered": new, "invoice": invoice_document(invoice, status)})
    else:
        say(f"invoice {number} is {'entered' if new else 'there already, as it is'}")


@invoices_app.command("import")
def import_list(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV of invoices.")],
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enter the invoices of a CSV, all or none.

    Columns: number, source, period, amount (tax included), currency, and optionally issuer,
    tax, issued_on, due_on, credits, status. Those that are there already are skipped.
    """
    from apportion.cli.console import print_json, say, some
    from apportion.ledger.enter_invoices import import_invoices
    from apportion.publish.bridge_document import invoice_document

    with state_of(context).open() as project:
        new = import_invoices(project, file, actor=actor(), because=because)
    if as_json:
        print_json({"entered": [invoice_document(one) for one in new]})
    else:
        say(f"{some(len(new), 'invoice')} entered from {file}")


@invoices_app.command("list")
def list_entered(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Only those of this month.")
    ] = "",
    source: SourceOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the invoices that were entered, void ones included."""
    from apportion.cli.console import money, print_json, table
    from apportion.ledger.enter_invoices import list_invoices
    from apportion.publish.bridge_document import entered_document

    with state_of(context).open() as project:
        found = list_invoices(project, period_of(period) if period else None, source)
    if as_json:
        print_json({"invoices": [entered_document(one) for one in found]})
        return
    rows = [
        (
            *(one.invoice.number, one.invoice.source, str(one.invoice.period), str(one.state)),
            *(str(one.invoice.due_on or ""), one.invoice.currency),
            *(money(one.invoice.amount), money(one.invoice.tax)),
        )
        for one in found
    ]
    table("", ("number", "source", "period", "status", "due", "", "amount", "tax"), rows, left=6)


@invoices_app.command()
def mark(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The number on the invoice.")],
    status: Annotated[str, typer.Argument(help="issued, paid, void or credited.")],
    source: SourceOption = "",
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say how far an invoice has come; void needs a reason, and is for good."""
    from apportion.cli.console import print_json, say
    from apportion.ledger.enter_invoices import mark_invoice

    with state_of(context).open() as project:
        before = mark_invoice(
            project, number, _state(status), source=source, actor=actor(), because=because
        )
    if as_json:
        print_json({"number": number, "before": str(before.state), "after": status})
    else:
        say(f"invoice {number} was {before.state} and is {status}")


@invoices_app.command()
def read(
    context: typer.Context,
    period: PeriodOption,
    source: SourceOption = "",
    as_json: JsonOption = False,
) -> None:
    """Read which invoices the bill tells of (InvoiceId), beside what was entered.

    Changes nothing. Exits with 1 where one differs from what was entered.
    """
    from apportion.cli.console import figure, money, print_json, table
    from apportion.ledger.billed_invoices import billed_invoices
    from apportion.publish.bridge_document import billed_document
    from apportion.run.prove import as_decimal

    with state_of(context).open() as project:
        found = billed_invoices(project, period_of(period), source)
    differing = [one for one in found if one.differs]
    if as_json:
        told = [billed_document(one) for one in found]
        print_json({"period": period, "invoices": told})
    else:
        rows = [
            (
                *(one.number or "not invoiced yet", one.source, one.currency),
                *(figure(as_decimal(one.billed)), figure(as_decimal(one.tax))),
                money(one.entered.amount if one.entered else None),
                "differs" if one.differs else "",
            )
            for one in found
        ]
        headings = ("number", "source", "", "in the bill", "tax", "entered", "")
        table("", headings, rows, left=3)
    if differing:
        raise typer.Exit(1)


@invoices_app.command()
def enter(
    context: typer.Context,
    period: PeriodOption,
    source: SourceOption = "",
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Enter the invoices that the bill tells of and nobody entered, as the bill has them.

    Such an entry is no outside witness: it says what the bill says.
    """
    from apportion.cli.console import print_json, say, some
    from apportion.ledger.enter_invoices import enter_billed
    from apportion.publish.bridge_document import invoice_document

    with state_of(context).open() as project:
        new = enter_billed(project, period_of(period), source, actor=actor(), because=because)
    if as_json:
        print_json({"entered": [invoice_document(one) for one in new]})
    else:
        say(f"{some(len(new), 'invoice')} entered")


@invoices_app.command()
def opening(
    context: typer.Context,
    commitment: Annotated[str, typer.Argument(help="The commitment, as `prepaid` names it.")],
    period: PeriodOption,
    source: Annotated[str, typer.Option("--source", help="Whose bill it is on.")],
    amount: Annotated[str, typer.Option("--amount", help="What was left when the month began.")],
    because: Annotated[str, typer.Option("--because", help="On what evidence.")],
    currency: Annotated[
        str, typer.Option("--currency", help="Its currency; the project's when left out.")
    ] = "",
) -> None:
    """Enter what was left of a commitment that was bought before the first loaded bill."""
    from apportion.cli.console import say
    from apportion.domain.invoice import PrepaidOpening
    from apportion.ledger.enter_invoices import open_prepaid

    with state_of(context).open() as project:
        code = currency or project.settings.currency
        month, left = period_of(period), _amount(amount, "--amount")
        made = PrepaidOpening(source, commitment, month, left, code)
        open_prepaid(project, made, actor=actor(), because=because)
    say(f"{commitment} opens {period} with {amount} {code}")


invoices_app.command()(bridge)
invoices_app.command()(prepaid)


def _amount(text: str, option: str) -> Decimal:
    from apportion.domain.money import parse_amount
    from apportion.errors import UsageError

    try:
        return parse_amount(text)
    except ValueError as why:
        raise UsageError(f"{option} {text!r} is no amount", why=str(why)) from why


def _day(text: str, option: str) -> date | None:
    from apportion.errors import UsageError
    from apportion.model.values import as_day

    try:
        return as_day(text) if text else None
    except ValueError as why:
        raise UsageError(f"{option} {text!r} is no day", why=str(why)) from why


def _state(text: str) -> InvoiceState:
    from apportion.domain.invoice import InvoiceState
    from apportion.errors import UsageError
    from apportion.model.faults import did_you_mean

    known = tuple(str(one) for one in InvoiceState)
    if text not in known:
        raise UsageError(f"{text!r} is no status of an invoice", hint=did_you_mean(text, known))
    return InvoiceState(text)
