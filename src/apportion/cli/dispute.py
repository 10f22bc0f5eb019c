"""apportion dispute: a team says that a line of its statement is wrong, and others decide."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from decimal import Decimal

    from apportion.domain.dispute import Dispute
    from apportion.govern.simulate import Remedy, Simulation

dispute_app = typer.Typer(help="Dispute a line of a statement, decide on it, see what it changes.")

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The dispute's number.")]
Because = Annotated[str, typer.Option("--because", help="Why, for the audit log.")]

DISPUTES = ("dispute", "month", "team", "line", "reason", "state", "decide by", "amount")
"""The columns of a list of disputes."""


def register(app: typer.Typer) -> None:
    app.add_typer(dispute_app, name="dispute")


@dispute_app.command("open")
def open_(
    context: typer.Context,
    period: PeriodOption,
    line: Annotated[
        str, typer.Option("--line", help="The line; `apportion statement --team` has ids.")
    ],
    reason: Annotated[
        str,
        typer.Option(
            "--reason-code",
            help="not-ours, wrong-quantity, wrong-rate, wrong-rule, late or other.",
        ),
    ],
    because: Annotated[str, typer.Option("--because", help="What is wrong, in words.")],
    team: Annotated[str, typer.Option("--team", "-t", help="The team whose line it is.")] = "",
    amount: Annotated[
        str, typer.Option("--amount", help="How much of the line; all of it when left out.")
    ] = "",
    evidence: Annotated[
        str, typer.Option("--evidence", help="What proves it: a file's name, an address, a text.")
    ] = "",
    reopens: Annotated[
        int, typer.Option("--reopens", help="An earlier dispute of the line, which was decided.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Dispute a line of a team's statement, until the last day of the window.

    What `apportion explain` says of the line is kept with it, and a digest of that. The terms
    (days, and where the money is meanwhile) stand under `disputes` in apportion.yaml.
    """
    from apportion.domain.dispute import Reason
    from apportion.errors import UsageError
    from apportion.govern.disputes import Claim, open_dispute

    known = [str(one) for one in Reason]
    if not team:
        raise UsageError("say whose line it is", hint="give --team")
    if reason not in known:
        raise UsageError(f"{reason!r} is no reason code", hint=f"one of {', '.join(known)}")
    claim = Claim(
        period_of(period),
        team,
        line,
        Reason(reason),
        because,
        _amount(amount),
        evidence,
        reopens,
    )
    with state_of(context).open() as project:
        found = open_dispute(project, claim, actor=actor())
    _told(found, as_json)


@dispute_app.command("list")
def list_(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Only of this month.")
    ] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team's.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also closed and withdrawn ones.")] = (
        False
    ),
    as_json: JsonOption = False,
) -> None:
    """List disputes: those to be decided first, by their deadline."""
    from apportion.cli.console import print_json, table
    from apportion.govern.disputes import list_disputes
    from apportion.publish.dispute_document import dispute_document

    today = _today()
    with state_of(context).open() as project:
        month = period_of(period) if period else None
        found = list_disputes(project, month, team=team, ended=everything)
    if as_json:
        print_json({"disputes": [dispute_document(one, today) for one in found]})
        return
    table("disputes", DISPUTES, [dispute_row(one, today) for one in found], left=7)


@dispute_app.command()
def show(
    context: typer.Context,
    number: Number,
    team: Annotated[
        str, typer.Option("--team", "-t", help="Only if it is this team's; team leads name theirs.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show a dispute with its steps; --json has the frozen evidence too."""
    from apportion.errors import NotLoaded
    from apportion.govern.evidence import digest_of
    from apportion.store.books.disputes import dispute_in

    with state_of(context).open() as project, project.books.reading() as connection:
        found = dispute_in(connection, number)
    if team not in {"", found.team}:
        raise NotLoaded(f"team {team} has no dispute {number}")
    _told(found, as_json, whole=True)
    if not as_json:
        from apportion.cli.console import say

        same = digest_of(found.evidence) == found.digest
        say(f"evidence {found.digest[:12]} {'is as it was frozen' if same else 'HAS CHANGED'}")


@dispute_app.command()
def triage(
    context: typer.Context, number: Number, because: Because = "", as_json: JsonOption = False
) -> None:
    """Take up a dispute: it is a matter to decide."""
    from apportion.govern.disputes import triage as act

    with state_of(context).open() as project:
        found = act(project, number, actor=actor(), because=because)
    _told(found, as_json)


@dispute_app.command()
def decide(
    context: typer.Context,
    number: Number,
    because: Because,
    accept: Annotated[
        bool | None, typer.Option("--accept/--reject", help="Yes or no to the dispute.")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", help="Who carries it: a team, unallocated or pool:NAME.")
    ] = "unallocated",
    amount: Annotated[
        str, typer.Option("--amount", help="How much is accepted; all that is claimed else.")
    ] = "",
    into: Annotated[
        str,
        typer.Option("--into", metavar="YYYY-MM", help="The open month for what leaves suspense."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Accept or reject a dispute; accepted, it makes an adjustment that somebody else approves.

    Neither who opened it decides, nor who leads a team that would carry less by the decision.
    See first what it would change: `apportion dispute simulate`.
    """
    from apportion.cli.console import print_json, say
    from apportion.errors import UsageError
    from apportion.govern.disputes import Verdict
    from apportion.govern.disputes import decide as act
    from apportion.publish.dispute_document import adjustment_document, dispute_document

    if accept is None:
        raise UsageError("yes or no?", hint="say --accept or --reject")
    verdict = Verdict(accept, because, to, _amount(amount))
    with state_of(context).open() as project:
        month = period_of(into) if into else None
        found = act(project, number, verdict, actor=actor(), into=month)
    if as_json:
        made = adjustment_document(found.adjustment) if found.adjustment else None
        document = dispute_document(found.dispute, _today())
        released = [one.id for one in found.released]
        print_json(document | {"adjustment": made, "released": released})
        return
    _told(found.dispute, as_json=False)
    if found.adjustment:
        say(f"adjustment {found.adjustment.id} is submitted: `apportion adjust approve`")
    for one in found.released:
        say(f"left suspense: {one.id} in {one.period}")


@dispute_app.command()
def close(
    context: typer.Context, number: Number, because: Because = "", as_json: JsonOption = False
) -> None:
    """Close a decided dispute, once its adjustment is applied or refused."""
    from apportion.govern.disputes import close_dispute

    with state_of(context).open() as project:
        found = close_dispute(project, number, actor=actor(), because=because)
    _told(found, as_json)


@dispute_app.command()
def withdraw(
    context: typer.Context, number: Number, because: Because, as_json: JsonOption = False
) -> None:
    """Take a dispute back; its team no longer says that the line is wrong."""
    from apportion.govern.disputes import withdraw as act

    with state_of(context).open() as project:
        found = act(project, number, actor=actor(), because=because)
    _told(found, as_json)


@dispute_app.command()
def simulate(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="[NUMBER]", help="A dispute's number.")] = 0,
    period: Annotated[
        str, typer.Option("--period", metavar="YYYY-MM", help="Without a dispute: the month,")
    ] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="the team,")] = "",
    line: Annotated[str, typer.Option("--line", help="and its line.")] = "",
    remedy: Annotated[
        str,
        typer.Option(
            "--remedy", help="exempt (from the pool), quantity (of a driver), owner (of charges)."
        ),
    ] = "",
    quantity: Annotated[
        str, typer.Option("--quantity", help="What the team's driver quantity should be.")
    ] = "",
    driver: Annotated[
        str, typer.Option("--driver", help="Of which driver, where the pool goes by several.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", help="Whose the charges of a direct line would be.")
    ] = "unallocated",
    as_json: JsonOption = False,
) -> None:
    """Show what accepting a dispute would change for every other team; books nothing.

    The month is evaluated anew: with the team exempt from the pool by the pool's own rule,
    with another driver quantity, or with the direct line's charges given to another owner. All
    differences together are zero.
    """
    from fractions import Fraction

    from apportion.cli.console import print_json
    from apportion.errors import UsageError
    from apportion.govern.simulate import Question, question_of
    from apportion.govern.simulate import simulate as act
    from apportion.publish.dispute_document import simulation_document
    from apportion.store.books.disputes import dispute_in

    figure = _amount(quantity)
    exact = None if figure is None else Fraction(figure)
    with state_of(context).open() as project:
        if number:
            with project.books.reading() as connection:
                held = dispute_in(connection, number)
            said = Question(held.period, held.team, held.line, _remedy(remedy), exact, driver, to)
            question = question_of(held, said)
        elif period and team and line:
            question = Question(period_of(period), team, line, _remedy(remedy), exact, driver, to)
        else:
            raise UsageError("say which line", hint="a dispute, or --period, --team and --line")
        found = act(project, question)
    if as_json:
        print_json(simulation_document(found))
    else:
        _print_simulation(found)


def _remedy(text: str) -> Remedy | None:
    from apportion.errors import UsageError
    from apportion.govern.simulate import Remedy

    if not text:
        return None
    known = [str(one) for one in Remedy]
    if text not in known:
        raise UsageError(f"{text!r} is no remedy", hint=f"one of {', '.join(known)}")
    return Remedy(text)


def _amount(text: str) -> Decimal | None:
    from apportion.domain.money import parse_amount
    from apportion.errors import UsageError

    if not text:
        return None
    try:
        return parse_amount(text)
    except ValueError as wrong:
        raise UsageError(f"{text!r} is no amount", why=str(wrong)) from None


def _today() -> date:
    return datetime.now(UTC).date()


def dispute_row(one: Dispute, today: date) -> tuple[str, ...]:
    """A dispute as a row of a table."""
    from apportion.cli.console import money

    deadline = one.decide_by.isoformat() if one.state.is_open else "–"
    return (
        str(one.id),
        str(one.period),
        one.team,
        f"{one.title} ({one.line})",
        str(one.reason),
        str(one.state),
        f"{deadline} OVERDUE" if one.is_overdue(today) else deadline,
        f"{money(one.amount)} {one.currency}",
    )


def _told(found: Dispute, as_json: bool, *, whole: bool = False) -> None:
    from apportion.cli.console import money, print_json, printable, say
    from apportion.publish.dispute_document import dispute_document

    if as_json:
        print_json(dispute_document(found, _today(), whole=whole))
        return
    by = f", to be decided by {found.decide_by}" if found.state.is_open else ""
    overdue = " (OVERDUE)" if found.is_overdue(_today()) else ""
    text = (
        f"dispute {found.id} is {found.state}{by}{overdue}: team {found.team}, {found.title}, "
        f"{money(found.amount)} {found.currency} of {found.period}, {found.reason}: {found.because}"
    )
    say(printable(text))
    if found.given and whole:
        say(printable(f"  given as evidence: {found.given}"))
    for one in found.steps if whole else ():
        say(
            printable(f"  {one.at:%Y-%m-%d %H:%M} {one.state} by {one.actor}: {one.because or '–'}")
        )


def _print_simulation(found: Simulation) -> None:
    from apportion.cli.console import money, say, table

    asked = found.question
    say(
        f"{found.line.title} of team {asked.team} in {asked.period} ({found.remedy}): "
        f"{money(found.line.amount)} {found.currency} would be {money(found.line_after)}"
    )
    rows = [
        (str(one.owner), money(one.before), money(one.after), f"{one.difference:+,f}")
        for one in found.effects
    ]
    whole = sum((one.difference for one in found.effects), found.line.amount * 0)
    rows.append(("together", "", "", f"{whole:,f}"))
    table("", ("owner", "before", "after", "difference"), rows)
    if found.stale:
        say("bills or model have changed since the run that stands: both sides go by today's")
    say("nothing was booked")
