"""apportion comment: what teams say of the lines of their statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, actor, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.period import Period
    from apportion.run.open_project import OpenProject


def register(app: typer.Typer) -> None:
    app.command()(comment)


def comment(
    context: typer.Context,
    period: PeriodOption,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What is said of the line.")] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="The team.")] = "",
    line: Annotated[str, typer.Option("--line", help="The line, by its id.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Say something of a line of a team's statement; without a text, list what was said.

    A line that only the shadow model has can be commented on too. Comments are
    kept with their author and never changed; `apportion compare` shows them.
    """
    from datetime import UTC, datetime

    from apportion.cli.console import print_json, printable, say
    from apportion.domain.comment import Comment
    from apportion.errors import UsageError
    from apportion.publish.compare_document import comment_document

    month = period_of(period)
    if line and not text.strip():
        raise UsageError("a comment without words", hint="say it after the options, in quotes")
    if text and not (team and line):
        raise UsageError(
            "say on which line", hint="give --team and --line; `apportion statement --team` has ids"
        )
    with state_of(context).open() as project:
        if text:
            _check_line(project, month, team, line)
            said = Comment(month, team, line, text.strip(), actor(), datetime.now(UTC))
            project.books.comment(said)
        found = (said,) if text else project.books.comments(month, team or None)
    if as_json:
        print_json({"period": period, "comments": [comment_document(one) for one in found]})
        return
    for one in found:
        say(printable(f"{one.team} {one.line} {one.at:%Y-%m-%d %H:%M} {one.author}: {one.text}"))
    if not found:
        say(f"nothing was said of {period}")


def _check_line(project: OpenProject, period: Period, team: str, line: str) -> None:
    """Raise NotLoaded unless the team has the line, in the latest run or in the shadow run."""
    from apportion.domain.owner import Owner, OwnerKind
    from apportion.errors import NotLoaded
    from apportion.run.saved import latest_run

    run = latest_run(project.books, period)
    beside = project.books.shadow(run.id, ("lines",))
    lines = [*run.lines, *(beside[0].lines if beside else ())]
    if not any(one.id == line and one.owner == Owner(OwnerKind.TEAM, team) for one in lines):
        raise NotLoaded(
            f"team {team} has no line {line!r} in {period}",
            hint=f"its lines are listed by `apportion statement --period {period} --team {team}`",
        )
