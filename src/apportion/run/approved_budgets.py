"""The approved budgets of a month in the place of those that the model states."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from apportion.domain.budget import BudgetOwnerKind
from apportion.domain.money import from_units, minor_digits
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.result import Run
from apportion.store.books import Books
from apportion.store.books.budgets import budget_in_force


def with_approved_budgets(books: Books, run: Run) -> Run:
    """A run whose teams have the budgets of the approved version that covers its month.

    A team without a line in that version has none. A closed month keeps the version that
    counted when it was closed. Without an approved version the model's budgets stay.
    """
    if run.span != run.period.span or not run.teams:
        return run
    closed = _closed_at(books, run.period)
    with books.reading() as connection:
        found = budget_in_force(connection, run.period, closed)
    if found is None:
        return run
    version, lines = found
    digits = minor_digits(version.currency)
    budgets: dict[str, Decimal] = {
        line.owner.name: from_units(line.units, digits)
        for line in lines
        if line.owner.kind is BudgetOwnerKind.TEAM and not line.allowance
    }
    teams = tuple(
        replace(
            team,
            budget=budgets.get(team.team),
            budget_currency=version.currency if team.team in budgets else "",
        )
        for team in run.teams
    )
    return replace(run, teams=teams)


def _closed_at(books: Books, period: Period) -> datetime | None:
    steps = books.steps(period)
    return next((step.at for step in steps if step.state is PeriodState.CLOSED), None)
