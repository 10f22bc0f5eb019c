"""Anomalies of a project: found day by day, with who looks after each and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from apportion.domain.anomaly_state import AnomalyNote, AnomalyState
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.insight.anomaly.detect import Sensitivity
from apportion.insight.anomaly.gather import gather
from apportion.insight.anomaly.judge import judge
from apportion.insight.anomaly.values import Anomaly
from apportion.insight.past.read_month import Month, full_months, read_months, with_days
from apportion.model.dated import on
from apportion.model.project import Model
from apportion.run.workspace import Workspace
from apportion.store.books.anomalies import read_anomaly_notes

HISTORY = 3
"""Months before the first that is looked at: what is usual is learnt from them."""

NEAR = timedelta(days=3)
"""How far an anomaly's day may move when a bill is restated, and still be the same."""


@dataclass(frozen=True)
class Watched:
    """Which days are asked about, and of whom.

    From `since` to `until`, or those of `period`; the last month that is loaded where neither
    is given. `until` is taken as today: nothing after it is looked at.
    """

    period: Period | None = None
    since: date | None = None
    until: date | None = None
    team: str = ""


@dataclass(frozen=True)
class Standing:
    """An anomaly and where it stands: `owner` looks after it, `note` is what was said last."""

    anomaly: Anomaly
    owner: str
    note: AnomalyNote | None = None

    @property
    def state(self) -> AnomalyState:
        return self.note.state if self.note else AnomalyState.OPEN


@dataclass(frozen=True)
class Anomalies:
    """What was found in some days, by the extra cost, and what must be known of it.

    `until` is the last of them on which anything is known.
    """

    since: date
    until: date
    found: tuple[Standing, ...]
    findings: tuple[Finding, ...] = ()
    months: tuple[Month, ...] = ()

    def named(self, name: str) -> Standing:
        """The anomaly whose id begins so; raises NotLoaded where none or several do."""
        own = [one for one in self.found if one.anomaly.id.startswith(name)] if name else []
        if len(own) == 1:
            return own[0]
        said = "several anomalies begin" if own else "no anomaly begins"
        raise NotLoaded(
            f"{said} with {name!r} between {self.since} and {self.until}",
            hint="see `apportion anomalies list`; `--period` or `--since` says where to look",
        )


def find_anomalies(workspace: Workspace, model: Model, watched: Watched) -> Anomalies:
    """The anomalies of some days, judged by what was known on each of them. Nothing is saved.

    Purchases, taxes and credits aren't judged: only what is for use. Raises NotLoaded where
    the days aren't loaded, UsageError where they can't be.
    """
    loaded = full_months(workspace)
    since, until = _days(watched, loaded)
    wanted = [one for one in loaded if _history(since) <= one <= Period.of(until)]
    if Period.of(since) not in wanted:
        raise NotLoaded(
            f"no charges are loaded for {Period.of(since)}",
            hint="load a bill that covers it: `apportion load`",
        )
    months, findings = read_months(workspace, model, wanted)
    months = tuple(with_days(workspace, model, month) for month in months)
    settings = workspace.project.anomalies
    sensitivity = Sensitivity(float(settings.least), settings.spreads)
    made: list[Anomaly] = []
    known = since
    for currency, facts in sorted(gather(workspace, model, months).items()):
        last = min(until, max(one.day for one in facts))
        known = max(known, last)
        found = judge(facts, wanted[0].start, last, since, sensitivity)
        made += (replace(one, currency=currency) for one in found)
    with workspace.books.reading() as connection:
        notes = read_anomaly_notes(connection)
    standing = (_standing(one, notes, model) for one in made if watched.team in {"", one.owner})
    ranked = tuple(sorted(standing, key=lambda one: (-one.anomaly.extra, one.anomaly.id)))
    return Anomalies(since, known, ranked, (*findings, *_remarks(wanted, since)), months)


def _days(watched: Watched, loaded: Sequence[Period]) -> tuple[date, date]:
    if not loaded:
        raise NotLoaded("no charges are loaded", hint="load a bill: `apportion load`")
    if watched.since is not None:
        since, end = watched.since, loaded[-1].until - timedelta(days=1)
    else:
        period = watched.period or loaded[-1]
        since, end = period.start, period.until - timedelta(days=1)
    until = watched.until or end
    if until < since:
        raise UsageError(f"{until} lies before {since}", hint="give a later day as the end")
    return since, until


def _history(since: date) -> Period:
    period = Period.of(since)
    for _ in range(HISTORY):
        period = period.previous()
    return period


def _standing(anomaly: Anomaly, notes: Iterable[AnomalyNote], model: Model) -> Standing:
    own = [one for one in notes if _same(anomaly, one)]
    note = own[-1] if own else None
    return Standing(anomaly, (note.owner if note else "") or owner_of(model, anomaly), note)


def _same(anomaly: Anomaly, note: AnomalyNote) -> bool:
    """Whether a note speaks of an anomaly, be it that a restated bill moved it by a day or two."""
    if note.anomaly == anomaly.id:
        return True
    place = note.channel, note.team, note.service
    near = abs(note.noticed - anomaly.noticed) <= NEAR
    return place == (str(anomaly.channel), anomaly.owner, anomaly.service) and near


def owner_of(model: Model, anomaly: Anomaly) -> str:
    """Who answers for a team or a pool in the model, or an empty text."""
    unit = model.organisation.units.get(anomaly.owner)
    if unit is not None:
        return on(unit.owner, anomaly.noticed) or ""
    pool = next((one for one in model.pools if f"pool {one.name}" == anomaly.owner), None)
    return getattr(pool, "owner", "") or ""


def _remarks(periods: Sequence[Period], since: date) -> Iterable[Finding]:
    known = (since - periods[0].start).days
    if known < 63:
        yield Finding(
            "anomalies-short-history",
            Level.NOTE,
            f"{known} days before {since} are known: the week and the beginning of a month are "
            "learnt from 63",
            None,
            "load older bills: with them fewer alerts are false",
        )
