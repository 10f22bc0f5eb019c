"""What whoever reads a run's figures must know: what changed since, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.domain.snapshot import SnapshotKind
from apportion.errors import ConfigurationError
from apportion.run.reconcile import Reconciliation, reconcile
from apportion.run.uncarried import uncarried
from apportion.store.books.restatements import read_restatements

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

STALE = frozenset({"run-stale", "model-changed"})
"""Codes of the notices that running again takes away."""

SHADOW_STALE = "shadow-stale"
"""Code of the notice that the shadow column is that of another shadow model."""


def notices(project: OpenProject, run: Run, basis: str = "") -> tuple[Finding, ...]:
    """Notices on a saved run, shown on a cost basis (the run's when left out), gravest first."""
    found = reconcile(project.settings, project.books, run)
    told = [*_of_proof(found), *stale(project, found), *_aside(found)]
    told += [finding for one in found.open for finding in one.findings]
    if basis and basis != run.basis:
        bills = project.books.of_kind(run.snapshots, SnapshotKind.CHARGES)
        held = [project.books.snapshot(name, quarantined=False) for name in bills]
        told += [one.finding() for one in uncarried(held, basis)]
    else:
        told += [one.finding() for one in found.uncarried]
    return tuple(sorted(told, key=lambda one: one.level.rank))


def stale(project: OpenProject, found: Reconciliation) -> Iterator[Finding]:
    """Whether other bills or another model would now be evaluated than the run was made of."""
    again = _again(project, found.run.period)
    if found.stale:
        yield Finding(
            "run-stale",
            Level.WARNING,
            "another bill or usage was loaded after this run",
            hint=again,
        )
    elif project.settings.rates and not found.run.currency:
        converts = "rates were set after this run, which converts nothing"
        yield Finding("run-stale", Level.WARNING, converts, hint=again)
    try:
        changed = project.model.hash != found.run.model
    except ConfigurationError:
        changed = True
    if changed:
        yield Finding(
            "model-changed", Level.WARNING, "the model has changed since this run", hint=again
        )


def _again(project: OpenProject, period: Period) -> str:
    """What to do about a stale run: a closed month isn't run again, but corrected."""
    if not project.books.state(period).is_closed:
        return f"run again: `apportion run --period {period}`"
    correct = f"`apportion correct --period {period}`"
    with project.books.reading() as connection:
        restated = read_restatements(connection, period)
    if not restated:
        return f"the month is closed; book what changed: {correct}"
    into = ", ".join(dict.fromkeys(str(one.into) for one in restated))
    return f"corrected in {into}; book what changed since: {correct}"


def stale_shadow(project: OpenProject, run: Run, shadow: Run, label: str) -> Iterator[Finding]:
    """Whether the shadow model is another now than the one that was evaluated beside a run."""
    now = project.settings.shadow
    what = f"the shadow model {label} has changed since this run"
    if now is None or not now.covers(run.period) or now.name != label:
        what = f"{label} is no longer the project's shadow model"
    else:
        try:
            if project.shadow_model.hash == shadow.model:
                return
        except ConfigurationError:
            what = f"the shadow model {label} can't be read now"
    yield Finding(
        "shadow-stale",
        Level.WARNING,
        f"{what}: its column is what it charged then",
        hint=f"run again: `apportion run --period {run.period}`",
    )


def _of_proof(found: Reconciliation) -> Iterator[Finding]:
    if not found.ok:
        yield Finding(
            "proof-fails",
            Level.ERROR,
            f"the proof of {found.run.period} fails: these figures don't match the bill",
            hint=f"see where: `apportion reconcile --period {found.run.period}`",
        )


def _aside(found: Reconciliation) -> Iterator[Finding]:
    for one in found.aside:
        if not one.acknowledged:
            yield Finding(
                "rows-set-aside",
                Level.WARNING,
                f"{one.rows:,} rows of source {one.source} are set aside: their money isn't here",
                hint="see them: `apportion quarantine`",
                rows=one.rows,
            )
