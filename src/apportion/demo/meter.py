"""What each resource uses on each day of a month, and which of it is billed late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apportion.demo.catalogue import ALL_DAY, Coverage, Resource
from apportion.demo.chance import chance
from apportion.demo.company import RUNAWAY, month_index
from apportion.demo.prices import Sku
from apportion.demo.seasons import ONE, Season, growth, rhythm
from apportion.domain.period import Period

_LATE = 0.06
"""The chance that a resource's last day of a month arrives with the next bill."""

_SWEEP = (date(2026, 5, 9), date(2026, 5, 24))
"""The runaway sweep was started on a Saturday and found two weeks later."""


@dataclass(frozen=True)
class Metered:
    """A resource's use of one thing on one day; the quantity has at most four places."""

    resource: Resource
    sku: Sku
    day: date
    quantity: Decimal


def metered(all_resources: tuple[Resource, ...], period: Period, seed: int) -> Iterator[Metered]:
    """All use in a bill: that of its month, less what is late, and what was late the month before.

    >>> from apportion.demo.catalogue import resources
    >>> bill = list(metered(resources(1), Period(2026, 10), 1))
    >>> {Period.of(use.day) for use in bill} == {Period(2026, 9), Period(2026, 10)}
    True
    """
    last = period.until - timedelta(days=1)
    before = period.start - timedelta(days=1)
    for resource in all_resources:
        if _is_late(resource, period.previous(), seed):
            yield from (use for use in _month(resource, Period.of(before), seed)
                        if use.day == before)  # fmt: skip
        late = _is_late(resource, period, seed)
        for use in _month(resource, period, seed):
            if not (late and use.day == last):
                yield use


def _is_late(resource: Resource, period: Period, seed: int) -> bool:
    """Use under a commitment is never late, so that each commitment sums within its bill."""
    if resource.coverage is not Coverage.ON_DEMAND:
        return False
    return chance(seed, "late", period, resource.id).random() < _LATE


def _month(resource: Resource, period: Period, seed: int) -> Iterator[Metered]:
    if not resource.runs_in(period):
        return
    luck = chance(seed, "use", period, resource.id)
    grown = growth(resource.growth, month_index(period))
    for day in period.span:
        noise = luck.randint(860, 1140)
        if period == RUNAWAY == resource.only and not _SWEEP[0] <= day < _SWEEP[1]:
            continue
        factor = grown * rhythm(resource.season, day) * noise
        for sku, base in resource.uses:
            amount = _quantity(resource, sku, base, factor)
            if amount:
                yield Metered(resource, sku, day, amount)


def _quantity(resource: Resource, sku: Sku, base: int, factor: int) -> Decimal:
    always_on = base == ALL_DAY and sku.most_a_day and resource.season is Season.STEADY
    units = base * 10 * (ONE**3 if always_on else factor) // ONE**3
    if sku.most_a_day:
        units = min(units, sku.most_a_day * 10_000)
    return Decimal(units).scaleb(-4)
