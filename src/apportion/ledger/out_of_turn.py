"""Whether a month's turn to be closed has come: it is over, and those before it are closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.store.books.period_steps import state_in
from apportion.store.books.snapshots import loaded_periods

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def out_of_turn(project: OpenProject, period: Period, today: date) -> Iterator[Finding]:
    """A month that runs on the day, and earlier months that have bills and aren't closed.

    What is loaded of a month that isn't over can't be all of it, however well it is proven.

    Source: cut-off, ISA 315; periods are closed in their order.
    """
    if today < period.until:
        yield Finding(
            "month-not-over",
            Level.ERROR,
            f"{period} isn't over: what comes until its last day would be missing",
            hint="wait for its end, or accept it with a reason",
        )
    yield from earlier_open(project, period)


def earlier_open(project: OpenProject, period: Period) -> Iterator[Finding]:
    """The months before one that have bills and aren't closed."""
    with project.books.reading() as connection:
        before = [one for one in loaded_periods(connection) if one < period]
        waiting = [str(one) for one in before if not state_in(connection, one).is_closed]
    if waiting:
        yield Finding(
            "earlier-month-open",
            Level.WARNING,
            f"{period} would be closed before {', '.join(waiting)}",
            hint=f"close {waiting[0]} first; its accrual can't be reversed in a closed month",
        )
