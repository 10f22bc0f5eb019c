"""What somebody asks others to decide, who decided, and when it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apportion.domain.role import Role, Roles
from apportion.errors import NotAllowed


class ApprovalState(StrEnum):
    """open: somebody has to decide. approved: all who must have said yes. rejected: one said no."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class ApprovalRequest:
    """Something that may only happen when others agree.

    `subject` names it ("close 2026-10", "adjustment 17"); `content` is a digest of what is to
    be decided, so that an approval of what has changed since counts for nothing; `says` tells
    it in words. One holder of each of `needed` has to agree, each another person, and every
    one of `reviewers`. `authors` made it, `benefits` are the teams that would pay less.
    """

    subject: str
    content: str
    asker: str
    because: str
    at: datetime
    needed: tuple[Role, ...] = (Role.APPROVER,)
    reviewers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()
    says: str = ""
    id: int = 0


@dataclass(frozen=True)
class Decision:
    """Somebody's yes or no to a request; `counts_for` are the needed roles that it stands for."""

    request: int
    actor: str
    approved: bool
    because: str
    at: datetime
    counts_for: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Approval:
    """A request with what was decided on it so far, and when it was used: it counts once."""

    request: ApprovalRequest
    decisions: tuple[Decision, ...] = ()
    used: datetime | None = None

    @property
    def state(self) -> ApprovalState:
        if any(not one.approved for one in self.decisions):
            return ApprovalState.REJECTED
        if self.decisions and not self.roles_missing and not self.reviewers_missing:
            return ApprovalState.APPROVED
        return ApprovalState.OPEN

    @property
    def approved(self) -> bool:
        return self.state is ApprovalState.APPROVED

    @property
    def roles_missing(self) -> tuple[Role, ...]:
        """Roles of which somebody has to agree still; one that is needed twice may lack twice.

        >>> from datetime import UTC, datetime
        >>> at, two = datetime.now(UTC), (Role.APPROVER, Role.APPROVER)
        >>> asked = ApprovalRequest("close 2026-10", "a1", "ann", "done", at, needed=two)
        >>> said = Decision(1, "bob", True, "checked", at, counts_for=(Role.APPROVER,))
        >>> [str(role) for role in Approval(asked, (said,)).roles_missing]
        ['approver']
        """
        said = {one.actor: one.counts_for for one in self.decisions if one.approved}
        lacking = list(self.request.needed)
        for role in (role for counted in said.values() for role in counted):
            if role in lacking:
                lacking.remove(role)
        return tuple(lacking)

    @property
    def reviewers_missing(self) -> tuple[str, ...]:
        """Reviewers by name who haven't agreed yet."""
        said = {one.actor for one in self.decisions if one.approved}
        return tuple(name for name in self.request.reviewers if name not in said)

    @property
    def waits_for(self) -> str:
        """Who has to decide still, in words.

        >>> from datetime import UTC, datetime
        >>> asked = ApprovalRequest("close 2026-10", "a1", "ann", "done", datetime.now(UTC))
        >>> Approval(asked).waits_for
        'approver'
        """
        roles = (str(role).replace("_", " ") for role in self.roles_missing)
        return ", ".join((*roles, *self.reviewers_missing))


def counted_for(approval: Approval, actor: str, roles: Roles) -> tuple[Role, ...]:
    """The needed roles that somebody's yes would stand for, once it is sure that they may decide.

    Who asks doesn't decide, nor who made what is asked for, nor who leads a team that would pay
    less: a no of theirs would count as little. One person stands for one role. While nobody
    holds a role, nothing of this is asked. Raises NotAllowed.

    Source: segregation of duties, COSO Internal Control, principle 10.
    """
    request = approval.request
    if not roles.governed:
        return request.needed
    _refuse_own(request, actor, roles)
    if any(one.actor == actor for one in approval.decisions):
        raise NotAllowed(
            f"{actor} has decided on {request.subject!r} already",
            why="one person stands for one of the roles that have to agree",
            hint=f"it waits for: {approval.waits_for}",
        )
    held = roles.of_person(actor)
    counted = next((role for role in approval.roles_missing if role in held), None)
    if counted is None and actor not in approval.reviewers_missing:
        raise NotAllowed(
            f"{actor} may not decide on {request.subject!r}",
            why=f"it waits for: {approval.waits_for}",
            hint="somebody with that role decides; see `apportion role list`",
        )
    return () if counted is None else (counted,)


def _refuse_own(request: ApprovalRequest, actor: str, roles: Roles) -> None:
    roles.keep_apart(actor, request.asker, "asking and approving")
    for author in request.authors:
        roles.keep_apart(actor, author, "authoring and approving")
    own = sorted(roles.teams(actor) & set(request.benefits))
    if own:
        raise NotAllowed(
            f"{actor} may not decide on {request.subject!r}",
            why=f"team {own[0]}, which they lead, would benefit",
            hint="let somebody else decide",
        )


def with_decisions(
    requests: Iterable[ApprovalRequest],
    decisions: Iterable[Decision],
    used: Mapping[int, datetime] | None = None,
) -> tuple[Approval, ...]:
    """Requests, each with its own decisions, and when it was used."""
    said: dict[int, list[Decision]] = {}
    for one in decisions:
        said.setdefault(one.request, []).append(one)
    when = used or {}
    return tuple(Approval(one, tuple(said.get(one.id, ())), when.get(one.id)) for one in requests)
