"""An adjustment is submitted: others are asked to agree to exactly what it says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from apportion.domain.adjustment import Adjustment, AdjustmentState, AdjustmentStep
from apportion.domain.approval import ApprovalRequest, ApprovalState, Decision
from apportion.domain.owner import OwnerKind
from apportion.store.books.adjustments import take_adjustment_step
from apportion.store.books.approvals import approvals_of, ask, decide
from apportion.store.books.disputes import dispute_in


def subject_of(found: Adjustment) -> str:
    """What approvals call it."""
    return f"adjustment {found.id}"


def submit_adjustment(
    connection: Connection, found: Adjustment, *, actor: str, because: str, at: datetime
) -> Adjustment:
    """Submit it, within a writing transaction: `apportion approvals` lists it from now on.

    Who proposed it, opened its dispute, or leads the team that would carry less doesn't decide.
    """
    step = AdjustmentStep(found.id, AdjustmentState.SUBMITTED, actor, because, at)
    made = take_adjustment_step(connection, step)
    authors = {found.actor}
    if found.dispute:
        authors.add(dispute_in(connection, found.dispute).actor)
    gains = found.benefits
    request = ApprovalRequest(
        subject=subject_of(found),
        content=found.content,
        asker=actor,
        because=because or found.because,
        at=at,
        authors=tuple(sorted(authors)),
        benefits=(gains.name,) if gains.kind is OwnerKind.TEAM else (),
        says=f"{found.amount} {found.currency} of {found.period} from {found.giver} "
        f"to {found.taker}",
    )
    ask(connection, request)
    return made


def decide_submitted(
    connection: Connection, found: Adjustment, *, approved: bool, step: AdjustmentStep
) -> Adjustment:
    """Say yes or no to a submitted adjustment; gives it in its new state.

    Where `apportion approve` has said the same already, it takes its effect now.
    """
    settled = settle(connection, found)
    if settled.state is not found.state and settled.state is step.state:
        return settled
    if settled.state is AdjustmentState.SUBMITTED:
        said = Decision(0, step.actor, approved, step.because, step.at)
        decide(connection, subject_of(found), said, found.content)
    return take_adjustment_step(connection, step)


def settle(connection: Connection, found: Adjustment) -> Adjustment:
    """The state that `apportion approve` has brought it to, where the decision was said there."""
    asked = approvals_of(connection, subject_of(found), found.content)
    if found.state is not AdjustmentState.SUBMITTED or not asked:
        return found
    states = {
        ApprovalState.APPROVED: AdjustmentState.APPROVED,
        ApprovalState.REJECTED: AdjustmentState.REJECTED,
    }
    newest = asked[-1]
    state = states.get(newest.state)
    if state is None:
        return found
    last = newest.decisions[-1]
    step = AdjustmentStep(found.id, state, last.actor, last.because, last.at)
    return take_adjustment_step(connection, step)
