"""apportion periods: where each month is in its life, and who took it there."""

from __future__ import annotations

import typer

from apportion.cli.state import JsonOption, state_of


def register(app: typer.Typer) -> None:
    app.command()(periods)


def periods(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the steps of each month: open, accrued, in review, closed, posted, reconciled."""
    from apportion.cli.console import print_json, table

    with state_of(context).open() as project:
        steps = project.books.steps()
    if as_json:
        listed = [
            {
                "period": str(one.period),
                "state": str(one.state),
                "run": one.run or None,
                "by": one.actor,
                "because": one.because or None,
                "at": one.at.isoformat(),
            }
            for one in steps
        ]
        print_json({"steps": listed})
        return
    rows = [
        (str(one.period), str(one.state), one.actor, f"{one.at:%Y-%m-%d %H:%M}", one.because)
        for one in sorted(steps, key=lambda one: (one.period, one.at))
    ]
    table("the life of periods", ("period", "state", "by", "at (UTC)", "because"), rows, left=5)
