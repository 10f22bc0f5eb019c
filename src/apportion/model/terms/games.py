"""Cost functions of a pool: what it would cost to serve any set of its users, as the model says."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

Number = TypeVar("Number", int, Fraction)


@dataclass(frozen=True)
class Step:
    """What a capacity of up to a level costs in a month, smaller levels included."""

    up_to: Fraction
    cost: Fraction


@dataclass(frozen=True)
class NestedNeeds:
    """Whoever needs more needs all that others need too: the largest need decides the cost.

    `needs` is a driver. Without steps, cost is in proportion to the need.
    """

    needs: str
    steps: tuple[Step, ...] = ()

    def cost(self, need: Fraction) -> Fraction | None:
        """What a need costs; None above the last step.

        >>> small, large = Step(Fraction(8), Fraction(1000)), Step(Fraction(16), Fraction(1800))
        >>> NestedNeeds("gpus", (small, large)).cost(Fraction(9))
        Fraction(1800, 1)
        """
        if not self.steps or not need:
            return need
        reached = bisect_left([step.up_to for step in self.steps], need)
        return self.steps[reached].cost if reached < len(self.steps) else None


class Pricing(StrEnum):
    """Graduated: each tier's price for what lies in it. Volume: the last tier's price for all."""

    GRADUATED = "graduated"
    VOLUME = "volume"


@dataclass(frozen=True)
class Tier:
    """The price of a unit up to a quantity of a month; the last one has no end."""

    price: Fraction
    up_to: Fraction | None = None


@dataclass(frozen=True)
class VolumeCost:
    """What the sum of a driver's quantities costs by price tiers, and a fixed cost of a month."""

    driver: str
    tiers: tuple[Tier, ...]
    fixed: Fraction = Fraction(0)
    pricing: Pricing = Pricing.GRADUATED

    def over(self, months: Fraction) -> VolumeCost:
        """The same for a part of a month, or for several."""
        tiers = tuple(
            tier if tier.up_to is None else replace(tier, up_to=tier.up_to * months)
            for tier in self.tiers
        )
        return replace(self, tiers=tiers, fixed=self.fixed * months)

    @property
    def limits(self) -> tuple[Fraction, ...]:
        return tuple(tier.up_to for tier in self.tiers if tier.up_to is not None)

    @property
    def end(self) -> Fraction | None:
        """The quantity above which no price is known; None where all have one."""
        return self.tiers[-1].up_to

    def variable(self, quantity: Fraction) -> Fraction:
        """What a quantity costs without the fixed part; it must not lie beyond the end.

        >>> tiers = (Tier(Fraction(3), Fraction(10)), Tier(Fraction(2)))
        >>> VolumeCost("tb", tiers).variable(Fraction(15))
        Fraction(40, 1)
        >>> VolumeCost("tb", tiers, pricing=Pricing.VOLUME).variable(Fraction(15))
        Fraction(30, 1)
        """
        return self._variable(quantity)

    @cached_property
    def _variable(self) -> Callable[[Fraction], Fraction]:
        return by_tiers(self.limits, [tier.price for tier in self.tiers], self.pricing)


def by_tiers(
    limits: Sequence[Number], prices: Sequence[Number], pricing: Pricing
) -> Callable[[Number], Number]:
    """A cost function by price tiers, in whole numbers or in rationals."""
    if pricing is Pricing.VOLUME:
        return lambda quantity: prices[bisect_left(limits, quantity)] * quantity
    paid: list[Number] = [limits[0] * 0 if limits else prices[0] * 0]
    for number, limit in enumerate(limits):
        width = limit - limits[number - 1] if number else limit
        paid.append(paid[-1] + width * prices[number])

    def graduated(quantity: Number) -> Number:
        tier = bisect_left(limits, quantity)
        within = quantity - limits[tier - 1] if tier else quantity
        return paid[tier] + within * prices[tier]

    return graduated


@dataclass(frozen=True)
class CoalitionCosts:
    """What it costs to serve each set of teams, stated one by one; the names of each are sorted."""

    costs: tuple[tuple[tuple[str, ...], Fraction], ...]

    @cached_property
    def _by_names(self) -> Mapping[tuple[str, ...], Fraction]:
        return dict(self.costs)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for names, _ in self.costs for name in names}))

    def cost(self, who: Collection[str]) -> Fraction:
        return self._by_names[tuple(sorted(who))] if who else Fraction(0)


Game = NestedNeeds | VolumeCost | CoalitionCosts
