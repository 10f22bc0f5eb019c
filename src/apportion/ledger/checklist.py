"""The checklist of a period: where it is, who accepted, who approved, how near its accrual came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from apportion.domain.approval import Approval
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.restatement import Reopening, Restatement
from apportion.domain.review import Review
from apportion.ledger.accrual_accuracy import Accuracy, accrual_accuracy
from apportion.ledger.review import review_of, settle_silence
from apportion.store.books.approvals import approvals_of
from apportion.store.books.restatements import read_reopenings, read_restatements
from apportion.store.books.schema import journal_documents

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Checklist:
    """A period and all that was said and booked on its way."""

    period: Period
    state: PeriodState
    review: Review | None
    approvals: tuple[Approval, ...]
    accuracy: Accuracy | None
    restatements: tuple[Restatement, ...]
    reopenings: tuple[Reopening, ...]


def checklist(project: OpenProject, period: Period) -> Checklist:
    """Where a period stands; a review whose deadline is over is settled first."""
    settle_silence(project, period)
    accuracy = accrual_accuracy(project, period)
    with project.books.reading() as connection:
        approvals = (
            *approvals_of(connection, f"close {period}"),
            *approvals_of(connection, f"correct {period}"),
        )
        restated = read_restatements(connection, period)
        reopened = read_reopenings(connection, period)
    return Checklist(
        period,
        project.books.state(period),
        review_of(project, period),
        approvals,
        accuracy[-1] if accuracy else None,
        restated,
        reopened,
    )


def checklists(project: OpenProject) -> tuple[Checklist, ...]:
    """Of all periods that took a step, were loaded or run, or have documents; oldest first."""
    books = project.books
    with books.reading() as connection:
        booked = set(connection.execute(select(journal_documents.c.period).distinct()).scalars())
    found = {
        *booked,
        *(one.period for one in books.steps()),
        *(one.period for one in books.runs()),
        *(one.period for one in books.current(quarantined=False)),
    }
    return tuple(checklist(project, period) for period in sorted(found))
