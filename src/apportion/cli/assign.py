"""apportion assign: write into the model whose a resource is, by a person's decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, period_of, state_of

if TYPE_CHECKING:
    from datetime import date

    from apportion.insight.decide import Terms
    from apportion.model.assignments import Assignment
    from apportion.run.open_project import OpenProject


def register(app: typer.Typer) -> None:
    app.command()(assign)


def assign(
    context: typer.Context,
    resource: Annotated[
        str, typer.Argument(metavar="[RESOURCE]", help="A resource, by its id or its name.")
    ] = "",
    team: Annotated[
        str, typer.Option("--team", "-t", help="The team; the likely owner when left out.")
    ] = "",
    period: Annotated[
        str,
        typer.Option("--period", metavar="YYYY-MM", help="Accept its likely owner in this period."),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Accept every likely owner of the period.")
    ] = False,
    at_least: Annotated[
        int, typer.Option("--at-least", min=50, max=100, help="With --all: from this score on.")
    ] = 80,
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="DAY", help="First day; the (latest) period's when left out."
        ),
    ] = "",
    until: Annotated[
        str,
        typer.Option("--until", metavar="DAY", help="The day after the last; open otherwise."),
    ] = "",
    because: Annotated[
        str, typer.Option("--because", help="Why; the evidence when left out.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Write whose a resource is: `RESOURCE --team T`, or accept a likely owner with --period P.

    The decision goes into the model's dated assignment file. One that begins
    later ends an open one of another team; saying the same again changes
    nothing. The cost moves with the next `apportion run`.
    """
    from apportion.errors import UsageError
    from apportion.insight.decide import Terms

    if bool(resource) == everything or (everything and team):
        raise UsageError("name one resource, or give --all without a team")
    if not team and not period:
        hint = "give --team TEAM, or --period YYYY-MM to accept the likely owner"
        raise UsageError("whose it is isn't said", hint=hint)
    with state_of(context).open() as project:
        terms = Terms(_day(start), _day(until), because, actor())
        wanted = _wanted(project, resource, team, period, at_least, terms)
        changed = _write(project, wanted)
    _report(wanted, changed, as_json=as_json)


def _wanted(
    project: OpenProject, resource: str, team: str, period: str, at_least: int, terms: Terms
) -> Sequence[Assignment]:
    from dataclasses import replace

    from apportion.insight.decide import accept_all, accept_likely, give_to_team

    if team:
        if period and not terms.start:
            terms = replace(terms, start=period_of(period).start)
        return [give_to_team(project.workspace, project.model, resource, team, terms)]
    month = period_of(period)
    if resource:
        return [accept_likely(project.workspace, project.model, month, resource, terms)]
    return accept_all(project.workspace, project.model, month, at_least, terms)


def _write(project: OpenProject, wanted: Sequence[Assignment]) -> int:
    from apportion.insight.assignment_file import write_assignments

    changed = write_assignments(project.settings, wanted)
    if changed:
        project.reread_model()  # a list that can't be read again must be known now
        log_assignments(project, wanted)
    return changed


def log_assignments(project: OpenProject, wanted: Sequence[Assignment]) -> None:
    """Tell the audit log of each decision."""
    for one in wanted:
        detail = {
            "team": one.team,
            "from": str(one.start or ""),
            "until": str(one.until or ""),
            "because": one.because,
        }
        project.books.log(actor(), "assign", one.resource, detail)


def assignment_document(one: Assignment) -> dict[str, object]:
    """An assignment as JSON."""
    return {
        "resource": one.resource,
        "team": one.team,
        "from": None if one.start is None else one.start.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "because": one.because,
    }


def _report(wanted: Sequence[Assignment], changed: int, *, as_json: bool) -> None:
    from apportion.cli.console import print_json, printable, say

    if as_json:
        print_json(
            {"changed": changed, "assignments": [assignment_document(one) for one in wanted]}
        )
        return
    for one in wanted:
        days = f"from {one.start}" + (f" until {one.until}" if one.until else "")
        say(printable(f"{one.resource}: {one.team} {days}"))
        if one.because:
            say(printable(f"  because {one.because}"))
    if not wanted:
        say("no likely owner scores that high")
    elif not changed:
        say("nothing changed: the model says so already")
    else:
        lines = "1 line" if changed == 1 else f"{changed} lines"
        say(f"{lines} written. Next: apportion run --period YYYY-MM")


def _day(text: str) -> date | None:
    from apportion.errors import UsageError
    from apportion.model.values import as_day

    try:
        return as_day(text) if text else None
    except ValueError as why:
        raise UsageError(f"{text!r} is not a day", hint="write it as YYYY-MM-DD") from why
