"""apportion correct: what changed of a closed month, booked in an open one."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(correct)


def correct(
    context: typer.Context,
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")],
    into: Annotated[
        str,
        typer.Option("--into", metavar="YYYY-MM", help="The open month; the next when left out."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Book what changed of a closed month in an open one; the closed month stays as issued.

    What the closed month would be by today's bills and model is held against all that is
    booked of it. Where that is the same, nothing is booked.
    """
    from apportion.cli.console import findings, print_json, say
    from apportion.ledger.correct import correct as book
    from apportion.publish.documents import finding_document
    from apportion.publish.journal_document import journal_document

    asked = period_of(period)
    target = period_of(into) if into else asked.next()
    with state_of(context).open() as project:
        found = book(project, asked, target, actor=actor(), because=because)
    findings(found.findings)
    if as_json:
        print_json(
            {
                "period": period,
                "into": str(target),
                "findings": [finding_document(one) for one in found.findings],
                "journal": [journal_document(one) for one in found.documents],
            }
        )
    elif not found.documents:
        say(f"{period} says what is booked of it: nothing to correct")
    else:
        named = ", ".join(one.id for one in found.documents)
        say(f"the correction of {period} is booked in {target}: {named}")
