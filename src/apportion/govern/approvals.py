"""What waits for somebody's yes, and the deciding; what an approval is stands in the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apportion.domain.approval import Approval, ApprovalState, Decision
from apportion.store.books.approvals import approvals_of, decide
from apportion.store.books.audit import now

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def list_approvals(project: OpenProject, *, waiting: bool = True) -> tuple[Approval, ...]:
    """What was asked for, the oldest first; `waiting` leaves what is decided or void out."""
    with project.books.reading() as connection:
        found = approvals_of(connection)
    if not waiting:
        return found
    newest = {one.request.subject: one for one in found}
    return tuple(
        one
        for one in found
        if one.state is ApprovalState.OPEN and newest[one.request.subject] is one
    )


def decide_on(
    project: OpenProject,
    subject: str,
    *,
    actor: str,
    approved: bool,
    because: str,
    content: str = "",
) -> Approval:
    """Say yes or no to what is asked of a subject; see :func:`.store.books.approvals.decide`."""
    said = Decision(0, actor, approved, because, now())
    with project.books.writing() as connection:
        return decide(connection, subject, said, content)
