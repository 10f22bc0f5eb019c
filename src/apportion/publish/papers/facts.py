"""What the statements of a run rest on, gathered once for all teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from apportion.domain.adjustment import Adjustment
from apportion.domain.comment import Comment
from apportion.domain.finding import Finding
from apportion.domain.issue import Issue
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.result import Run
from apportion.errors import ApportionError, ProofError
from apportion.ledger.corrections_in import CorrectionLine, corrections_in
from apportion.run.explain import Explanation, explain_all, explain_teams
from apportion.run.notices import notices
from apportion.run.reconcile import Reconciliation, reconcile
from apportion.run.said import Sayings
from apportion.run.saved import latest_run
from apportion.run.statement import Statement, currencies, draw_statements, one_team
from apportion.store.books.adjustments import adjustments_on
from apportion.store.books.audit_chain import head
from apportion.store.books.issues import issue_of

if TYPE_CHECKING:
    from apportion.insight.mover_values import ItemMove, LineMove, Moved
    from apportion.insight.unit_costs import UnitCosts
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Version:
    """Which statement this is: the issue of the run, or a draft while it isn't issued.

    `audit_head` is the digest of the audit log's last line at the issue, for a draft now.
    """

    issue: Issue | None
    state: PeriodState
    audit_head: str


@dataclass(frozen=True)
class Moves:
    """What moved of one team in one currency, the largest change first."""

    lines: list[LineMove] = field(default_factory=list)
    items: list[ItemMove] = field(default_factory=list)


@dataclass(frozen=True)
class PaperFacts:
    """A run as statements tell of it; `moved` and `costs` are None where they can't be told,
    and `moved_why`, `costs_why` say why then.
    """

    project: str
    run: Run
    statements: tuple[Statement, ...]
    explained: Mapping[str, tuple[Explanation, ...]]
    said: Sayings
    reconciled: Reconciliation
    notices: tuple[Finding, ...]
    version: Version
    comments: Mapping[str, tuple[Comment, ...]]
    previous: Run | None
    moved: Moved | None
    moved_why: str
    costs: UnitCosts | None
    costs_why: str
    adjustments: tuple[Adjustment, ...] = ()
    corrections: tuple[CorrectionLine, ...] = ()

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(facts.team for facts in self.run.teams)

    @cached_property
    def moves(self) -> Mapping[tuple[str, str], Moves]:
        """By team and currency, the lines and what they are made of, as they moved."""
        found: dict[tuple[str, str], Moves] = defaultdict(Moves)
        for movers in self.moved.movers if self.moved else ():
            for line in movers.lines:
                if line.line.owner.kind is OwnerKind.TEAM:
                    found[line.line.owner.name, movers.currency].lines.append(line)
            for item in movers.items:
                if item.line.owner.kind is OwnerKind.TEAM:
                    found[item.line.owner.name, movers.currency].items.append(item)
        return found


def gather_facts(project: OpenProject, period: Period, team: str = "") -> PaperFacts:
    """Read a period's run and all that its statements say; changes nothing.

    With a `team` only what its own statement needs. Raises NotLoaded where the period has no
    run, or no such team.
    """
    run = latest_run(project.books, period)
    previous = project.books.run(period.previous())
    statements = draw_statements(run, project.settings.currency, previous=previous)
    if team:
        one_team(statements[0], team)
    moved, moved_why = _movers(project, previous, run, team)
    costs, costs_why = _unit_costs(project, run)
    return PaperFacts(
        project=project.settings.name,
        run=run,
        statements=statements,
        explained=_explained(run, project.settings.currency, team),
        said=Sayings.of(project, run),
        reconciled=reconcile(project.settings, project.books, run),
        notices=notices(project, run),
        version=version_of(project, run),
        comments=_comments(project, period),
        previous=previous,
        moved=moved,
        moved_why=moved_why,
        costs=costs,
        costs_why=costs_why,
        adjustments=_adjustments(project, period),
        corrections=corrections_in(project, period, run),
    )


def version_of(project: OpenProject, run: Run) -> Version:
    """Whether a run's statements are issued, and where the month is."""
    with project.books.reading() as connection:
        issue = issue_of(connection, run.period, run.id)
        now = head(connection)
    return Version(issue, project.books.state(run.period), issue.audit_head if issue else now)


def _explained(run: Run, currency: str, team: str) -> dict[str, tuple[Explanation, ...]]:
    wanted = currencies(run, currency)
    if team:
        return {team: explain_all(run, wanted, team)}
    found: dict[str, list[Explanation]] = defaultdict(list)
    for one in explain_teams(run, wanted):
        found[one.team].append(one)
    return {name: tuple(own) for name, own in found.items()}


def _comments(project: OpenProject, period: Period) -> dict[str, tuple[Comment, ...]]:
    found: dict[str, list[Comment]] = defaultdict(list)
    for one in project.books.comments(period):
        found[one.team].append(one)
    return {name: tuple(own) for name, own in found.items()}


def _adjustments(project: OpenProject, period: Period) -> tuple[Adjustment, ...]:
    with project.books.reading() as connection:
        return adjustments_on(connection, period)


def _movers(
    project: OpenProject, previous: Run | None, run: Run, team: str
) -> tuple[Moved | None, str]:
    from apportion.insight.movers import find_movers

    if previous is None:
        return None, f"{run.period.previous()} has no run to compare with"
    if team and team not in {facts.team for facts in previous.teams}:
        return None, f"the team isn't in {run.period.previous()}"
    try:
        return find_movers(project.workspace, project.model, previous, run, team=team), ""
    except ProofError:
        raise
    except ApportionError as fault:
        return None, fault.what


def _unit_costs(project: OpenProject, run: Run) -> tuple[UnitCosts | None, str]:
    from apportion.insight.unit_costs import find_unit_costs

    try:
        return find_unit_costs(project.workspace, project.model, run, by="team"), ""
    except ProofError:
        raise
    except ApportionError as fault:
        return None, fault.what


def parts_of(facts: PaperFacts, team: str) -> Iterator[tuple[Statement, tuple[Explanation, ...]]]:
    """The statements that a team is in, by currency, each with the explanations of its lines.

    The first is there also where the team carries nothing.
    """
    explained = facts.explained.get(team, ())
    for number, statement in enumerate(facts.statements):
        own = {line.id for line in one_team(statement, team).lines}
        if own or not number:
            yield statement, tuple(one for one in explained if one.line.id in own)
