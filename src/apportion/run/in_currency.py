"""Priced usage in the currency of the bill that it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from apportion.domain.period import Period
from apportion.price.choose_rates import RateDesk
from apportion.run.priced_rows import PricedRow
from apportion.run.workspace import Workspace


def in_currency(
    workspace: Workspace, period: Period, rows: Sequence[PricedRow], currency: str
) -> list[PricedRow]:
    """Rows with their cost in a currency; as they are where the project has no rate for it."""
    foreign = {row.currency for row in rows if row.cost and row.currency != currency}
    rates = _rates(workspace, period, {*foreign, currency}) if foreign else {}
    return [_converted(row, rates, currency) for row in rows]


def _converted(row: PricedRow, rates: dict[str, Fraction], currency: str) -> PricedRow:
    own, into = rates.get(row.currency), rates.get(currency)
    if row.currency == currency or not row.cost or own is None or into is None:
        return row
    return replace(row, cost=row.cost * own / into, currency=currency)


def _rates(workspace: Workspace, period: Period, currencies: set[str]) -> dict[str, Fraction]:
    """What a unit of each currency is worth in the reporting currency, where that is known."""
    project = workspace.project
    known = {project.currency: Fraction(1)}
    others = sorted(currencies - {project.currency})
    if project.rates is None or not others:
        return known
    desk = RateDesk(project, project.rates, others)
    for rate in desk.choose(period, {("", one): () for one in others}):
        if rate.value is not None:
            known[rate.currency] = rate.value
    return known
