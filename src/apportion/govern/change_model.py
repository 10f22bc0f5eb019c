"""Changes of the model: proposed with what they would move, agreed on, and taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.approval import Approval, ApprovalRequest
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.errors import PeriodClosed, UsageError
from apportion.model.as_of import as_of
from apportion.model.diff import Change, diff, moves_money
from apportion.model.digest import digest_of
from apportion.model.project import Model
from apportion.run.compare import Compared, compare
from apportion.run.other_model import read_other_model
from apportion.store.books.approvals import approvals_of, ask, need_approval
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.model_changes import (
    ModelChange,
    add_change,
    model_change,
    read_model_changes,
)
from apportion.store.books.model_reviews import ModelReview, add_review, review_of_change
from apportion.store.books.period_steps import state_in
from apportion.store.books.roles import read_roles

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Proposal:
    """A proposed model beside the project's: what it says differently, and what that moves.

    `compared` is None where no charges are loaded; `benefits` are the teams that would pay less.
    """

    changes: tuple[Change, ...]
    content: str
    compared: Compared | None
    findings: tuple[Finding, ...] = ()

    @property
    def benefits(self) -> tuple[str, ...]:
        if self.compared is None:
            return ()
        gains = {
            own.owner.name
            for one in self.compared.together
            for own in one.owners
            if own.owner.kind is OwnerKind.TEAM and own.exact < 0
        }
        return tuple(sorted(gains))


@dataclass(frozen=True)
class Proposed:
    """A proposal in the books, what was decided on it, and how it was taken in, if it was."""

    change: ModelChange
    approval: Approval
    applied: ModelReview | None = None

    @property
    def state(self) -> str:
        """applied, or as its approval: open, approved, rejected."""
        return "applied" if self.applied else str(self.approval.state)


@dataclass(frozen=True)
class Wish:
    """What is proposed: which model, from which day, why, and who has to agree."""

    named: str
    effective: date
    because: str
    reviewers: tuple[str, ...]
    authors: tuple[str, ...] = field(default_factory=tuple)


def content_of(model: Model) -> str:
    """A digest of all that a model says, the policies of governance that judge it included."""
    return digest_of([model.hash, model.governance])


def prepare_change(project: OpenProject, wish: Wish, period: Period | None = None) -> Proposal:
    """Hold a proposed model against the project's; changes nothing.

    What it moves is shown on the charges of a period, the last that is loaded when left out,
    with both models as they are on the effective day. Raises UsageError where both say the
    same, PeriodClosed where the day lies in a closed month.
    """
    proposed = read_other_model(project.settings, wish.named)
    changes = diff(project.model, proposed)
    if not changes:
        raise UsageError(
            f"{wish.named} says what the model says", hint="there is nothing to propose"
        )
    with project.books.reading() as connection:
        _check_effective(connection, wish.effective)
    loaded = sorted({one.period for one in project.books.current(quarantined=False)})
    shown = period or (loaded[-1] if loaded else None)
    compared = None
    if shown is not None:
        old, new = (as_of(one, wish.effective) for one in (project.model, proposed))
        compared = compare(project.workspace, old, new, [shown])
    told = tuple(_moved_before(project, proposed, wish.effective, loaded))
    return Proposal(changes, content_of(proposed), compared, told)


def propose_change(
    project: OpenProject, wish: Wish, *, actor: str, period: Period | None = None
) -> tuple[Proposed, Proposal]:
    """Propose a model and ask its reviewers; they decide by `apportion approve model-change N`.

    Whoever proposes or wrote it can't be its reviewer, which raises NotAllowed; nor may one who
    leads a team that would pay less. Raises also as `prepare_change`.
    """
    if not wish.because.strip():
        raise UsageError("a change needs a reason", hint="say --because")
    if not wish.reviewers:
        raise UsageError("who has to agree?", hint="name them: --reviewers ann,bob")
    found = prepare_change(project, wish, period)
    says = "\n".join(one.title for one in found.changes)
    with project.books.writing() as connection:
        roles = read_roles(connection)
        for author in (actor, *wish.authors):
            for reviewer in wish.reviewers:
                roles.keep_apart(author, reviewer, "proposing and reviewing")
        change = add_change(
            connection,
            ModelChange(
                named=wish.named,
                base=content_of(project.model),
                proposed=found.content,
                effective=wish.effective,
                says=says,
                actor=actor,
                because=wish.because,
                at=now(),
            ),
        )
        request = ApprovalRequest(
            subject=change.subject,
            content=found.content,
            asker=actor,
            because=wish.because,
            at=change.at,
            needed=(),
            reviewers=wish.reviewers,
            authors=wish.authors,
            benefits=found.benefits,
            says=f"{len(found.changes)} changes from {wish.effective}: {says.splitlines()[0]}",
        )
        return Proposed(change, ask(connection, request)), found


def apply_change(project: OpenProject, number: int, *, actor: str, because: str = "") -> Proposed:
    """Take a change in: the project's model is what was agreed on, and counts as looked through.

    Merge the proposal into the model folder first. Raises NotAllowed where it isn't approved,
    UsageError where the folder says anything else than what was approved, or it was taken in
    already; PeriodClosed where its effective day lies in a month that was closed meanwhile.
    """
    content = content_of(project.model)
    with project.books.writing() as connection:
        change = model_change(connection, number)
        if before := review_of_change(connection, number):
            raise UsageError(f"{change.subject} was applied already, by {before.actor}")
        approval = need_approval(connection, change.subject, change.proposed)
        if content != change.proposed:
            raise UsageError(
                f"the model folder doesn't say what was approved as {change.subject}",
                why="it was changed further, or the proposal isn't merged yet",
                hint="merge exactly what was approved, or propose it again as it is",
            )
        _check_effective(connection, change.effective)
        reason = because or change.because
        review = ModelReview(project.model.hash, actor, reason, now(), change.id)
        add_review(connection, review)
        said = {"model": content[:12], "effective": change.effective.isoformat()}
        entry = AuditEntry(review.at, actor, "apply-change", change.subject, said)
        add_entry(connection, entry)
        return Proposed(change, approval, review)


def review_model(project: OpenProject, *, actor: str, because: str) -> ModelReview:
    """Keep that somebody looked through the model as it is, and found it right."""
    if not because.strip():
        raise UsageError("a review needs words", hint="say --because: what was looked at")
    review = ModelReview(project.model.hash, actor, because, now())
    with project.books.writing() as connection:
        add_review(connection, review)
    return review


def list_changes(project: OpenProject) -> tuple[Proposed, ...]:
    """Every change that was proposed, the oldest first."""
    with project.books.reading() as connection:
        return tuple(_with_state(connection, one) for one in read_model_changes(connection))


def show_change(project: OpenProject, number: int) -> Proposed:
    """A change by its number; raises UsageError where there is none."""
    with project.books.reading() as connection:
        return _with_state(connection, model_change(connection, number))


def _with_state(connection: Connection, change: ModelChange) -> Proposed:
    approval = approvals_of(connection, change.subject)[-1]
    return Proposed(change, approval, review_of_change(connection, change.id))


def _check_effective(connection: Connection, effective: date) -> None:
    period = Period(effective.year, effective.month)
    if state_in(connection, period).is_closed:
        raise PeriodClosed(
            f"a change can't count from {effective}: {period} is closed",
            why="a closed month stays as it was issued",
            hint="let it count from an open month; what was wrong before is a correction",
        )


def _moved_before(
    project: OpenProject, proposed: Model, effective: date, loaded: Sequence[Period]
) -> Iterator[Finding]:
    """Open months before the effective day that the change would move all the same."""
    for period in loaded:
        if period.until > effective or project.books.state(period).is_closed:
            continue
        before, after = (as_of(one, period.start) for one in (project.model, proposed))
        if any(moves_money(one) for one in diff(before, after)):
            yield Finding(
                "change-before-effective",
                Level.WARNING,
                f"{period} is open, and the change moves it too, before {effective}",
                hint=f"date the entries (`from: {effective}`), or close {period} before you "
                "apply it",
            )
