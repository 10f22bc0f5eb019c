"""apportion correct: what changed of a closed month, booked in an open one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.ledger.correct import Correction


def register(app: typer.Typer) -> None:
    app.command()(correct)


def correct(
    context: typer.Context,
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")],
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="YYYY-MM", help="The open month, not far off; the next when left out."
        ),
    ] = "",
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for the approval of a material one; book nothing.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be booked; book nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Book what changed of a closed month in an open one; the closed month stays as issued.

    What the closed month would be by today's bills and model is held against all that is
    booked of it. Where that is the same, nothing is booked. A material correction (setting
    `close: materiality`) needs an approval first: --ask, then `apportion approve`.
    """
    from apportion.cli.console import findings, print_json, say
    from apportion.ledger.correct import ask_for_correction, prepare_correction
    from apportion.ledger.correct import correct as book
    from apportion.publish.life_document import correction_document

    asked = period_of(period)
    target = period_of(into) if into else asked.next()
    with state_of(context).open() as project:
        if ask:
            waits = ask_for_correction(project, asked, target, actor=actor(), because=because)
            say(f"{waits.request.subject} is {waits.state}; it waits for: {waits.waits_for}")
            return
        if dry_run:
            found = prepare_correction(project, asked, target)
        else:
            found = book(project, asked, target, actor=actor(), because=because)
    findings(found.findings)
    if as_json:
        print_json(correction_document(found) | {"booked": not dry_run and bool(found.documents)})
    else:
        print_correction(found, booked=not dry_run)


def print_correction(found: Correction, *, booked: bool) -> None:
    """What a correction moves and where it is booked."""
    from apportion.cli.console import money, say
    from apportion.run.explain import rounded

    if not found.documents:
        say(f"{found.original} says what is booked of it: nothing to correct")
        return
    for one in found.moved:
        part = "" if one.percent is None else f", {rounded(one.percent, 2)} % of what was closed"
        material = "; material: it needs an approval" if one.material else ""
        say(f"{one.entity}: {money(one.amount)} {one.currency} moves{part}{material}")
    named = ", ".join(one.id for one in found.documents)
    done = "is booked" if booked else "would be booked"
    say(f"the correction of {found.original} {done} in {found.into}: {named}")
