"""The model's own prices of usage, in the order in which they decide, over the catalogue's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from apportion.domain.money import SCALE, plain_text
from apportion.errors import ConfigurationError
from apportion.model.usage_prices import ANY, UsagePrice
from apportion.price.service_tiers import tier_of
from apportion.price.usage_class import MeterPrice, UsageClass


@dataclass(frozen=True)
class Named:
    """Usage under all names that it goes by: its own, and those of the catalogue."""

    usage: UsageClass
    providers: frozenset[str]
    models: frozenset[str]


class StatedPrices:
    """The entries of the model. The first that fits decides; of the entries for prompts of
    several sizes that go together, that for the largest size which a prompt reaches.
    """

    def __init__(self, prices: Iterable[UsagePrice]) -> None:
        held = tuple(prices)
        first: dict[tuple[str, ...], int] = {}
        for price in held:
            first.setdefault(price.subject[:-1], price.position)
        self._prices = sorted(
            held, key=lambda one: (first[one.subject[:-1]], -one.min_input, one.position)
        )
        self.meters = frozenset(one.meter for one in held if one.price is not None)

    def fitting(self, named: Named) -> tuple[UsagePrice, ...]:
        """The prices and discounts for usage, on whatever days."""
        return tuple(one for one in self._prices if not one.same_as and _fits(one, named))

    def aliases(self, named: Named) -> tuple[UsagePrice, ...]:
        """What the usage's name stands for in the catalogue."""
        return tuple(one for one in self._prices if one.same_as and _fits(one, named))


def price_of(
    meter: str,
    listed: MeterPrice | None,
    fitting: Sequence[UsagePrice],
    day: date,
    size: int,
) -> MeterPrice | None:
    """The price of a meter on a day for a prompt of a size: as stated, else as listed."""
    for one in fitting:
        if not one.valid.covers(day) or one.meter not in {"", meter} or size < one.min_input:
            continue
        if one.price is not None:
            return MeterPrice(one.price, one.per, one.currency, str(one.place), one.place)
        if one.discount is not None and listed is not None:
            return _discounted(listed, one, one.discount)
    return listed


def _discounted(listed: MeterPrice, entry: UsagePrice, discount: Fraction) -> MeterPrice:
    reduced = Fraction(listed.price) * (1 - discount)
    scaled = reduced * 10**SCALE
    if scaled.denominator != 1:
        raise ConfigurationError(
            f"a discount on {listed.origin} leaves a price of more than {SCALE} places",
            place=entry.place,
            why="it would not be exact",
            hint="state the discount with fewer decimal places, or the price itself",
        )
    percent = plain_text(Decimal((discount * 10**20).numerator).scaleb(-18))
    return replace(
        listed,
        price=Decimal(scaled.numerator).scaleb(-SCALE).normalize(),
        origin=f"{listed.origin}, less {percent}% by {entry.place}",
        place=entry.place,
    )


def _fits(price: UsagePrice, named: Named) -> bool:
    kind, usage = price.kind, named.usage
    return (
        _any(kind.provider, named.providers)
        and _any(kind.model, named.models)
        and _tier(kind.service_tier, usage.service_tier)
        and _any(kind.region, (usage.region,))
        and _any(kind.resource, usage.resources)
    )


def _tier(pattern: str, tier: str) -> bool:
    return pattern == ANY or _matcher(tier_of(pattern)).fullmatch(tier_of(tier)) is not None


def _any(pattern: str, names: Iterable[str]) -> bool:
    if pattern == ANY:
        return True
    matcher = _matcher(pattern.casefold())
    return any(matcher.fullmatch(name.casefold()) for name in names)


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)
