"""Take a closed month up again: it stays closed, and the way leads through a correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.domain.restatement import Reopening
from apportion.errors import NotLoaded, PeriodClosed
from apportion.ledger.correct import Correction, prepare_correction
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.period_steps import open_month
from apportion.store.books.restatements import add_reopening

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Reopened:
    """A month that was taken up again; `correction` is None while nothing has changed."""

    reopening: Reopening
    correction: Correction | None


def reopen(
    project: OpenProject, period: Period, into: Period | None, *, actor: str, because: str
) -> Reopened:
    """Begin the correction of a closed month: keep who wants it and why, and draw what it is now.

    Nothing is booked: `correct` does that. Without `into` the first open month after it takes
    the correction. Raises PeriodClosed where the month isn't closed, or without a reason.
    """
    if not because.strip():
        raise PeriodClosed("taking a closed month up again needs a reason", hint="say --because")
    with project.books.reading() as connection:
        target = open_month(connection, period, into)
    try:
        found: Correction | None = prepare_correction(project, period, target)
    except NotLoaded as nothing:
        if not nothing.what.startswith("nothing has changed"):
            raise
        found = None
    made = Reopening(period, target, actor, because, now())
    with project.books.writing() as connection:
        add_reopening(connection, made)
        said = {"because": because, "into": str(target)}
        add_entry(connection, AuditEntry(made.at, actor, "reopen", str(period), said))
    return Reopened(made, found)
