"""A person's decision whose a resource is: a team given outright, or a likely owner accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.insight.assignment_file import assigned_on, assignment_file
from apportion.insight.likely_owner import Proposal
from apportion.insight.loaded_resources import LoadedResource, find_loaded
from apportion.insight.untagged import UntaggedResource, find_untagged
from apportion.model.assignments import Assignment
from apportion.model.faults import did_you_mean
from apportion.model.project import Model
from apportion.run.workspace import Workspace


@dataclass(frozen=True)
class Terms:
    """From when until when a decision holds, why, and who took it. Empty days are left to it."""

    start: date | None = None
    until: date | None = None
    because: str = ""
    by: str = ""


def give_to_team(
    workspace: Workspace, model: Model, resource: str, team: str, terms: Terms
) -> Assignment:
    """A resource is a team's, from the first day of the latest loaded period if none is given.

    Periods that lie ahead (of cost that is spread over months) don't count.

    Raises UsageError for a team that isn't declared, with the nearest name, and
    for days out of order; NotLoaded for a resource that no bill knows.
    """
    teams = [unit.name for unit in model.organisation.teams]
    if team not in teams:
        raise UsageError(f"no team is called {team!r}", hint=did_you_mean(team, teams))
    value = _value(workspace, resource)
    start = terms.start or _latest(workspace).start
    return _assignment(value, team, start, terms)


def _latest(workspace: Workspace) -> Period:
    """The latest loaded period that has begun; the first, where all lie ahead."""
    periods = {snapshot.period for snapshot in workspace.books.current(quarantined=False)}
    today = datetime.now(UTC).date()
    return max((one for one in periods if one.start <= today), default=min(periods))


def accept_likely(
    workspace: Workspace, model: Model, period: Period, resource: str, terms: Terms
) -> Assignment:
    """The likely owner of one resource in a period, accepted from the period's first day on.

    One that was assigned before for that day stays as it is, so that accepting
    twice is accepting once.

    Raises UsageError where nobody is likely, and where it isn't in the gap.
    """
    value = _value(workspace, resource)
    if held := assigned_on(workspace.project, value, period.start):
        return held
    found = [one for one in _gap(workspace, model, period) if _is(one, resource)]
    if not found:
        raise UsageError(
            f"{resource!r} has an owner in {period}, or wasn't billed",
            hint="give the team outright: --team T",
        )
    proposal = found[0].verdict.proposal
    if proposal is None:
        raise UsageError(
            f"nobody is likely to own {resource!r}",
            why=found[0].verdict.why_not,
            hint="give the team outright: --team T",
        )
    return _accept(value, proposal, period, terms)


def accept_all(
    workspace: Workspace, model: Model, period: Period, at_least: int, terms: Terms
) -> tuple[Assignment, ...]:
    """Every likely owner of a period whose score is high enough, the costliest resource first."""
    column = assignment_file(workspace.project).column
    made: dict[str, Assignment] = {}
    for one in _gap(workspace, model, period):
        proposal = one.verdict.proposal
        if proposal is None or proposal.score < at_least or not one.resource.thing.id:
            continue
        loaded = LoadedResource(one.resource.thing.id, one.resource.name)
        if loaded.fits(column):
            value = loaded.value(column)
            made.setdefault(value, _accept(value, proposal, period, terms))
    return tuple(made.values())


def _gap(workspace: Workspace, model: Model, period: Period) -> list[UntaggedResource]:
    return [one for found in find_untagged(workspace, model, period) for one in found.resources]


def _is(one: UntaggedResource, called: str) -> bool:
    return called in {one.resource.thing.id, one.resource.name, one.resource.thing.name}


def _value(workspace: Workspace, resource: str) -> str:
    found = find_loaded(workspace, [resource])[resource]
    if isinstance(found, NotLoaded | UsageError):
        raise found
    return found.value(assignment_file(workspace.project).column)


def _accept(value: str, proposal: Proposal, period: Period, terms: Terms) -> Assignment:
    because = terms.because or f"likely owner with {proposal.score} points: {proposal.words}"
    start = terms.start or period.start
    return _assignment(value, proposal.team, start, Terms(start, terms.until, because, terms.by))


def _assignment(value: str, team: str, start: date, terms: Terms) -> Assignment:
    if terms.until and terms.until <= start:
        raise UsageError(
            f"it would begin on {start} and end on {terms.until}",
            hint="give an --until after --from (the day of --until is no longer part)",
        )
    return Assignment(value, team, start, terms.until, terms.because, terms.by)
