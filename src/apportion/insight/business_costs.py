"""What a unit of the business costs: statement lines by a counter of the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Line
from apportion.insight.carried import TOKEN_METERS, in_reporting
from apportion.insight.unit_cost_values import NOT_METERED, Scope, UnitCost
from apportion.model.project import Model
from apportion.model.unit_costs import TOKENS, UnitCostSpec


def business_costs(scope: Scope, model: Model) -> Iterator[UnitCost]:
    """The unit costs that the model declares and that hold in the period.

    Of one team: those that name the team, with its part of the cost.
    """
    run = scope.found.run
    products = {facts.team: facts.product for facts in run.teams}
    lines = in_reporting(run)
    for spec in model.unit_costs:
        if not spec.valid.covers(run.span.start) or (scope.team and scope.team not in spec.teams):
            continue
        count, unit = _count(scope, spec)
        own = [one for one in lines if scope.holds(one) and _meant(spec, one, products)]
        for currency in sorted({one.currency for one in own} or {run.currency}):
            cost = sum_of(one.amounts.of(run.basis) for one in own if one.currency == currency)
            yield UnitCost(
                f"per {spec.name}",
                f"cost of {_words(spec)} ÷ {spec.meter}"
                + (f" × {spec.per:,}" if spec.per != 1 else ""),
                currency,
                cost,
                count,
                unit or spec.meter,
                spec.per,
                note="" if count else f"{NOT_METERED}: no usage has {spec.meter} in the period",
            )


def _count(scope: Scope, spec: UnitCostSpec) -> tuple[Fraction | None, str]:
    found = scope.found
    meters = TOKEN_METERS if spec.meter == TOKENS else (spec.meter,)
    days = (
        day
        for day in found.quantities
        if not spec.sources or found.about(day[0], "Source") in spec.sources
    )
    return scope.quantity(days, *meters) or None, found.units.get(meters[0], "")


def _meant(spec: UnitCostSpec, line: Line, products: dict[str, str]) -> bool:
    team = line.owner.name if line.owner.kind is OwnerKind.TEAM else ""
    if spec.teams and team not in spec.teams:
        return False
    if spec.products and (not team or products.get(team) not in spec.products):
        return False
    if not spec.pools and not spec.services:
        return True
    return line.pool in spec.pools if line.pool else line.service in spec.services


def _words(spec: UnitCostSpec) -> str:
    """What cost is meant, for the formula."""
    said = [
        f"{kind} {', '.join(names)}"
        for kind, names in (
            ("teams", spec.teams),
            ("products", spec.products),
            ("pools", spec.pools),
            ("services", spec.services),
        )
        if names
    ]
    return " in ".join(said) or "everything"
