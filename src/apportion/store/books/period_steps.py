"""The steps of a period's life, in the books: added, never changed."""

from __future__ import annotations

from typing import NoReturn

from sqlalchemy import Connection, select

from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.errors import PeriodClosed
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.audit_rows import rows_said
from apportion.store.books.schema import period_states


def read_steps(connection: Connection, period: Period | None = None) -> tuple[PeriodStep, ...]:
    """The steps of a period, or of all, in the order in which they were taken."""
    wanted = select(period_states).order_by(period_states.c.id)
    if period is not None:
        wanted = wanted.where(period_states.c.period == period)
    return tuple(
        PeriodStep(row.period, PeriodState(row.state), row.run, row.actor, row.because, row.at)
        for row in connection.execute(wanted)
    )


def state_in(connection: Connection, period: Period) -> PeriodState:
    """Where a period is; open where nobody ever took a step."""
    newest = (
        select(period_states.c.state)
        .where(period_states.c.period == period)
        .order_by(period_states.c.id.desc())
        .limit(1)
    )
    found = connection.execute(newest).scalar()
    return PeriodState(found) if found else PeriodState.OPEN


def take_step(connection: Connection, step: PeriodStep) -> None:
    """Take a period to a state, within a writing transaction; raises PeriodClosed.

    Of several who close a period at once, the first does, and the others are told.
    """
    now = state_in(connection, step.period)
    if not now.may_become(step.state):
        refuse_step(connection, step.period, now, step.state)
    row = {
        "period": step.period,
        "state": str(step.state),
        "run": step.run,
        "actor": step.actor,
        "because": step.because,
        "at": step.at,
    }
    added = connection.execute(period_states.insert(), row).inserted_primary_key
    assert added is not None
    detail = {"state": str(step.state), "run": step.run, "because": step.because}
    said = {name: value for name, value in detail.items() if value}
    said |= rows_said(connection, (period_states, added))
    add_entry(connection, AuditEntry(step.at, step.actor, "period", str(step.period), said))


def open_month(connection: Connection, after: Period, wanted: Period | None = None) -> Period:
    """The first open month after a closed one, or the one that is `wanted`; PeriodClosed else."""
    found = wanted or after.next()
    if wanted is None:
        while state_in(connection, found).is_closed:
            found = found.next()
    if found <= after or state_in(connection, found).is_closed:
        raise PeriodClosed(
            f"{found} can't take what changes of {after}",
            why="it is booked in a later month that is open",
            hint="name one with --into",
        )
    return found


def refuse_step(
    connection: Connection, period: Period, now: PeriodState, wanted: PeriodState
) -> NoReturn:
    """Say that a period can't become what is wanted, who took it where it is, and what to do."""
    last = read_steps(connection, period)
    who = f", by {last[-1].actor}" if last else ""
    raise PeriodClosed(
        f"{period} is {now}{who}: it can't become {wanted}",
        why="a closed month stays as it was issued" if now.is_closed else "",
        hint="what changes now is a correction in an open month: `apportion correct`"
        if now.is_closed
        else f"see `apportion periods`; from {now} it may become another state",
    )
