"""What a team's quantities are multiplied by: its own factor, or that of its product's stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from apportion.domain.period import Span
from apportion.model.counting import Counting
from apportion.model.dated import on
from apportion.model.organisation import Organisation, UnitKind


def multipliers(
    organisation: Organisation, counting: Counting | None, days: Span
) -> Mapping[str, Fraction]:
    """The factor of each team or pool that has one, on average over the days.

    A stage is that of the product which the team belongs to; one that changes
    counts by the days on which it holds. A team's own factor wins.
    """
    if counting is None or not (counting.teams or counting.stages):
        return {}
    found = dict(counting.teams)
    stages = dict(counting.stages)
    for team in organisation.teams if stages else ():
        if team.name not in found:
            factors = [_by_stage(organisation, stages, team.name, day) for day in days]
            found[team.name] = sum(factors, Fraction(0)) / days.days
    return found


def _by_stage(
    organisation: Organisation, stages: Mapping[str, Fraction], team: str, day: date
) -> Fraction:
    product = organisation.units.get(organisation.ancestor(team, UnitKind.PRODUCT, day))
    stage = on(product.stage, day) if product else None
    return stages.get(stage or "", Fraction(1))
