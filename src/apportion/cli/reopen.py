"""apportion reopen: take a closed month up again, as a correction."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(reopen)


def reopen(
    context: typer.Context,
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")],
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="YYYY-MM", help="The open month; the first one when left out."
        ),
    ] = "",
    book: Annotated[
        bool, typer.Option("--book", help="Book the correction at once, as `correct` does.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a closed month up again: it stays as issued, and what changed becomes a correction.

    Who wants it and why is kept, and what would be corrected is shown. Nothing is booked
    without --book.
    """
    from apportion.cli.console import print_json, say
    from apportion.cli.correct import print_correction
    from apportion.ledger.correct import correct
    from apportion.ledger.reopen import reopen as take_up
    from apportion.publish.life_document import reopened_document

    asked, target = period_of(period), period_of(into) if into else None
    with state_of(context).open() as project:
        found = take_up(project, asked, target, actor=actor(), because=because)
        month = found.reopening.into
        if book and found.correction:
            correct(project, asked, month, actor=actor(), because=because)
    if as_json:
        print_json(reopened_document(found) | {"booked": bool(book and found.correction)})
        return
    say(f"{period} stays closed; what changes of it is booked in {month}, which is open")
    if found.correction is None:
        say("nothing has changed yet: load what is new or change the model, and")
        say(f"  `apportion correct --period {period} --into {month} --because TEXT`")
        return
    print_correction(found.correction, booked=book)
