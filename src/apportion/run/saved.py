"""Runs that were saved in the books."""

from __future__ import annotations

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded
from apportion.model.cache import collector_paused
from apportion.run.approved_budgets import with_approved_budgets
from apportion.store.books import Books

EXPLAINED = ("teams", "attributed", "shares", "lines", "proofs", "rates")
"""What an explanation rests on."""


def latest_run(books: Books, period: Period) -> Run:
    """The run that stands for a period, with approved budgets where there are some.

    Raises NotLoaded where there is no run.
    """
    # A large run is many objects, of which none is garbage.
    with collector_paused():
        return with_approved_budgets(books, _found(books.run(period), period))


def run_to_explain(books: Books, period: Period, team: str, line: str = "") -> Run:
    """The run that stands for a period, with what the lines of a team rest on.

    Without a team, with what pools keep and nobody carries rests on, or any one line. Raises
    NotLoaded like `latest_run`.
    """
    whose = None if line and not team else team
    # A large run is many objects, of which none is garbage.
    with collector_paused():
        return _found(books.run(period, EXPLAINED, whose), period)


def _found(run: Run | None, period: Period) -> Run:
    if run is None:
        raise NotLoaded(
            f"no run was made for {period}",
            hint=f"evaluate the model on it: `apportion run --period {period}`",
        )
    return run
