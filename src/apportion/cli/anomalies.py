"""apportion anomalies: what wasn't usual, what drove it, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apportion.cli.state import JsonOption, actor, day_of, period_of, state_of

if TYPE_CHECKING:
    from apportion.insight.anomaly.anomalies import Anomalies, Standing, Watched
    from apportion.insight.anomaly.spike import Spike

anomalies_app = typer.Typer(
    help="Spend and usage that aren't usual: what drove them, and where each stands."
)

Month = Annotated[
    str,
    typer.Option("--period", metavar="YYYY-MM", help="The month; the last loaded if left out."),
]
Since = Annotated[
    str,
    typer.Option("--since", metavar="YYYY-MM-DD", help="From this day on, in place of a month."),
]
Until = Annotated[
    str, typer.Option("--until", metavar="YYYY-MM-DD", help="Nothing after this day is looked at.")
]
Number = Annotated[
    str, typer.Argument(metavar="ID", help="The anomaly, by its id or how it begins.")
]


TeamOption = Annotated[str, typer.Option("--team", "-t", help="Only this team.")]


def register(app: typer.Typer) -> None:
    app.add_typer(anomalies_app, name="anomalies")
    app.command()(spike)


def _watched(period: str, since: str, until: str, team: str = "") -> Watched:
    from apportion.insight.anomaly.anomalies import Watched

    return Watched(
        period_of(period) if period else None,
        day_of(since) if since else None,
        day_of(until) if until else None,
        team,
    )


@anomalies_app.command("list")
def list_(
    context: typer.Context,
    period: Month = "",
    since: Since = "",
    until: Until = "",
    team: TeamOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print the anomalies of a month, the dearest first, each with its driver.

    Judged day by day, by team, service and job or key, against what was usual by then: the
    week, the beginning and the end of a month, growth, and new things are known.
    """
    from apportion.cli.console import findings, print_json
    from apportion.insight.anomaly.anomalies import find_anomalies
    from apportion.publish.anomaly_document import anomalies_document

    watched = _watched(period, since, until, team)
    with state_of(context).open() as project:
        found = find_anomalies(project.workspace, project.model, watched)
    if as_json:
        print_json(anomalies_document(found))
        return
    findings(found.findings)
    _print(found)


def _print(found: Anomalies) -> None:
    from apportion.cli.console import say, table

    if not found.found:
        say(f"nothing unusual from {found.since} to {found.until}")
        return
    heads = ("id", "team", "service", "driver", "from", "state", "owner", "extra cost", "usual day")
    rows = [_row(one) for one in found.found]
    table(f"anomalies noticed from {found.since} to {found.until}", heads, rows, left=7)
    say("extra cost is an estimate: what is beyond the usual of the weeks before")


def _row(standing: Standing) -> tuple[str, ...]:
    from apportion.cli.console import money, printable
    from apportion.publish.estimate import estimate

    one = standing.anomaly
    driver = f"{one.drivers[0].name} ({one.drivers[0].effect})" if one.drivers else ""
    days = f"{one.first:%d %b}" + (", goes on" if one.running else f" to {one.last:%d %b}")
    return (
        one.id,
        printable(one.owner),
        printable(one.service if one.channel == "spend" else f"{one.service} (usage)"),
        printable(driver),
        days,
        str(standing.state),
        printable(standing.owner),
        money(estimate(one.extra, one.currency)),
        money(estimate(one.usual, one.currency)),
    )


@anomalies_app.command()
def show(
    context: typer.Context,
    number: Number,
    period: Month = "",
    since: Since = "",
    until: Until = "",
    team: TeamOption = "",
    runbook: Annotated[
        bool, typer.Option("--runbook", help="As a summary in Markdown: see `apportion spike`.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print one anomaly with its drivers, its cost so far and by the month's end."""
    _show(context, number, (period, since, until, team), runbook=runbook, as_json=as_json)


def spike(
    context: typer.Context,
    number: Number,
    period: Month = "",
    since: Since = "",
    until: Until = "",
    team: TeamOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print the blameless summary of a spike in Markdown, to be filled in by those who know.

    What, which job or key, cost so far and by the month's end, what was set to prevent it, and
    a timeline. `apportion anomalies list` has the ids.
    """
    _show(context, number, (period, since, until, team), runbook=True, as_json=as_json)


def _show(
    context: typer.Context,
    number: str,
    days: tuple[str, str, str, str],
    *,
    runbook: bool,
    as_json: bool,
) -> None:
    from apportion.cli.console import print_json
    from apportion.insight.anomaly.anomalies import find_anomalies
    from apportion.insight.anomaly.spike import find_spike
    from apportion.publish.anomaly_document import spike_document, spike_markdown

    with state_of(context).open() as project:
        found = find_anomalies(project.workspace, project.model, _watched(*days))
        told = find_spike(project.workspace, project.model, found, number)
    if as_json:
        print_json(spike_document(told))
    elif runbook:
        typer.echo(spike_markdown(told), nl=False)
    else:
        _print_spike(told)


def _print_spike(told: Spike) -> None:
    from apportion.cli.console import money, printable, say, table
    from apportion.publish.estimate import estimate

    one, code = told.standing.anomaly, told.standing.anomaly.currency
    say(printable(f"{one.id}: {one.owner}, {one.service} ({one.channel}, {one.cause})"))
    say(f"{one.first} to {one.last}, noticed {one.noticed}" + (", goes on" if one.running else ""))
    say(f"extra cost so far {money(estimate(one.extra, code))} {code}")
    say(f"by the end of the month {money(estimate(told.projected, code))} {code}")
    say(printable(f"{told.standing.state}, looked after by {told.standing.owner or 'nobody'}"))
    rows = [
        (
            printable(driver.name),
            printable(driver.kind),
            printable(", ".join(driver.who)),
            driver.effect,
            money(estimate(driver.extra, code)),
        )
        for driver in one.drivers
    ]
    table("what drove it", ("what", "kind", "who can tell", "how", "extra cost"), rows, left=4)
    for note in told.notes:
        say(printable(f"{note.at:%Y-%m-%d %H:%M} {note.actor}: {note.state}: {note.because}"))


Because = Annotated[str, typer.Option("--because", help="Why: a ticket, a cause, what was done.")]
Owner = Annotated[str, typer.Option("--owner", help="Who looks after it from now on.")]


@anomalies_app.command()
def ack(
    context: typer.Context,
    number: Number,
    because: Because,
    owner: Owner = "",
    state: Annotated[
        str, typer.Option("--state", help="acknowledged, explained, false, or open again.")
    ] = "acknowledged",
    period: Month = "",
    since: Since = "",
    until: Until = "",
    team: TeamOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say where an anomaly stands: acknowledged, explained, false, or open again.

    Kept in the books with who said so and why; nothing is ever changed there.
    """
    from apportion.cli.console import print_json, printable, say
    from apportion.domain.anomaly_state import AnomalyState
    from apportion.errors import UsageError
    from apportion.govern.answer_anomaly import answer_anomaly
    from apportion.insight.anomaly.anomalies import find_anomalies
    from apportion.publish.anomaly_document import note_document

    if state not in {str(one) for one in AnomalyState}:
        raise UsageError(
            f"{state!r} is no state of an anomaly",
            hint=f"it is one of {', '.join(AnomalyState)}",
        )
    with state_of(context).open() as project:
        found = find_anomalies(
            project.workspace, project.model, _watched(period, since, until, team)
        )
        note = answer_anomaly(
            project.books,
            found.named(number),
            AnomalyState(state),
            actor=actor(),
            because=because,
            owner=owner,
        )
    if as_json:
        print_json(note_document(note))
        return
    say(printable(f"{note.anomaly} is {note.state}, looked after by {note.owner or 'nobody'}"))
