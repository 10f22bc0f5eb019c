"""apportion journal: what finance posts, as a table or in the form of its ERP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.finding import Finding
    from apportion.domain.journal import JournalDocument
    from apportion.ledger.draw_journal import Journal
    from apportion.ledger.true_up import TrueUp
    from apportion.publish.erp.draw_files import Drawn


def register(app: typer.Typer) -> None:
    app.command()(journal)


def journal(
    context: typer.Context,
    period: PeriodOption,
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="The form of an ERP: sap-journal-entry, sap-upload, sap-activity, netsuite-rest, "
            "netsuite-csv, oracle-fusion, dynamics-365, workday, quickbooks, xero, beancount, "
            "hledger, ledger or csv. Left out: a table.",
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where to; journal-PERIOD-FORMAT when left out."
        ),
    ] = None,
    draft: Annotated[
        bool,
        typer.Option(
            "--draft",
            help="Write what an open period's run would book, too; the files are named so.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the journal of a period, or write it in the form of an ERP.

    Of a closed period it is what was booked. Of an open one the table shows what its latest
    run would book as drafts, and files hold what is booked alone, so that no draft is posted:
    --draft writes drafts into files that are named so. Every document sums to zero. Nothing is
    written, and the exit code is 1, while a line has no account, a team no cost centre, or a
    name can't be taken by the ERP.
    """
    from apportion.errors import UsageError
    from apportion.ledger.journal_of import booked_journal, journal_of, run_to_book
    from apportion.ledger.true_up import true_ups
    from apportion.publish.erp.draw_files import as_draft, draw_files, erp_settings
    from apportion.run.notices import notices

    if output and not kind:
        raise UsageError("--output without --format", hint="name a format, say --format csv")
    if draft and not kind:
        raise UsageError("--draft without --format", hint="the table shows drafts without it")
    with state_of(context).open() as project:
        model = project.model
        settings = erp_settings(project.settings, model, kind) if kind else None
        asked = period_of(period)
        run = run_to_book(project, asked)
        is_open = not project.books.state(asked).is_closed
        firm = bool(kind) and is_open and not draft
        found = booked_journal(project, asked) if firm else journal_of(project, asked, run)
        drawn = draw_files(None if firm else run, model, found, settings) if settings else None
        if drawn and draft and is_open:
            drawn = as_draft(drawn)
        told = notices(project, run) if run else ()
        trued = true_ups(project, asked)
    if drawn is None:
        _show(found, told, (period, trued), as_json=as_json)
    else:
        folder = output or Path(f"journal-{period}-{kind}")
        _write(drawn, told, folder, (period, kind), firm=firm, as_json=as_json)


def _show(
    found: Journal,
    told: tuple[Finding, ...],
    what: tuple[str, tuple[TrueUp, ...]],
    *,
    as_json: bool,
) -> None:
    from apportion.cli.console import findings, print_json, say
    from apportion.publish.journal_document import period_journal_document
    from apportion.publish.life_document import true_up_document

    period, trued = what
    if as_json:
        listed = [true_up_document(one) for one in trued]
        whole = period_journal_document(period, found, told)
        print_json(whole | {"true_up": listed} if listed else whole)
    else:
        findings((*found.findings, *told))
        for document in found.documents:
            print_document(document, found.state_of(document))
        if trued:
            _print_true_ups(trued)
        if not found.documents:
            say(f"nothing is charged back in {period}")
    if not found.may_be_posted:
        raise typer.Exit(1)


def _print_true_ups(trued: tuple[TrueUp, ...]) -> None:
    """Actual less accrued, assignment by assignment; debits above zero."""
    from apportion.cli.console import money, table
    from apportion.domain.money import from_units, minor_digits

    rows = [
        (
            one.entity,
            one.at.account,
            one.at.cost_center or one.at.partner,
            one.at.project,
            one.currency,
            *(
                money(from_units(units, minor_digits(one.currency)))
                for units in (one.accrued, one.actual, one.difference)
            ),
        )
        for one in trued
    ]
    heads = ("entity", "account", "cost centre", "project", "", "accrued", "actual", "true-up")
    table("true-up: actual less accrued", heads, rows, left=5)


def print_document(document: JournalDocument, state: str = "") -> None:
    """One document, line by line, debits and credits in columns of their own."""
    from apportion.cli.console import money, say, table
    from apportion.domain.journal import Side

    rows = []
    for line in document.lines:
        at, amount = line.at, money(document.amount(line.units))
        sides = (amount, "") if line.side is Side.DEBIT else ("", amount)
        rows.append((at.account, at.cost_center, at.project, at.partner, *sides))
    total = money(document.amount(document.total))
    rows.append(("total", "", "", "", total, total))
    names = ("account", "cost centre", "project", "partner", "debit", "credit")
    title = f"{document.text} · entity {document.entity} · {document.currency}"
    table(title, names, rows, left=4)
    marked = f" ({state})" if state else ""
    say(f"document {document.id}, posted on {document.posted_on}{marked}")


def _write(
    drawn: Drawn,
    told: tuple[Finding, ...],
    folder: Path,
    what: tuple[str, str],
    *,
    firm: bool,
    as_json: bool,
) -> None:
    from apportion.cli.console import findings, print_json, say, some
    from apportion.publish.documents import finding_document
    from apportion.publish.erp.write_files import write_files

    paths = write_files(drawn.files, folder) if drawn.files else ()
    period, kind = what
    if as_json:
        print_json(
            {
                "period": period,
                "format": kind,
                "documents": drawn.documents if paths else 0,
                "files": [str(path) for path in paths],
                "findings": [finding_document(one) for one in (*drawn.findings, *told)],
            }
        )
    else:
        findings((*drawn.findings, *told))
        for path in paths:
            say(f"wrote {path}")
        if paths:
            say(f"{some(drawn.documents, 'document')} of {period} for {kind}")
        elif drawn.may_be_written:
            rest = "; what its run would book is written with --draft" if firm else ""
            nothing = "booked" if firm else "charged back"
            say(f"nothing is {nothing} in {period}; no file was written{rest}")
    if not drawn.may_be_written:
        raise typer.Exit(1)
