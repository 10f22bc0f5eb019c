"""The council's queue: what waits for a decision, by deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from apportion.domain.adjustment import Adjustment, AdjustmentState
from apportion.domain.dispute import Dispute
from apportion.errors import ConfigurationError
from apportion.govern.adjustments import list_adjustments
from apportion.govern.disputes import list_disputes
from apportion.govern.due_rules import Due, due_review, due_rules

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Queue:
    """Disputes to decide, adjustments to decide and to apply, and rules that are due."""

    today: date
    disputes: tuple[Dispute, ...]
    adjustments: tuple[Adjustment, ...]
    due: tuple[Due, ...]

    @property
    def overdue(self) -> tuple[Dispute, ...]:
        return tuple(one for one in self.disputes if one.is_overdue(self.today))


def council_queue(project: OpenProject, today: date) -> Queue:
    """What waits on a day; rules aren't told where the model can't be read."""
    waiting = {AdjustmentState.SUBMITTED, AdjustmentState.APPROVED}
    try:
        due = due_rules(project.model, today)
    except ConfigurationError:
        due = ()
    with project.books.reading() as connection:
        due = (*due_review(connection, today), *due)
    return Queue(
        today,
        tuple(one for one in list_disputes(project) if one.state.is_open),
        tuple(one for one in list_adjustments(project) if one.state in waiting),
        due,
    )
