"""Two views of a closed month: as it was issued, and as it is restated by what came since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.adjustment import Adjustment, AdjustmentState
from apportion.domain.journal import DocumentKind, JournalDocument
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.restatement import Restatement, View
from apportion.domain.result import Run
from apportion.errors import PeriodClosed
from apportion.run.approved_budgets import with_approved_budgets
from apportion.store.books.adjustments import read_adjustments
from apportion.store.books.journals import read_documents
from apportion.store.books.restatements import read_restatements

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def closing_run(project: OpenProject, period: Period) -> str:
    """The id of the run that a month was closed with; raises PeriodClosed where it isn't."""
    closed = [one for one in project.books.steps(period) if one.state is PeriodState.CLOSED]
    if not closed:
        raise PeriodClosed(
            f"{period} is {project.books.state(period)}: nothing was issued yet",
            why="a month has two views once it is closed",
            hint=f"close it: `apportion close --period {period}`",
        )
    return closed[-1].run


def restatements_of(project: OpenProject, period: Period) -> tuple[Restatement, ...]:
    """The restatements of a month since its close, the oldest first."""
    with project.books.reading() as connection:
        return read_restatements(connection, period)


def standing_run_id(project: OpenProject, period: Period, view: View) -> str:
    """The id of the run that stands for a closed month in a view."""
    issued = closing_run(project, period)
    since = restatements_of(project, period) if view is View.AS_RESTATED else ()
    return since[-1].run if since else issued


def standing_run(project: OpenProject, period: Period, view: View) -> Run:
    """The run of a closed month in a view: that of the close, or of the newest correction.

    Its teams have the budgets that were approved when the month was closed.
    """
    run = project.books.run_by_id(standing_run_id(project, period, view))
    return with_approved_budgets(project.books, run)


def adjustments_in(project: OpenProject, period: Period, view: View) -> tuple[Adjustment, ...]:
    """The applied adjustments of a closed month that a view has beside its run's total.

    As issued those that the close booked; as restated all, wherever they were booked since.
    """
    with project.books.reading() as connection:
        found = read_adjustments(connection, period)
    if view is View.AS_RESTATED:
        return tuple(one for one in found if one.state is AdjustmentState.APPLIED)
    return tuple(one for one in found if _closed_with(one))


def _closed_with(one: Adjustment) -> bool:
    """Whether the close of its month booked it: what became of it later doesn't matter."""
    said = {step.state: step.into for step in one.steps}
    back = said.get(AdjustmentState.SUPERSEDED)
    return said.get(AdjustmentState.APPLIED) == str(one.period) != back


def booked_of(project: OpenProject, period: Period) -> tuple[JournalDocument, ...]:
    """All that is booked of a month's actual cost: its journal, each correction, what undid one.

    What was accrued is no part of it: that is taken back by itself.
    """
    with project.books.reading() as connection:
        return booked_in(connection, period)


def booked_in(connection: Connection, period: Period) -> tuple[JournalDocument, ...]:
    """The same, within a transaction."""
    books = read_documents(connection)
    own = {
        one.id
        for one in books
        if (one.period == period and one.kind is DocumentKind.CHARGEBACK)
        or (one.original == str(period) and one.kind is DocumentKind.CORRECTION)
    }
    return tuple(
        one
        for one in books
        if one.id in own or (one.kind is DocumentKind.REVERSAL and one.reverses in own)
    )


def issued_of(project: OpenProject, period: Period) -> tuple[JournalDocument, ...]:
    """What the close of a month booked."""
    return tuple(
        one for one in project.books.journal(period) if one.kind is DocumentKind.CHARGEBACK
    )
