"""Disputes in the books: what was said stays, and states are steps that are added."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import Connection, select

from apportion.domain.dispute import Dispute, DisputeState, DisputeStep, Reason
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import dispute_steps, disputes

_TEXTS = ("team", "line", "title", "pool", "currency", "because", "actor", "run", "digest", "given")
_PLAIN = (*_TEXTS, "period", "units", "line_units", "at", "until", "decide_by", "reopens")


def read_disputes(
    connection: Connection, period: Period | None = None, number: int = 0
) -> tuple[Dispute, ...]:
    """Disputes of a period, or one by its number, or all, the oldest first."""
    wanted = select(disputes).order_by(disputes.c.id)
    if period is not None:
        wanted = wanted.where(disputes.c.period == period)
    if number:
        wanted = wanted.where(disputes.c.id == number)
    rows = connection.execute(wanted).all()
    if not rows:
        return ()
    steps: dict[int, list[DisputeStep]] = defaultdict(list)
    taken = select(dispute_steps).order_by(dispute_steps.c.id)
    if number:
        taken = taken.where(dispute_steps.c.dispute == number)
    for row in connection.execute(taken):
        step = DisputeStep(row.dispute, DisputeState(row.state), row.actor, row.because, row.at)
        steps[row.dispute].append(step)
    return tuple(
        Dispute(
            **{name: getattr(row, name) for name in _PLAIN},
            reason=Reason(row.reason),
            evidence=row.evidence,
            id=row.id,
            steps=tuple(steps[row.id]),
        )
        for row in rows
    )


def dispute_in(connection: Connection, number: int) -> Dispute:
    """A dispute by its number; raises NotLoaded where there is none."""
    found = read_disputes(connection, number=number)
    if not found:
        raise NotLoaded(
            f"there is no dispute {number}", hint="`apportion dispute list --all` has them"
        )
    return found[0]


def undecided(connection: Connection, period: Period) -> tuple[Dispute, ...]:
    """The disputes of a period on which nobody has decided yet."""
    return tuple(one for one in read_disputes(connection, period) if one.state.is_open)


def add_dispute(connection: Connection, dispute: Dispute) -> Dispute:
    """Write a dispute and its first step, within a writing transaction; gives it its number."""
    row = {name: getattr(dispute, name) for name in _PLAIN}
    row |= {"reason": str(dispute.reason), "evidence": dict(dispute.evidence)}
    added = connection.execute(disputes.insert(), row).inserted_primary_key
    assert added is not None
    made = replace(dispute, id=added[0])
    step = DisputeStep(made.id, DisputeState.OPENED, dispute.actor, dispute.because, dispute.at)
    _write_step(connection, step)
    said = {
        "period": str(dispute.period),
        "team": dispute.team,
        "line": dispute.line,
        "amount": f"{dispute.amount} {dispute.currency}",
        "reason": str(dispute.reason),
        "evidence": dispute.digest,
        "because": dispute.because,
    }
    add_entry(connection, AuditEntry(dispute.at, dispute.actor, "dispute", _subject(made.id), said))
    return replace(made, steps=(step,))


def take_dispute_step(connection: Connection, step: DisputeStep) -> Dispute:
    """Take a dispute to another state, within a writing transaction, with a line in the log.

    Raises UsageError where it may not go there: of two who decide at once, one does.
    """
    found = dispute_in(connection, step.dispute)
    if not found.state.may_become(step.state):
        last = found.steps[-1]
        raise UsageError(
            f"dispute {found.id} is {found.state}, by {last.actor}: it can't become {step.state}",
            hint="triage it first: `apportion dispute triage`"
            if found.state is DisputeState.OPENED
            else "open a new one that names it: `apportion dispute open --reopens`",
        )
    _write_step(connection, step)
    said = {"before": str(found.state), "after": str(step.state), "because": step.because}
    entry = AuditEntry(step.at, step.actor, f"dispute-{step.state}", _subject(found.id), said)
    add_entry(connection, entry)
    return replace(found, steps=(*found.steps, step))


def _write_step(connection: Connection, step: DisputeStep) -> None:
    row = {
        "dispute": step.dispute,
        "state": str(step.state),
        "actor": step.actor,
        "because": step.because,
        "at": step.at,
    }
    connection.execute(dispute_steps.insert(), row)


def _subject(number: int) -> str:
    return f"dispute {number}"
