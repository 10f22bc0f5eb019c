"""Cost that an approved decision moves from one owner to another: proposed, decided, applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import (
    Adjustment,
    AdjustmentState,
    AdjustmentStep,
    owner_named,
)
from apportion.domain.journal import JournalDocument, reversal
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded, UsageError
from apportion.govern.disputes import check_owner, units_of
from apportion.govern.submit_adjustment import decide_submitted, settle, submit_adjustment
from apportion.govern.suspense import release
from apportion.govern.whose_benefit import refuse_own_benefit
from apportion.ledger.draw_moves import ADJUSTMENT, MoveDesk, is_of
from apportion.run.saved import latest_run
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
    run = latest_run(project.books, proposal.period)
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
        _check_bounds(connection, made, statement)
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


def _check_bounds(connection: Connection, made: Adjustment, statement: Statement) -> None:
    """What the giver carries there, less what others take of it, is the most that may go."""
    if not made.units:
        raise UsageError("an adjustment of nothing", hint="say how much with --amount")
    if made.beyond:
        return
    digits = minor_digits(made.currency)
    held = to_units(Fraction(_carried(statement, made)), digits)
    taken = sum(
        one.units
        for one in read_adjustments(connection, made.period)
        if one.state.counts
        and one.currency == made.currency
        and (one.line == made.line if made.line else one.giver == made.giver)
    )
    left = held - taken
    if made.units * held < 0 or abs(made.units) > abs(left) or made.units * left < 0:
        what = f"line {made.line}" if made.line else str(made.giver)
        raise UsageError(
            f"{what} has {from_units(left, digits)} {made.currency} to give, "
            f"and {made.amount} is asked for",
            why="an adjustment moves at most what its owner carries"
            + (", less other adjustments of it" if taken else ""),
            hint="ask for less, or say --beyond for whoever approves it",
        )


def _carried(statement: Statement, made: Adjustment) -> Decimal:
    """What the giver carries in the line, or in all of its lines."""
    nothing = Decimal(0)
    if made.giver.kind is OwnerKind.TEAM:
        own = next((t for t in statement.teams if t.facts.team == made.giver.name), None)
        lines = own.lines if own else ()
        total = own.total if own else nothing
    elif made.giver == UNALLOCATED:
        lines, total = statement.unallocated_lines, statement.unallocated
    else:
        lines = tuple(one for one in statement.kept_lines if one.pool == made.giver.name)
        total = sum((one.amount for one in lines), nothing)
    if not made.line:
        return total
    return next((one.amount for one in lines if one.id == made.line), nothing)


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
    """What waited on this adjustment is the team's again, to be moved or to stay."""
    if not made.dispute:
        return ()
    return release(connection, dispute_in(connection, made.dispute), into, actor)


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
    original. Raises UsageError where it isn't approved or can't be booked, PeriodClosed where
    `into` can't take it.
    """
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
        stands = latest_run_id(connection, period)
        run = read_run(connection, stands) if stands else None
        assert run is not None, "a closed month has a run"
        desk = MoveDesk.of(run, project.model, project.settings.currency, month)
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
