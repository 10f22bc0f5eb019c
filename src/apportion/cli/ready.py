"""apportion ready: what still stands against charging the teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from apportion.cli.state import JsonOption, PeriodOption, period_of, state_of

if TYPE_CHECKING:
    from apportion.domain.period import Period
    from apportion.domain.result import Run
    from apportion.insight.readiness import Facts, Readiness
    from apportion.run.open_project import OpenProject


def register(app: typer.Typer) -> None:
    app.command()(ready)


def ready(context: typer.Context, period: PeriodOption, as_json: JsonOption = False) -> None:
    """Tell what still stands against chargeback: proof, coverage, evidence, disputes, stability.

    Judges the period's latest run by the terms of `chargeback` in the model, and
    lists what is in shadow, showback and chargeback. Exits with 1 while a check
    doesn't hold.
    """
    from apportion.cli.console import print_json
    from apportion.insight.readiness import judge
    from apportion.publish.readiness_document import readiness_document

    with state_of(context).open() as project:
        found = judge(_facts(project, period_of(period)))
    if as_json:
        print_json(readiness_document(found))
    else:
        _print(found)
    if not found.ready:
        raise typer.Exit(1)


def _facts(project: OpenProject, period: Period) -> Facts:
    from apportion.insight.denials import read_denials
    from apportion.insight.readiness import Facts
    from apportion.insight.source_states import Finality, source_states
    from apportion.run.reconcile import reconcile
    from apportion.run.saved import latest_run

    run = latest_run(project.books, period)
    return Facts(
        run=run,
        proof=reconcile(project.settings, project.books, run),
        model=project.model,
        before=_before(project, run),
        denied=len(read_denials(project.settings)),
        provisional=[
            state.source
            for state in source_states(project.workspace, [period])
            if state.finality is Finality.PROVISIONAL
        ],
    )


def _before(project: OpenProject, run: Run) -> list[Run]:
    """Runs of the months before, the latest first, as far as they follow without a gap."""
    months = project.model.terms(run.span.start).months
    found: list[Run] = []
    period = run.period.previous()
    while len(found) < months and (earlier := project.books.run(period)) is not None:
        found.append(earlier)
        period = period.previous()
    return found


def _print(found: Readiness) -> None:
    from apportion.cli.console import say, table

    table(
        f"{found.period} · ready for chargeback?",
        ("check", "", "found", "wanted"),
        [(one.name, "ok" if one.ok else "NO", one.found, one.wanted) for one in found.checks],
        left=4,
    )
    for check in found.checks:
        if not check.ok:
            say(f"{check.name}: {check.formula}. {check.hint}")
    table(
        "modes",
        ("", "name", "mode"),
        [
            (str(one.kind), one.name, str(one.mode) if one.mode else "as its receivers")
            for one in found.modes
        ],
        left=3,
    )
    say(f"{found.period}: {'ready.' if found.ready else 'not ready yet.'}")
