"""apportion review: teams look at a month until a deadline; silence is acceptance then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.review import Review

review_app = typer.Typer(
    help="The review of a month: until a deadline teams accept it; silence is acceptance then."
)


def register(app: typer.Typer) -> None:
    app.add_typer(review_app, name="review")


@review_app.command("open")
def open_window(
    context: typer.Context,
    period: PeriodOption,
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="The last day of the review, YYYY-MM-DD.")
    ],
    because: Annotated[str, typer.Option("--because", help="Why, for the audit log.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Give teams until a day to look at a month's statements; it is in review then.

    A close is refused while the window runs and teams haven't answered. Opened again, it
    takes the place of the former, with its answers; a running one can't end earlier. Less than
    a full day needs --because.
    """
    from apportion.ledger.review import open_review

    asked, last = period_of(period), _day(until)
    with state_of(context).open() as project:
        found = open_review(project, asked, last, actor=actor(), because=because)
    _print(found, as_json=as_json)


@review_app.command()
def accept(
    context: typer.Context,
    period: PeriodOption,
    team: Annotated[str, typer.Option("--team", "-t", help="The team that accepts.")] = "",
    because: Annotated[str, typer.Option("--because", help="A word with it.")] = "",
    on_behalf: Annotated[
        bool,
        typer.Option("--on-behalf", help="For a team that you don't lead; with --because."),
    ] = False,
) -> None:
    """Accept a month's statement for a team; who did and when is kept.

    Once roles are granted, who doesn't lead the team accepts --on-behalf, and neither opened
    the review nor closes the month.
    """
    from apportion.cli.console import say
    from apportion.errors import UsageError
    from apportion.ledger.review import accept as accept_for

    if not team:
        raise UsageError("say which team accepts", hint="give --team NAME")
    with state_of(context).open() as project:
        done = accept_for(
            project,
            period_of(period),
            team,
            actor=actor(),
            because=because,
            on_behalf=on_behalf,
        )
    if done:
        say(f"{team} accepts {period}, says {actor()}")
    else:
        say(f"{team} has accepted {period} already; nothing changed")


@review_app.command()
def status(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Tell who accepted a month, and who hasn't said anything yet.

    Once the deadline is over, the silence of teams is written down as acceptance.
    """
    from apportion.ledger.review import review_status

    with state_of(context).open() as project:
        found = review_status(project, period_of(period))
    _print(found, as_json=as_json)


def _print(found: Review, *, as_json: bool) -> None:
    from apportion.cli.console import print_json, table
    from apportion.publish.life_document import review_document

    if as_json:
        print_json(review_document(found))
        return
    rows = [
        (
            team,
            said.how if said else "no word yet",
            said.actor if said else "",
            f"{said.at:%Y-%m-%d %H:%M}" if said else "",
            said.because if said else "",
        )
        for team in found.teams
        for said in (found.answers.get(team),)
    ]
    title = f"{found.window.period} is in review until {found.window.until}"
    table(title, ("team", "", "by", "at (UTC)", "because"), rows, left=5)


def _day(text: str) -> date:
    from apportion.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", hint="write it as YYYY-MM-DD") from None
