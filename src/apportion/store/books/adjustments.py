"""Adjustments in the books: what was proposed stays, and states are steps that are added."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import Connection, select

from apportion.domain.adjustment import Adjustment, AdjustmentState, AdjustmentStep
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import adjustment_steps, adjustments

_PLAIN = ("period", "currency", "units", "because", "actor", "at", "line", "dispute", "beyond")
_MADE_WITH = ("run", "model")


def read_adjustments(
    connection: Connection, period: Period | None = None, number: int = 0
) -> tuple[Adjustment, ...]:
    """Adjustments of a period, or one by its number, or all, the oldest first."""
    wanted = select(adjustments).order_by(adjustments.c.id)
    if period is not None:
        wanted = wanted.where(adjustments.c.period == period)
    if number:
        wanted = wanted.where(adjustments.c.id == number)
    rows = connection.execute(wanted).all()
    if not rows:
        return ()
    steps: dict[int, list[AdjustmentStep]] = defaultdict(list)
    taken = select(adjustment_steps).order_by(adjustment_steps.c.id)
    if number:
        taken = taken.where(adjustment_steps.c.adjustment == number)
    for row in connection.execute(taken):
        state = AdjustmentState(row.state)
        step = AdjustmentStep(row.adjustment, state, row.actor, row.because, row.at, row.into)
        steps[row.adjustment].append(step)
    return tuple(
        Adjustment(
            **{name: getattr(row, name) for name in (*_PLAIN, *_MADE_WITH)},
            giver=Owner(OwnerKind(row.giver_kind), row.giver),
            taker=Owner(OwnerKind(row.taker_kind), row.taker),
            id=row.id,
            steps=tuple(steps[row.id]),
        )
        for row in rows
    )


def adjustment_in(connection: Connection, number: int) -> Adjustment:
    """An adjustment by its number; raises NotLoaded where there is none."""
    found = read_adjustments(connection, number=number)
    if not found:
        raise NotLoaded(f"there is no adjustment {number}", hint="see `apportion adjust list`")
    return found[0]


def adjustments_on(connection: Connection, period: Period) -> tuple[Adjustment, ...]:
    """Applied adjustments that a month's statement shows: of the month, or booked in it."""
    return tuple(
        one
        for one in read_adjustments(connection)
        if one.state is AdjustmentState.APPLIED
        and (one.period == period or one.into == str(period))
    )


def add_adjustment(connection: Connection, adjustment: Adjustment) -> Adjustment:
    """Write an adjustment and its first step, within a writing transaction; gives its number."""
    row = {name: getattr(adjustment, name) for name in (*_PLAIN, *_MADE_WITH)}
    row |= {
        "giver_kind": str(adjustment.giver.kind),
        "giver": adjustment.giver.name,
        "taker_kind": str(adjustment.taker.kind),
        "taker": adjustment.taker.name,
    }
    added = connection.execute(adjustments.insert(), row).inserted_primary_key
    assert added is not None
    made = replace(adjustment, id=added[0])
    step = AdjustmentStep(made.id, AdjustmentState.DRAFT, made.actor, made.because, made.at)
    _write_step(connection, step)
    said = {
        "period": str(made.period),
        "amount": f"{made.amount} {made.currency}",
        "from": str(made.giver),
        "to": str(made.taker),
        "because": made.because,
        **({"dispute": str(made.dispute)} if made.dispute else {}),
        **({"beyond": "the line"} if made.beyond else {}),
    }
    add_entry(connection, AuditEntry(made.at, made.actor, "adjust", _subject(made.id), said))
    return replace(made, steps=(step,))


def take_adjustment_step(connection: Connection, step: AdjustmentStep) -> Adjustment:
    """Take an adjustment to another state, within a writing transaction, with a line in the log.

    Raises UsageError where it may not go there, so that none is applied twice.
    """
    found = adjustment_in(connection, step.adjustment)
    if not found.state.may_become(step.state):
        last = found.steps[-1]
        raise UsageError(
            f"adjustment {found.id} is {found.state}, by {last.actor}: "
            f"it can't become {step.state}",
            hint="the way is draft, submitted, approved, applied; see `apportion adjust show`",
        )
    _write_step(connection, step)
    said = {"before": str(found.state), "after": str(step.state), "because": step.because}
    said |= {"into": step.into} if step.into else {}
    entry = AuditEntry(step.at, step.actor, f"adjust-{step.state}", _subject(found.id), said)
    add_entry(connection, entry)
    return replace(found, steps=(*found.steps, step))


def _write_step(connection: Connection, step: AdjustmentStep) -> None:
    row = {
        "adjustment": step.adjustment,
        "state": str(step.state),
        "actor": step.actor,
        "because": step.because,
        "at": step.at,
        "into": step.into,
    }
    connection.execute(adjustment_steps.insert(), row)


def _subject(number: int) -> str:
    return f"adjustment {number}"
