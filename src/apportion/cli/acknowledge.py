"""apportion acknowledge: accept what keeps a proof open, with a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import PeriodOption, actor, loaded, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(acknowledge)


def acknowledge(
    context: typer.Context,
    source: Annotated[str, typer.Option("--source", help="The source that it is about.")],
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why it may stay so.")],
) -> None:
    """Accept what keeps a period's proof open, with a reason that the audit log keeps.

    That is rows in quarantine, which stay out, and doubts about the files:
    overlapping ones, or Azure's two exports where one lacks what the other has.
    """
    from apportion.cli.console import say, some
    from apportion.errors import UsageError

    if not because.strip():
        raise UsageError("a reason is missing", hint="say why under --because")
    with state_of(context).open() as project:
        held = loaded(project, source, period_of(period))
        rows = sum(
            totals.quarantined_rows
            for snapshot in held
            for unit in snapshot.units
            for totals in unit.totals
        )
        doubts = sum(len(snapshot.findings) for snapshot in held)
        if not rows and not doubts:
            raise UsageError(
                f"source {source} has nothing in {period} that keeps its proof open",
                hint=f"see what was set aside: `apportion quarantine --period {period}`",
            )
        for snapshot in held:
            project.books.acknowledge(snapshot.id, actor(), because.strip())
    counted = ((rows, "quarantined row"), (doubts, "doubt"))
    what = " and ".join(some(number, word) for number, word in counted if number)
    say(f"{what} of {source} in {period} acknowledged by {actor()}")
