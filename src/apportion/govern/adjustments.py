"""Cost that an approved decision moves from one owner to another: proposed, decided, applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import (
    Adjustment,
    AdjustmentState,
    AdjustmentStep,
    owner_named,
)
from apportion.domain.journal import JournalDocument, reversal
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded, PeriodClosed, UsageError
from apportion.govern.disputes import check_owner, units_of
from apportion.govern.room_to_give import check_room, run_as_it_stands
from apportion.govern.submit_adjustment import decide_submitted, settle, submit_adjustment
from apportion.govern.suspense import release
from apportion.govern.whose_benefit import refuse_own_benefit
from apportion.ledger.draw_moves import ADJUSTMENT, MoveDesk, is_of
from apportion.ledger.reproduce import frozen_model
from apportion.model.project import Model
from apportion.run.statement import Statement, draw_statements
from apportion.store.books.adjustments import (
    add_adjustment,
    adjustment_in,
    read_adjustments,
    take_adjustment_step,
)
from apportion.store.books.audit import now
from apportion.store.books.disputes import dispute_in
from apportion.store.books.journals import read_documents, write_documents
from apportion.store.books.period_steps import open_month, state_in
from apportion.store.books.restatements import read_restatements
from apportion.store.books.roles import read_roles
from apportion.store.books.runs import latest_run as latest_run_id
from apportion.store.books.runs import read_run

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Proposal:
    """What is proposed. Owners are written as commands have them; see `owner_named`.

    `beyond` says that it exceeds, on purpose, what the giver carries there.
    """

    period: Period
    giver: str
    taker: str
    amount: Decimal
    because: str
    line: str = ""
    dispute: int = 0
    currency: str = ""
    beyond: bool = False


@dataclass(frozen=True)
class Moved:
    """An adjustment, and the documents that its step booked; none while its month is open."""

    adjustment: Adjustment
    documents: tuple[JournalDocument, ...] = ()


def propose(
    project: OpenProject,
    proposal: Proposal,
    *,
    actor: str,
    draft: bool = False,
    at: datetime | None = None,
) -> Adjustment:
    """Propose to move cost of a month, and submit it unless it is a draft.

    Raises UsageError for an amount of parts of a minor unit, another currency than that of
    the statement, and more than the line (or the owner's total), unless `beyond` is said.
    """
    if not proposal.because.strip():
        raise UsageError("an adjustment needs a reason", hint="say --because")
    run, stands = run_as_it_stands(project, proposal.period)
    giver, taker = owner_named(proposal.giver), owner_named(proposal.taker)
    if giver == taker:
        raise UsageError(f"{giver} would carry what it carries", hint="name two owners")
    for owner in (giver, taker):
        check_owner(project, owner, proposal.period)
    statement = _statement(run, project.settings.currency, proposal)
    moment = at or now()
    made = Adjustment(
        period=proposal.period,
        currency=statement.currency,
        units=units_of(proposal.amount, statement.currency),
        giver=giver,
        taker=taker,
        because=proposal.because.strip(),
        actor=actor,
        at=moment,
        line=proposal.line,
        dispute=proposal.dispute,
        beyond=proposal.beyond,
        run=run.id,
        model=run.model,
    )
    with project.books.writing() as connection:
        if proposal.dispute:
            made = _of_dispute(connection, made)
        check_room(connection, made, statement, stands)
        added = add_adjustment(connection, made)
        if draft:
            return added
        return submit_adjustment(connection, added, actor=actor, because=made.because, at=moment)


def _statement(run: Run, preferred: str, proposal: Proposal) -> Statement:
    """The statement that the money is on; an adjustment is in its currency."""
    drawn = draw_statements(run, preferred)
    if proposal.line:
        found = [one for one in drawn if any(own.id == proposal.line for own in one.lines)]
        if not found:
            raise NotLoaded(f"the run of {run.period} has no line {proposal.line!r}")
        if proposal.currency and proposal.currency != found[0].currency:
            raise _other_currency(proposal.currency, found[0].currency)
        return found[0]
    known = {one.currency: one for one in drawn}
    if proposal.currency and proposal.currency not in known:
        raise _other_currency(proposal.currency, ", ".join(sorted(known)))
    return known[proposal.currency] if proposal.currency else drawn[0]


def _other_currency(asked: str, known: str) -> UsageError:
    return UsageError(
        f"the cost isn't in {asked}", why=f"its statement is in {known}", hint="name its currency"
    )


def _of_dispute(connection: Connection, made: Adjustment) -> Adjustment:
    """An adjustment for a dispute is about its line."""
    found = dispute_in(connection, made.dispute)
    if found.period != made.period or made.giver != Owner(OwnerKind.TEAM, found.team):
        raise UsageError(
            f"dispute {found.id} is of team {found.team} in {found.period}",
            hint="propose it for that month, from that team",
        )
    return replace(made, line=found.line)


def submit(
    project: OpenProject, number: int, *, actor: str, because: str = "", at: datetime | None = None
) -> Adjustment:
    """Submit a draft, so that somebody decides."""
    with project.books.writing() as connection:
        found = adjustment_in(connection, number)
        return submit_adjustment(connection, found, actor=actor, because=because, at=at or now())


def withdraw_adjustment(
    project: OpenProject, number: int, *, actor: str, because: str, at: datetime | None = None
) -> Adjustment:
    """Take a proposal back, before it is decided."""
    with project.books.writing() as connection:
        step = AdjustmentStep(number, AdjustmentState.WITHDRAWN, actor, because, at or now())
        made = take_adjustment_step(connection, step)
        _leave_suspense(connection, made, None, actor)
        return made


def decide_adjustment(
    project: OpenProject,
    number: int,
    *,
    approved: bool,
    actor: str,
    because: str,
    at: datetime | None = None,
) -> Adjustment:
    """Approve or reject an adjustment, for a reason.

    Neither who proposed it nor who opened its dispute decides, nor who leads a team whose cost
    centre would carry less by it. Raises NotAllowed.
    """
    if not because.strip():
        raise UsageError("a decision needs a reason", hint="say --because")
    with project.books.writing() as connection:
        found = adjustment_in(connection, number)
        _refuse_involved(connection, found, actor, gains=found.benefits)
        state = AdjustmentState.APPROVED if approved else AdjustmentState.REJECTED
        step = AdjustmentStep(number, state, actor, because.strip(), at or now())
        made = decide_submitted(connection, found, approved=approved, step=step)
        if not approved:
            _leave_suspense(connection, made, None, actor)
        return made


def _leave_suspense(
    connection: Connection, made: Adjustment, into: Period | None, actor: str
) -> tuple[JournalDocument, ...]:
    """What waited on this adjustment is the team's again, to be moved or to stay.

    Not while its dispute isn't decided: the charge waits for that, and not while another
    adjustment of the dispute may still be applied.
    """
    if not made.dispute:
        return ()
    found = dispute_in(connection, made.dispute)
    if made.state is not AdjustmentState.APPLIED and (
        found.state.is_open
        or any(
            one.dispute == made.dispute and one.state.is_pending
            for one in read_adjustments(connection, made.period)
        )
    ):
        return ()
    return release(connection, found, into, actor)


def _refuse_involved(connection: Connection, found: Adjustment, actor: str, gains: Owner) -> None:
    roles = read_roles(connection)
    roles.keep_apart(actor, found.actor, "proposing and approving")
    if found.dispute:
        opener = dispute_in(connection, found.dispute).actor
        roles.keep_apart(actor, opener, "disputing and approving")
    if roles.teams(actor):
        made_with = read_run(connection, found.run, ("teams",))
        teams = made_with.teams if made_with else ()
        refuse_own_benefit(roles, actor, gains, teams, f"adjustment {found.id}")


def _refuse_cost_centre(connection: Connection, found: Adjustment) -> None:
    """Whoever approved it by `apportion approve` may not be of the cost centre that gains."""
    for step in found.steps:
        if step.state is AdjustmentState.APPROVED:
            _refuse_involved(connection, found, step.actor, gains=found.benefits)


def apply_adjustment(
    project: OpenProject,
    number: int,
    *,
    actor: str,
    because: str = "",
    into: Period | None = None,
    at: datetime | None = None,
) -> Moved:
    """Move the cost of an approved adjustment.

    While its month is open, the statement shows it, and the close books it. Of a closed month
    it is booked at once, in an open month (the first, unless `into` names one), naming the
    original, on the account and cost centre on which its line is booked: by the model that was
    frozen with the run that stands, not by today's. Raises UsageError where it isn't approved,
    can't be booked, or the line has less to give by now, PeriodClosed where `into` can't take it.
    """
    stands = _standing(project, number)
    with project.books.writing() as connection:
        found = settle(connection, adjustment_in(connection, number))
        _refuse_cost_centre(connection, found)
        period = found.period
        closed = state_in(connection, period).is_closed
        month = open_month(connection, period, into) if closed else period
        step = AdjustmentStep(
            number, AdjustmentState.APPLIED, actor, because, at or now(), str(month)
        )
        made = take_adjustment_step(connection, step)
        if not closed:
            return Moved(made)
        if stands is None or stands.run.id != _standing_id(connection, period):
            raise PeriodClosed(
                f"{period} was closed or corrected meanwhile", hint="apply the adjustment again"
            )
        desk = MoveDesk.of(stands.run, stands.model, project.settings.currency, month)
        statement = next((one for one in desk.statements if one.currency == found.currency), None)
        check_room(connection, found, statement, stands.told, applying=True)
        drawn = desk.adjustments([found])
        if not drawn.may_be_posted:
            raise UsageError(
                f"adjustment {number} can't be booked",
                why="; ".join(one.message for one in drawn.findings),
                hint=drawn.findings[0].hint,
            )
        released = _leave_suspense(connection, made, month, actor)
        booked = write_documents(connection, drawn.documents, actor)
        return Moved(made, (*released, *booked))


@dataclass(frozen=True)
class _Standing:
    """The run by which a closed month is booked now, and the model that was frozen with it."""

    run: Run
    model: Model
    told: str


def _standing(project: OpenProject, number: int) -> _Standing | None:
    """What an adjustment of a closed month is booked by; None while its month is open."""
    with project.books.reading() as connection:
        period = adjustment_in(connection, number).period
        if not state_in(connection, period).is_closed:
            return None
    run, told = run_as_it_stands(project, period)
    # months that an old version closed have nothing frozen
    return _Standing(run, frozen_model(project, run.id) or project.model, told)


def _standing_id(connection: Connection, period: Period) -> str | None:
    since = read_restatements(connection, period)
    return since[-1].run if since else latest_run_id(connection, period)


def supersede(
    project: OpenProject,
    number: int,
    *,
    actor: str,
    because: str,
    into: Period | None = None,
    at: datetime | None = None,
) -> Moved:
    """Move an applied adjustment back, whole, since bills or the model have come to say the same.

    What was booked is reversed in an open month; a correction of the original month then books
    what the model says, and nothing counts twice. Nobody does so whose own cost centre would
    carry less by it.
    """
    if not because.strip():
        raise UsageError("moving an adjustment back needs a reason", hint="say --because")
    with project.books.writing() as connection:
        found = adjustment_in(connection, number)
        loses = found.taker if found.benefits == found.giver else found.giver
        _refuse_involved(connection, found, actor, gains=loses)
        journal = read_documents(connection)
        held = [one for one in journal if is_of(one, ADJUSTMENT, found)]
        month = found.period
        if held or state_in(connection, found.period).is_closed:
            month = open_month(connection, found.period, into)
        step = AdjustmentStep(
            number, AdjustmentState.SUPERSEDED, actor, because.strip(), at or now(), str(month)
        )
        made = take_adjustment_step(connection, step)
        day = month.until - timedelta(days=1)
        back = [reversal(one, month, day) for one in held]
        return Moved(made, write_documents(connection, back, actor))


def list_adjustments(
    project: OpenProject, period: Period | None = None, *, ended: bool = False
) -> tuple[Adjustment, ...]:
    """Adjustments, the oldest first; `ended` has rejected, withdrawn and superseded ones too."""
    with project.books.reading() as connection:
        found = read_adjustments(connection, period)
    return tuple(one for one in found if ended or one.state.counts)
