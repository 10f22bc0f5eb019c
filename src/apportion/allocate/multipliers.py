"""What a team's quantities are multiplied by: its own factor, or that of its product's stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby

from apportion.domain.period import Span
from apportion.model.counting import Counting
from apportion.model.dated import on
from apportion.model.organisation import Organisation, UnitKind

Factors = tuple[tuple[Span, Fraction], ...]
"""A factor for some days, and others for those after."""


def multipliers(
    organisation: Organisation, counting: Counting | None, days: Span
) -> Mapping[str, Factors]:
    """The factors of each team or pool that has one, with the days on which each holds.

    A stage is that of the product which the team belongs to. A team's own factor wins.
    """
    if counting is None or not (counting.teams or counting.stages):
        return {}
    found: dict[str, Factors] = {team: ((days, own),) for team, own in counting.teams}
    stages = dict(counting.stages)
    for team in organisation.teams if stages else ():
        if team.name not in found:
            by_day = ((day, _by_stage(organisation, stages, team.name, day)) for day in days)
            found[team.name] = tuple(_while_equal(by_day))
    return found


def factor(factors: Factors, used: Mapping[Span, Fraction]) -> Fraction:
    """One factor for all days: each weighs by what was used while it held.

    >>> first, last = Span(date(2026, 10, 1), date(2026, 10, 11)), Span(
    ...     date(2026, 10, 11), date(2026, 11, 1))
    >>> double = ((first, Fraction(2)), (last, Fraction(1)))
    >>> factor(double, {first: Fraction(10), last: Fraction(30)})
    Fraction(5, 4)
    """
    total = sum((used[days] for days, _ in factors), Fraction(0))
    if not total:
        return factors[0][1]
    return sum((used[days] * own for days, own in factors), Fraction(0)) / total


def _while_equal(by_day: Iterable[tuple[date, Fraction]]) -> Iterator[tuple[Span, Fraction]]:
    for own, days in groupby(by_day, key=lambda pair: pair[1]):
        those = [day for day, _ in days]
        yield Span(those[0], those[-1] + timedelta(days=1)), own


def _by_stage(
    organisation: Organisation, stages: Mapping[str, Fraction], team: str, day: date
) -> Fraction:
    product = organisation.units.get(organisation.ancestor(team, UnitKind.PRODUCT, day))
    stage = on(product.stage, day) if product else None
    return stages.get(stage or "", Fraction(1))
