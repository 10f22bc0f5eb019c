"""How a month stands against its budget: variance, burn, what is left of the year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from apportion.domain.budget import BudgetDocument, BudgetLine, BudgetOwner, BudgetOwnerKind
from apportion.domain.period import Period
from apportion.errors import NotLoaded
from apportion.insight.budget_actuals import actuals_of
from apportion.run.open_project import OpenProject
from apportion.store.books.budgets import budget_in_force, lines_in_force


class AllowanceUse(StrEnum):
    """first: what an owner spends uses up its innovation allowance first, and then its budget.
    apart: the budget pays first, and the allowance stands apart, for what goes beyond it.
    """

    FIRST = "first"
    APART = "apart"


@dataclass(frozen=True)
class OwnerStatus:
    """An owner's month and its year so far, in minor units.

    `charged` is the part of the actual that the budget proper bears; the allowance bears
    `allowance_used`. The year so far ends with this month.
    """

    owner: BudgetOwner
    budget: int
    actual: int
    allowance: int
    allowance_used: int
    year_budget: int
    year_actual: int

    @property
    def charged(self) -> int:
        return self.actual - self.allowance_used

    @property
    def variance(self) -> Fraction | None:
        """(actual - budget) ÷ budget, of what the budget bears; None without a budget.

        >>> owner = BudgetOwner.parse("team:nlp")
        >>> OwnerStatus(owner, 1000, 1150, 0, 0, 12000, 1150).variance
        Fraction(3, 20)
        """
        return Fraction(self.charged - self.budget, self.budget) if self.budget else None

    @property
    def burn(self) -> Fraction | None:
        """Which part of the year's budget is spent; None without a budget."""
        return Fraction(self.year_actual, self.year_budget) if self.year_budget else None

    @property
    def left(self) -> int:
        """What is left of the year's budget; below zero where it is overspent."""
        return self.year_budget - self.year_actual


@dataclass(frozen=True)
class BudgetStatus:
    """All owners of the version that counts for a month; `missing` months have no run yet."""

    budget: BudgetDocument
    period: Period
    owners: tuple[OwnerStatus, ...]
    missing: tuple[Period, ...]


def budget_status(
    project: OpenProject, period: Period, use: AllowanceUse = AllowanceUse.APART
) -> BudgetStatus:
    """Hold a month, and the year up to it, against the approved budget.

    Raises NotLoaded where no approved budget covers the month, or the month has no run.
    Source: FinOps KPI library, budget variance.
    """
    with project.books.reading() as connection:
        found = budget_in_force(connection, period)
        if found is None:
            raise NotLoaded(
                f"no approved budget covers {period}",
                hint="`apportion budget list` shows which versions wait for approval",
            )
        version = found[0]
        lines = lines_in_force(connection, version)
    months = [month for month in version.months if month <= period]
    spent: dict[Period, dict[BudgetOwner, int]] = {}
    for month in months:
        if month == period or project.books.run(month, ()) is not None:
            spent[month] = actuals_of(project, month, version.currency)
    missing = tuple(month for month in months if month not in spent)
    return BudgetStatus(version, period, tuple(_owners(lines, period, spent, use)), missing)


def _owners(
    lines: tuple[BudgetLine, ...],
    period: Period,
    spent: dict[Period, dict[BudgetOwner, int]],
    use: AllowanceUse,
) -> Iterator[OwnerStatus]:
    kinds = list(BudgetOwnerKind)
    for owner in sorted({line.owner for line in lines}, key=lambda o: (kinds.index(o.kind), o)):
        own = [line for line in lines if line.owner == owner]
        by_month = {m: _bear(own, m, found.get(owner, 0), use) for m, found in spent.items()}
        budget, allowance, actual, used = by_month[period]
        yield OwnerStatus(
            owner=owner,
            budget=budget,
            actual=actual,
            allowance=allowance,
            allowance_used=used,
            year_budget=sum(line.units for line in own if not line.allowance),
            year_actual=sum(a - u for _, _, a, u in by_month.values()),
        )


def _bear(
    own: list[BudgetLine], month: Period, actual: int, use: AllowanceUse
) -> tuple[int, int, int, int]:
    """A month's budget, allowance, actual, and how much of that the allowance bears."""
    budget, allowance = (
        sum(line.units for line in own if line.month == month and line.allowance is extra)
        for extra in (False, True)
    )
    beyond = actual if use is AllowanceUse.FIRST else actual - budget
    return budget, allowance, actual, max(0, min(allowance, beyond))
