"""apportion acknowledge: accept that quarantined rows stay out of the proof."""

from __future__ import annotations

from typing import Annotated

import typer

from apportion.cli.state import PeriodOption, actor, loaded, period_of, state_of


def register(app: typer.Typer) -> None:
    app.command()(acknowledge)


def acknowledge(
    context: typer.Context,
    source: Annotated[str, typer.Option("--source", help="The source that holds the rows.")],
    period: PeriodOption,
    because: Annotated[str, typer.Option("--because", help="Why they may stay out.")],
) -> None:
    """Accept that a period's quarantined rows stay out, with a reason that the audit log keeps."""
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
        if not rows:
            raise UsageError(
                f"source {source} has no quarantined rows in {period}",
                hint=f"see what was set aside: `apportion quarantine --period {period}`",
            )
        for snapshot in held:
            project.books.acknowledge(snapshot.id, actor(), because.strip())
    say(f"{some(rows, 'quarantined row')} of {source} in {period} acknowledged by {actor()}")
