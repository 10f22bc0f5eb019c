"""One period run and saved, with the shadow model beside it where the project has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import ConfigurationError
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run


@dataclass(frozen=True)
class Made:
    """A run as it was saved, and the shadow run beside it, if any."""

    run: Run
    shadow: Run | None = None
    findings: tuple[Finding, ...] = ()


def run_period(project: OpenProject, period: Period) -> Made:
    """Evaluate the model on a period, save the run, and the shadow model's beside it.

    A shadow model with a fault doesn't keep the run from being made: that is a
    finding, and so is a month that is closed, which stays as it was issued. Raises as
    `evaluate` does.
    """
    made = evaluate(project.workspace, project.model, period)
    project.books.save_run(made)
    closed = tuple(_closed(project, made))
    shadow = project.settings.shadow
    if shadow is None or not shadow.covers(period):
        return Made(made, findings=closed)
    try:
        beside = evaluate(project.workspace, project.shadow_model, period)
    except ConfigurationError as fault:
        told = Finding(
            "shadow-not-evaluated",
            Level.WARNING,
            f"the shadow model {shadow.name} can't be evaluated: {fault.what}",
            fault.place or shadow.place,
            fault.hint,
        )
        return Made(made, findings=(*closed, told))
    project.books.save_shadow(made.id, beside, shadow.name)
    return Made(made, beside, closed)


def _closed(project: OpenProject, made: Run) -> Iterator[Finding]:
    """That a closed month's statements don't follow a run that says something else."""
    period = made.period
    if project.books.state(period).is_closed and made.id != latest_run(project.books, period).id:
        yield Finding(
            "period-closed",
            Level.WARNING,
            f"{period} is closed: its statements and its journal stay as they were issued",
            hint=f"book what changed in an open month: `apportion correct --period {period}`",
        )
