"""What a statement says of a team besides its cost, as of the last day of a span."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from apportion.domain.period import Period, Span
from apportion.domain.result import TeamFacts
from apportion.model.dated import Validity, on
from apportion.model.organisation import OrgUnit, UnitKind
from apportion.model.project import Budget, Model


def team_facts(model: Model, span: Span) -> tuple[TeamFacts, ...]:
    """Every team that exists on at least one day of the span, by name.

    A team that ended within the span is described as of its own last day.
    """
    return tuple(
        _facts(model, team, span, met.until - timedelta(days=1))
        for team in model.organisation.teams
        if (met := Validity(span.start, span.until).meet(team.valid)) and met.until
    )


def _facts(model: Model, team: OrgUnit, span: Span, day: date) -> TeamFacts:
    budget, currency = _budget(model, team.name, span)
    return TeamFacts(
        team=team.name,
        title=team.title,
        cost_center=on(team.cost_center, day) or "",
        product=model.organisation.ancestor(team.name, UnitKind.PRODUCT, day),
        business_unit=model.organisation.ancestor(team.name, UnitKind.BUSINESS_UNIT, day),
        budget=budget,
        budget_currency=currency,
    )


def _budget(model: Model, team: str, span: Span) -> tuple[Decimal | None, str]:
    """The budgets of the whole months of a span, summed; none where a month has none."""
    found: list[Budget] = []
    for month in _months(span):
        held = [b for b in model.budgets if b.team == team and b.valid.covers(month.start)]
        if not held:
            return None, ""
        found.append(held[0])
    currencies = {budget.currency for budget in found}
    if len(currencies) != 1:
        return None, ""
    return sum((budget.amount for budget in found), Decimal(0)), currencies.pop()


def _months(span: Span) -> Iterator[Period]:
    month = Period.of(span.start)
    if month.start != span.start or span.until.day != 1:
        return
    while month.start < span.until:
        yield month
        month = month.next()
