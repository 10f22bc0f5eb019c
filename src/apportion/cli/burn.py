"""apportion burn: how fast budgets are used up, with alerts on a short and a long window."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, day_of, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(burn)


def burn(
    context: typer.Context,
    period: Annotated[
        str,
        typer.Option("--period", metavar="YYYY-MM", help="The month; the last loaded if left out."),
    ] = "",
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="YYYY-MM-DD", help="The last day that counts as known."),
    ] = "",
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Print how fast each budget is used up: a rate of 1 lasts to the end of the month.

    A month's budget is laid on its days as earlier months lay on theirs. An alert needs a long
    and a short window at once: 2.5 in three days and one (fast), 1.25 in seven days and one
    (slow). Exits with 1 where there is an alert.
    """
    from apportion.cli.console import findings, money, print_json, printable, say, table
    from apportion.insight.burn.burns import find_burns
    from apportion.publish.estimate import estimate
    from apportion.publish.forecast_document import burn_document

    with state_of(context).open() as project:
        found = find_burns(
            project.workspace,
            project.model,
            period=period_of(period) if period else None,
            as_of=day_of(as_of) if as_of else None,
            team=team,
        )
    if as_json:
        print_json(burn_document(found))
    else:
        findings(found.findings)
        rows = [
            (
                printable(one.team),
                *(
                    money(estimate(value, one.currency))
                    for value in (one.burn.budget, one.burn.spent, one.burn.allowed)
                ),
                f"{one.burn.rate:.2f}",
                *(f"{rate:.2f}" for rate in one.burn.rates.values()),
                one.currency,
            )
            for one in found.teams
        ]
        heads = ("", "budget", "spent", "allowed so far", "rate", "1 day", "3 days", "7 days", "")
        table(f"{found.period} as of {found.as_of}", heads, rows)
        say("rate = spent ÷ what the budget allows in the same days")
    if any(one.burn.fired for one in found.teams):
        raise typer.Exit(1)
