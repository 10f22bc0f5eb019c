"""Runs that were saved in the books."""

from __future__ import annotations

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded
from apportion.store.books import Books


def latest_run(books: Books, period: Period) -> Run:
    """The run that stands for a period; raises NotLoaded where there is none."""
    run = books.run(period)
    if run is None:
        raise NotLoaded(
            f"no run was made for {period}",
            hint=f"evaluate the model on it: `apportion run --period {period}`",
        )
    return run
