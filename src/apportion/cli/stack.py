"""apportion stack: direct, indirect and third-party cost of each team."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(stack)


def stack(
    context: typer.Context,
    period: PeriodOption,
    team: Annotated[str, typer.Option("--team", "-t", help="Only this team.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Print the cost stack: direct, indirect and third-party cost, shares of pools included.

    Amounts are those of the run, exact, in the currencies that were billed.
    """
    from apportion.cli.console import print_json, table
    from apportion.publish.documents import exact
    from apportion.run.explain import rounded
    from apportion.run.saved import latest_run
    from apportion.run.stack import find_stack

    with state_of(context).open() as project:
        run = latest_run(project.books, period_of(period))
        found = find_stack(project.workspace, project.model, run)
    parts = [one for one in found if team in {"", one.owner.name}]
    if as_json:
        listed = [
            {
                "currency": one.currency,
                "kind": str(one.owner.kind),
                "owner": one.owner.name,
                "stack": str(one.stack),
                "amount": exact(one.amounts.of(run.basis)),
            }
            for one in parts
        ]
        print_json({"period": period, "run": run.id, "basis": run.basis, "stack": listed})
        return
    rows = [
        (one.owner.name, str(one.stack), f"{rounded(one.amounts.of(run.basis)):,f}", one.currency)
        for one in parts
    ]
    table(f"{period} · cost stack · {run.basis}", ("", "stack", "amount", ""), rows, left=2)
