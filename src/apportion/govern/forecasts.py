"""Forecasts stored against a budget, in versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from apportion.domain.forecast import Forecast, ForecastLine
from apportion.errors import NotLoaded, UsageError
from apportion.govern.budgets import check_owners
from apportion.run.open_project import OpenProject
from apportion.store.books.budgets import read_budgets
from apportion.store.books.forecasts import add_forecast, read_forecasts


def keep_forecast(
    project: OpenProject, budget: str, lines: Sequence[ForecastLine], *, actor: str, method: str
) -> Forecast:
    """Keep the next version of a forecast against a budget; the earlier ones stay.

    Raises NotLoaded where there is no such budget, UsageError where two lines are about one
    owner and month, or there is none.
    """
    if not lines:
        raise UsageError("the forecast has no lines", hint="give each month an amount")
    seen = Counter((line.owner, line.month) for line in lines)
    (owner, month), count = seen.most_common(1)[0]
    if count > 1:
        raise UsageError(
            f"{owner or 'the whole bill'} has {count} forecasts for {month}", hint="keep one"
        )
    check_owners(project.model, [line.owner for line in lines if line.owner])
    with project.books.writing() as connection:
        kept = read_budgets(connection, budget)
        if not kept:
            raise NotLoaded(
                f"no budget is called {budget!r}", hint="`apportion budget list` shows them"
            )
        made = Forecast(
            budget=budget,
            number=len(read_forecasts(connection, budget)) + 1,
            currency=kept[0].document.currency,
            method=method,
            lines=tuple(lines),
            author=actor,
            at=datetime.now(UTC),
        )
        add_forecast(connection, made)
    return made
