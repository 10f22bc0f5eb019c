"""What a month's budgets are: of the approved version in the books, else of the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from apportion.domain.money import from_units, minor_digits
from apportion.domain.period import Period
from apportion.insight.past.read_month import Subject, SubjectKind
from apportion.model.organisation import UnitKind
from apportion.model.project import Model
from apportion.store.books import Books
from apportion.store.books.budgets import budget_in_force


@dataclass(frozen=True)
class MonthBudgets:
    """The budgets of a month by subject; amounts are floats, to be held against estimates."""

    period: Period
    amounts: Mapping[Subject, float]

    def of(self, subject: Subject) -> float:
        """What a subject may spend in the month; zero where nothing was set.

        Everything together may spend what all teams may.
        """
        if subject.kind is not SubjectKind.ALL:
            return self.amounts.get(subject, 0.0)
        return sum(
            amount
            for one, amount in self.amounts.items()
            if one.kind is SubjectKind.TEAM and one.currency == subject.currency
        )

    def team(self, name: str, currency: str) -> float:
        return self.of(Subject(SubjectKind.TEAM, name, currency))


def month_budgets(books: Books, model: Model, period: Period) -> MonthBudgets:
    """The budgets that count for a month.

    Once a version is approved, its lines do, innovation allowances included; before that those
    of the model, a product's being those of its teams.
    """
    with books.reading() as connection:
        approved = budget_in_force(connection, period)
    amounts: dict[Subject, float] = defaultdict(float)
    if approved is None:
        for one in model.budgets:
            if one.valid.covers(period.start):
                amounts[Subject(SubjectKind.TEAM, one.team, one.currency)] += float(one.amount)
                product = model.organisation.ancestor(one.team, UnitKind.PRODUCT, period.start)
                if product:
                    at = Subject(SubjectKind.PRODUCT, product, one.currency)
                    amounts[at] += float(one.amount)
        return MonthBudgets(period, dict(amounts))
    document, lines = approved
    for line in lines:
        if str(line.owner.kind) in {str(one) for one in SubjectKind}:
            kind = SubjectKind(str(line.owner.kind))
            value = float(from_units(line.units, minor_digits(document.currency)))
            amounts[Subject(kind, line.owner.name, document.currency)] += value
    return MonthBudgets(period, dict(amounts))
