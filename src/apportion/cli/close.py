"""apportion close: a month that stands for good, and its journal."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(close)


def close(
    context: typer.Context,
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")] = "",
    level: Annotated[
        str,
        typer.Option(
            "--level",
            help="Findings at this level or graver stand against it; as `close: level` says "
            "when left out. A laxer one needs --because.",
        ),
    ] = "",
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help="A code of findings that you answer for; with --because."),
    ] = None,
    on_accrual: Annotated[
        bool, typer.Option("--on-accrual", help="Close an accrued month before its invoices.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what stands against it; close nothing.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for the approvals that it needs; close nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Close a month: its run stands for good, and its journal is booked with it.

    It refuses, with all reasons, while the proof fails or is incomplete, bills or the model
    are newer than the run, findings are open, a line has no account, an invoice differs, a
    review runs, or an approval lacks (settings under `close` in apportion.yaml). What the run
    was made of is frozen, so that `apportion reproduce` can show it again. What changes after
    a close is a correction in an open month. Exits with 1 where --dry-run finds reasons.
    """
    from apportion.cli.console import findings, print_json, say
    from apportion.domain.finding import Level
    from apportion.ledger.close import ask_for_close, prepare_close
    from apportion.ledger.close import close as close_month
    from apportion.ledger.out_of_turn import earlier_open
    from apportion.publish.documents import finding_document
    from apportion.publish.journal_document import journal_document

    asked, graver = period_of(period), Level(level) if level else None
    with state_of(context).open() as project:
        told = tuple(earlier_open(project, asked))
        if ask:
            waits = ask_for_close(project, asked, actor=actor(), because=because)
            say(f"{waits.request.subject} is {waits.state}; it waits for: {waits.waits_for}")
            return
        if dry_run:
            found = prepare_close(project, asked, graver, on_accrual=on_accrual)
            documents, against = found.journal.documents, found.against
        else:
            documents = close_month(
                project,
                asked,
                actor=actor(),
                because=because,
                level=graver,
                accepted=frozenset(accept or ()),
                on_accrual=on_accrual,
            )
            against = ()
    if as_json:
        print_json(
            {
                "period": period,
                "closed": not dry_run,
                "against": [finding_document(one) for one in against],
                "findings": [finding_document(one) for one in told],
                "journal": [journal_document(one) for one in documents],
            }
        )
    elif dry_run:
        findings((*against, *(one for one in told if one not in against)))
        say(f"{period}: against closing it stand {len(against)} findings")
    else:
        findings(told)
        say(f"{period} is closed by {actor()}; {len(documents)} journal documents are booked")
    if against:
        raise typer.Exit(1)
