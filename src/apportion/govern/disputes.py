"""A team disputes a line of its statement; others look into it and decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import Adjustment, owner_named
from apportion.domain.dispute import (
    Dispute,
    DisputeState,
    DisputeStep,
    Reason,
    working_days_after,
)
from apportion.domain.journal import JournalDocument
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.domain.result import Run
from apportion.errors import NotLoaded, UsageError
from apportion.govern.evidence import digest_of, freeze_evidence
from apportion.govern.room_to_give import Room, check_room, room_of_line, run_as_it_stands
from apportion.govern.submit_adjustment import submit_adjustment
from apportion.govern.suspense import release
from apportion.govern.whose_benefit import refuse_own_benefit
from apportion.run.statement import Statement, StatementLine, draw_statements, one_team
from apportion.store.books.adjustments import (
    add_adjustment,
    read_adjustments,
)
from apportion.store.books.audit import now
from apportion.store.books.disputes import (
    add_dispute,
    dispute_in,
    read_disputes,
    take_dispute_step,
)
from apportion.store.books.roles import read_roles

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Claim:
    """What a team says of a line. `amount` is what it doesn't want to carry; all when None."""

    period: Period
    team: str
    line: str
    reason: Reason
    because: str
    amount: Decimal | None = None
    given: str = ""
    reopens: int = 0


def open_dispute(
    project: OpenProject, claim: Claim, *, actor: str, at: datetime | None = None
) -> Dispute:
    """Dispute a line of a team's statement, with the evidence of the line frozen.

    Raises NotLoaded where the team's statement has no such line, UsageError after the last day
    of the window, for more than the line has left beside adjustments of it, and where the line
    is disputed already.
    """
    if not claim.because.strip():
        raise UsageError("a dispute needs a reason", hint="say --because")
    moment = at or now()
    run, stands = run_as_it_stands(project, claim.period)
    statement, line = find_line(run, project.settings.currency, claim.team, claim.line)
    terms = project.settings.disputes
    until = working_days_after(issued_on(run, project.books.steps(claim.period)), terms.window_days)
    if moment.date() > until:
        raise UsageError(
            f"the statement of {claim.period} could be disputed until {until}",
            why=f"the window is {terms.window_days} working days from its issue",
            hint="a mistake is still corrected: tell finance (`apportion adjust propose`)",
        )
    whole = to_units(Fraction(line.amount), minor_digits(statement.currency))
    with project.books.reading() as connection:
        room = room_of_line(connection, claim.period, line.id, statement.currency, whole, stands)
    units = _claimed(claim.amount, room)
    evidence = freeze_evidence(project, run, claim.team, claim.line)
    made = Dispute(
        period=claim.period,
        team=claim.team,
        line=line.id,
        title=line.title,
        pool=line.pool,
        currency=statement.currency,
        units=units,
        line_units=whole,
        reason=claim.reason,
        because=claim.because.strip(),
        actor=actor,
        at=moment,
        run=run.id,
        until=until,
        decide_by=working_days_after(moment.date(), terms.decide_days),
        evidence=evidence,
        digest=digest_of(evidence),
        given=claim.given.strip(),
        reopens=claim.reopens,
    )
    with project.books.writing() as connection:
        _check_earlier(connection, made)
        return add_dispute(connection, made)


def find_line(run: Run, preferred: str, team: str, line: str) -> tuple[Statement, StatementLine]:
    """A line of a team's statement; raises NotLoaded where it is another's, or none."""
    drawn = draw_statements(run, preferred)
    for statement in drawn:
        own = one_team(statement, team).lines
        if found := next((one for one in own if one.id == line), None):
            return statement, found
    held = any(one.id == line for statement in drawn for one in statement.lines)
    raise NotLoaded(
        f"team {team} has no line {line!r} in {run.period}",
        why="the line is another's" if held else "",
        hint=f"its lines: `apportion statement --period {run.period} --team {team}`",
    )


def issued_on(run: Run, steps: Iterable[PeriodStep]) -> date:
    """The day from which a team may look at its statement.

    When the review began, or the month was closed without one; of an open month the day of
    its newest run.
    """
    seen = {PeriodState.IN_REVIEW, PeriodState.CLOSED}
    issued: date | None = None
    for step in steps:
        if step.state is PeriodState.OPEN:
            issued = None
        elif step.state in seen and issued is None:
            issued = step.at.date()
    return issued or run.made_at.date()


def _claimed(amount: Decimal | None, room: Room) -> int:
    """What is disputed: all that the line has left, unless less is said."""
    units = room.left if amount is None else units_of(amount, room.currency)
    if not units or not room.takes(units):
        digits = minor_digits(room.currency)
        raise UsageError(
            f"{from_units(units, digits)} {room.currency} can't be disputed of a line of "
            f"{from_units(room.held, digits)}",
            why=room.told,
            hint=f"name an amount {'above' if room.held > 0 else 'below'} 0, at most what is left"
            if room.held
            else "a line of nothing can't be disputed",
        )
    return units


def units_of(amount: Decimal, currency: str) -> int:
    """An amount in minor units; raises UsageError where it has parts of one.

    >>> units_of(Decimal("12.50"), "EUR"), units_of(Decimal("1250"), "JPY")
    (1250, 1250)
    """
    digits = minor_digits(currency)
    exact = Fraction(amount) * 10**digits
    if exact.denominator != 1:
        raise UsageError(
            f"{amount} {currency} has parts of a minor unit",
            hint=f"{currency} has {digits} decimal places",
        )
    return int(exact)


def _check_earlier(connection: Connection, made: Dispute) -> None:
    """A line has one open dispute; one that was closed opens again only by a new one naming it."""
    earlier = [
        one
        for one in read_disputes(connection, made.period)
        if one.team == made.team and one.line == made.line
    ]
    if held := next((one for one in earlier if one.state.is_open), None):
        raise UsageError(
            f"line {made.line} is disputed already", hint=f"see `apportion dispute show {held.id}`"
        )
    ended = [one for one in earlier if one.state is not DisputeState.WITHDRAWN]
    if made.reopens and made.reopens not in {one.id for one in earlier}:
        raise UsageError(f"dispute {made.reopens} isn't of this line")
    if ended and not made.reopens:
        raise UsageError(
            f"line {made.line} was disputed before: dispute {ended[-1].id} is {ended[-1].state}",
            hint=f"name it, and say what is new: --reopens {ended[-1].id}",
        )


def triage(
    project: OpenProject, number: int, *, actor: str, because: str = "", at: datetime | None = None
) -> Dispute:
    """Take up a dispute: it is a matter to decide. Who opened it doesn't."""
    with project.books.writing() as connection:
        found = dispute_in(connection, number)
        read_roles(connection).keep_apart(actor, found.actor, "disputing and triaging")
        step = DisputeStep(number, DisputeState.TRIAGED, actor, because, at or now())
        return take_dispute_step(connection, step)


@dataclass(frozen=True)
class Verdict:
    """What is decided. Accepted, `amount` (all that is claimed when None) goes to `taker`."""

    accepted: bool
    because: str
    taker: str = "unallocated"
    amount: Decimal | None = None


@dataclass(frozen=True)
class Decided:
    """A decided dispute, the adjustment that it makes, and what left suspense."""

    dispute: Dispute
    adjustment: Adjustment | None
    released: tuple[JournalDocument, ...]


def decide(
    project: OpenProject,
    number: int,
    verdict: Verdict,
    *,
    actor: str,
    into: Period | None = None,
    at: datetime | None = None,
) -> Decided:
    """Accept or reject a dispute, for a reason; accepted, it makes a submitted adjustment.

    Nobody decides who opened it, or leads a team that would carry less by the decision. A
    rejected charge that waits in suspense leaves it, in an open month; an accepted one with its
    adjustment. All of it is one transaction. Raises NotAllowed and UsageError.
    """
    if not verdict.because.strip():
        raise UsageError("a decision needs a reason", hint="say --because")
    moment = at or now()
    state = DisputeState.ACCEPTED if verdict.accepted else DisputeState.REJECTED
    taker = owner_named(verdict.taker)
    found = _read(project, number)
    run = project.books.run_by_id(found.run, ("teams",))
    now_run, stands = run_as_it_stands(project, found.period)
    drawn = draw_statements(now_run, project.settings.currency)
    statement = next((one for one in drawn if one.currency == found.currency), None)
    with project.books.writing() as connection:
        roles = read_roles(connection)
        roles.keep_apart(actor, found.actor, "disputing and deciding")
        giver = Owner(OwnerKind.TEAM, found.team)
        for one in (giver, taker):
            # a yes relieves the team that disputes; a no, the one that would carry it instead
            if (one is giver) == (verdict.accepted == (found.units > 0)):
                refuse_own_benefit(roles, actor, one, run.teams, f"dispute {number}")
        step = DisputeStep(number, state, actor, verdict.because.strip(), moment)
        decided = take_dispute_step(connection, step)
        made = None
        if verdict.accepted:
            check_owner(project, taker, found.period)
            asked = _adjustment(decided, taker, verdict, actor, moment)
            check_room(connection, asked, statement, stands)
            made = add_adjustment(connection, asked)
            made = submit_adjustment(connection, made, actor=actor, because=made.because, at=moment)
        released = () if verdict.accepted else release(connection, decided, into, actor)
    return Decided(decided, made, released)


def _read(project: OpenProject, number: int) -> Dispute:
    with project.books.reading() as connection:
        return dispute_in(connection, number)


def check_owner(project: OpenProject, owner: Owner, period: Period) -> None:
    """Refuse a team or a pool that the model doesn't have; raises UsageError."""
    if owner.kind is OwnerKind.TEAM:
        known = {one.name for one in project.model.organisation.teams}
    elif owner.kind is OwnerKind.POOL:
        known = {one.name for one in project.model.pools}
    else:
        return
    if owner.name not in known:
        from apportion.model.faults import did_you_mean

        raise UsageError(
            f"{owner} isn't in the model of {period}",
            hint=did_you_mean(owner.name, sorted(known), "name a team, unallocated or pool:NAME"),
        )


def _adjustment(
    found: Dispute, taker: Owner, verdict: Verdict, actor: str, at: datetime
) -> Adjustment:
    """The adjustment that an accepted dispute makes; somebody else approves it."""
    units = found.units
    if verdict.amount is not None:
        units = units_of(verdict.amount, found.currency)
    if not units or units * found.units < 0 or abs(units) > abs(found.units):
        raise UsageError(
            f"dispute {found.id} claims {found.amount} {found.currency}",
            hint="accept at most that, with its sign",
        )
    giver = Owner(OwnerKind.TEAM, found.team)
    if giver == taker:
        raise UsageError(f"{giver} would carry it again", hint="name somebody else with --to")
    return Adjustment(
        period=found.period,
        currency=found.currency,
        units=units,
        giver=giver,
        taker=taker,
        because=verdict.because.strip(),
        actor=actor,
        at=at,
        line=found.line,
        dispute=found.id,
        run=found.run,
        model=str(found.evidence.get("model", "")),
    )


def withdraw(
    project: OpenProject, number: int, *, actor: str, because: str, at: datetime | None = None
) -> Dispute:
    """Take a dispute back: its team no longer says that the line is wrong."""
    if not because.strip():
        raise UsageError("taking a dispute back needs a reason", hint="say --because")
    with project.books.writing() as connection:
        found = dispute_in(connection, number)
        roles = read_roles(connection)
        if roles.governed and actor != found.actor and found.team not in roles.teams(actor):
            from apportion.errors import NotAllowed

            raise NotAllowed(
                f"{actor} may not take dispute {number} back",
                why=f"it is {found.actor}'s, for team {found.team}",
                hint="reject it, with the reason: `apportion dispute decide`",
            )
        step = DisputeStep(number, DisputeState.WITHDRAWN, actor, because.strip(), at or now())
        made = take_dispute_step(connection, step)
        release(connection, made, None, actor)
        return made


def close_dispute(
    project: OpenProject, number: int, *, actor: str, because: str = "", at: datetime | None = None
) -> Dispute:
    """Close a decided dispute, once the adjustment that follows from it is applied or refused."""
    with project.books.writing() as connection:
        found = dispute_in(connection, number)
        waits = [
            one
            for one in read_adjustments(connection, found.period)
            if one.dispute == number and one.state.is_pending
        ]
        if waits:
            raise UsageError(
                f"dispute {number} isn't done: adjustment {waits[0].id} is {waits[0].state}",
                hint=f"see `apportion adjust show {waits[0].id}`",
            )
        step = DisputeStep(number, DisputeState.CLOSED, actor, because, at or now())
        return take_dispute_step(connection, step)


def list_disputes(
    project: OpenProject, period: Period | None = None, *, team: str = "", ended: bool = False
) -> tuple[Dispute, ...]:
    """Disputes, those to be decided first by their deadline; `ended` has closed ones too."""
    with project.books.reading() as connection:
        found = read_disputes(connection, period)
    done = {DisputeState.CLOSED, DisputeState.WITHDRAWN}
    wanted = [one for one in found if (ended or one.state not in done) and team in {"", one.team}]
    return tuple(sorted(wanted, key=lambda one: (not one.state.is_open, one.decide_by, one.id)))
