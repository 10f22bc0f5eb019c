"""apportion adjust: cost that an approved decision moves from one owner to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apportion.domain.adjustment import Adjustment
    from apportion.domain.journal import JournalDocument

adjust_app = typer.Typer(help="Move cost from one owner to another, by an approved decision.")

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The adjustment's number.")]
Because = Annotated[str, typer.Option("--because", help="Why, for the audit log.")]
Into = Annotated[
    str,
    typer.Option("--into", metavar="YYYY-MM", help="The open month; the first when left out."),
]


def register(app: typer.Typer) -> None:
    app.add_typer(adjust_app, name="adjust")


@adjust_app.command()
def propose(
    context: typer.Context,
    period: PeriodOption,
    to: Annotated[
        str, typer.Option("--to", help="Who carries it: a team, unallocated or pool:NAME.")
    ],
    amount: Annotated[str, typer.Option("--amount", help="How much; below zero for a credit.")],
    because: Because,
    from_team: Annotated[str, typer.Option("--from-team", help="The team that is relieved.")] = "",
    from_owner: Annotated[
        str, typer.Option("--from-owner", help="Or who else: unallocated or pool:NAME.")
    ] = "",
    line: Annotated[str, typer.Option("--line", help="The line that it is about.")] = "",
    dispute: Annotated[int, typer.Option("--dispute", help="The dispute it follows from.")] = 0,
    currency: Annotated[
        str, typer.Option("--currency", help="Where the month has statements in several.")
    ] = "",
    beyond: Annotated[
        bool, typer.Option("--beyond", help="More than the line amounts to, on purpose.")
    ] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Don't submit it yet.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Propose to move cost of a month from one owner to another, and submit it for approval.

    At most what the line (or all that the owner carries) amounts to, less other adjustments of
    it; in the currency of the statement.
    """
    from apportion.domain.money import parse_amount
    from apportion.errors import UsageError
    from apportion.govern.adjustments import Proposal
    from apportion.govern.adjustments import propose as propose_adjustment

    if bool(from_team) == bool(from_owner):
        raise UsageError("say who is relieved", hint="give --from-team or --from-owner")
    try:
        figure = parse_amount(amount)
    except ValueError as wrong:
        raise UsageError(f"{amount!r} is no amount", why=str(wrong)) from None
    asked = Proposal(
        period_of(period),
        from_team or from_owner,
        to,
        figure,
        because,
        line,
        dispute,
        currency,
        beyond,
    )
    with state_of(context).open() as project:
        found = propose_adjustment(project, asked, actor=actor(), draft=draft)
    _told(found, as_json)


@adjust_app.command()
def submit(
    context: typer.Context, number: Number, because: Because = "", as_json: JsonOption = False
) -> None:
    """Submit a draft, so that somebody else decides."""
    from apportion.govern.adjustments import submit as act

    with state_of(context).open() as project:
        found = act(project, number, actor=actor(), because=because)
    _told(found, as_json)


@adjust_app.command()
def approve(
    context: typer.Context, number: Number, because: Because, as_json: JsonOption = False
) -> None:
    """Approve an adjustment that somebody else proposed; it is applied by `adjust apply`."""
    _decide(context, number, because, as_json, approved=True)


@adjust_app.command()
def reject(
    context: typer.Context, number: Number, because: Because, as_json: JsonOption = False
) -> None:
    """Reject an adjustment that somebody else proposed."""
    _decide(context, number, because, as_json, approved=False)


def _decide(
    context: typer.Context, number: int, because: str, as_json: bool, *, approved: bool
) -> None:
    from apportion.govern.adjustments import decide_adjustment

    with state_of(context).open() as project:
        found = decide_adjustment(
            project, number, approved=approved, actor=actor(), because=because
        )
    _told(found, as_json)


@adjust_app.command()
def withdraw(
    context: typer.Context, number: Number, because: Because, as_json: JsonOption = False
) -> None:
    """Take a proposal back, before it is decided."""
    from apportion.govern.adjustments import withdraw_adjustment

    with state_of(context).open() as project:
        found = withdraw_adjustment(project, number, actor=actor(), because=because)
    _told(found, as_json)


@adjust_app.command()
def apply(
    context: typer.Context,
    number: Number,
    because: Because = "",
    into: Into = "",
    as_json: JsonOption = False,
) -> None:
    """Move the cost of an approved adjustment.

    While its month is open, the statement shows it and the close books it. Of a closed month
    it is booked at once, in an open month, naming the original.
    """
    from apportion.govern.adjustments import apply_adjustment

    with state_of(context).open() as project:
        month = period_of(into) if into else None
        found = apply_adjustment(project, number, actor=actor(), because=because, into=month)
    _told(found.adjustment, as_json, found.documents)


@adjust_app.command()
def supersede(
    context: typer.Context,
    number: Number,
    because: Because,
    into: Into = "",
    as_json: JsonOption = False,
) -> None:
    """Move an applied adjustment back: bills or the model have come to say the same.

    What was booked is reversed in an open month; `apportion correct` then books what the model
    says, and nothing counts twice.
    """
    from apportion.govern.adjustments import supersede as act

    with state_of(context).open() as project:
        month = period_of(into) if into else None
        found = act(project, number, actor=actor(), because=because, into=month)
    _told(found.adjustment, as_json, found.documents)


@adjust_app.command("list")
def list_(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Only of this month.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also rejected, withdrawn and superseded ones.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List adjustments, the oldest first."""
    from apportion.cli.console import print_json, table
    from apportion.govern.adjustments import list_adjustments
    from apportion.publish.dispute_document import adjustment_document

    with state_of(context).open() as project:
        month = period_of(period) if period else None
        found = list_adjustments(project, month, ended=everything)
    if as_json:
        print_json({"adjustments": [adjustment_document(one) for one in found]})
        return
    headings = ("adjustment", "of", "state", "from", "to", "because", "amount")
    table("adjustments", headings, [adjustment_row(one) for one in found], left=6)


@adjust_app.command()
def show(context: typer.Context, number: Number, as_json: JsonOption = False) -> None:
    """Show an adjustment and who took it to which state."""
    from apportion.store.books.adjustments import adjustment_in

    with state_of(context).open() as project, project.books.reading() as connection:
        found = adjustment_in(connection, number)
    _told(found, as_json, steps=True)


def adjustment_row(one: Adjustment) -> tuple[str, ...]:
    """An adjustment as a row of a table."""
    from apportion.cli.console import money

    of = f"{one.period}{f', dispute {one.dispute}' if one.dispute else ''}"
    amount = f"{money(one.amount)} {one.currency}"
    state = f"{one.state} in {one.into}" if one.into else str(one.state)
    return (str(one.id), of, state, str(one.giver), str(one.taker), one.because, amount)


def _told(
    found: Adjustment,
    as_json: bool,
    documents: Sequence[JournalDocument] = (),
    *,
    steps: bool = False,
) -> None:
    from apportion.cli.console import money, print_json, printable, say
    from apportion.publish.dispute_document import adjustment_document
    from apportion.publish.journal_document import journal_document

    if as_json:
        booked = [journal_document(one) for one in documents]
        print_json(adjustment_document(found) | {"journal": booked})
        return
    into = f" in {found.into}" if found.into else ""
    text = (
        f"adjustment {found.id} of {found.period} is {found.state}{into}: "
        f"{money(found.amount)} {found.currency} from {found.giver} to {found.taker}"
    )
    say(printable(text))
    for one in found.steps if steps else ():
        say(
            printable(f"  {one.at:%Y-%m-%d %H:%M} {one.state} by {one.actor}: {one.because or '–'}")
        )
    for document in documents:
        say(f"booked: {document.id} in {document.period}")
