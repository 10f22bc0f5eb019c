"""apportion run: evaluate the model on a period's charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apportion.domain.finding import Finding
    from apportion.domain.result import Run


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Evaluate the model on a period's charges: attribute, allocate, prove, and save the run.

    Where apportion.yaml names a shadow model for the period, it is evaluated
    too; statements show what it would charge for information.
    """
    from time import perf_counter

    from apportion.cli.console import findings, print_json, say
    from apportion.run.reconcile import silent_sources
    from apportion.run.run_period import run_period

    began = perf_counter()
    with state_of(context).open() as project:
        saved = run_period(project, period_of(period))
        made = saved.run
        held = project.books.current(period=made.period, quarantined=False)
        told = (
            *made.findings,
            *saved.findings,
            *silent_sources(project.settings, made.period, held),
        )
    seconds = perf_counter() - began
    if as_json:
        shadow = saved.shadow.id if saved.shadow else None
        print_json({**_document(made, seconds, told), "shadow": shadow})
        return
    findings(told)
    charges = sum(part.charges for part in made.attributed)
    say(
        f"run {made.id} of {period}: {charges:,} charges, {len(made.teams)} teams, "
        f"{len(made.lines)} lines, {seconds:.2f} s"
    )
    if saved.shadow:
        say(f"shadow run {saved.shadow.id} beside it, for information")
    say(
        f"Next: apportion statement --period {period}   and   apportion reconcile --period {period}"
    )


def _document(made: Run, seconds: float, told: Iterable[Finding]) -> dict[str, object]:
    from apportion.publish.documents import finding_document

    return {
        "period": str(made.period),
        "run": made.id,
        "model": made.model,
        "snapshots": list(made.snapshots),
        "charges": sum(part.charges for part in made.attributed),
        "teams": len(made.teams),
        "lines": len(made.lines),
        "currency": made.currency or None,
        "seconds": round(seconds, 3),
        "findings": [finding_document(finding) for finding in told],
    }
