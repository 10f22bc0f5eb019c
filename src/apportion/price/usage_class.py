"""What decides the price of usage, and the prices that it has: the nouns of this room's pricing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from apportion.domain.usage import INPUT_TOKENS, OUTPUT_TOKENS
from apportion.errors import Place

CLASS_COLUMNS = ("ProviderName", "ModelId", "ServiceTier", "ContextWindow", "RegionId")

PRICEABLE = (*INPUT_TOKENS, *OUTPUT_TOKENS, "web_searches", "code_sessions")
"""Meters that a provider's bill knows: what has no price among these is told as unpriced."""

GPU_HOURS = "gpu_hours"

DAY = 86_400_000_000
"""A day in microseconds."""


@dataclass(frozen=True)
class UsageClass:
    """Usage that has the same prices. `resources` are a GPU model, an instance type, an id."""

    provider: str = ""
    model: str = ""
    service_tier: str = ""
    context_window: str = ""
    region: str = ""
    resources: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeterPrice:
    """What `per` units of a meter cost, and who says so."""

    price: Decimal
    per: int
    currency: str
    origin: str
    place: Place | None = None


@dataclass(frozen=True)
class Cell:
    """Prices that hold on days from `start` until `until`, at times of the day (microseconds,
    UTC), for prompts of at least `least` tokens and fewer than `below`.
    """

    start: date
    until: date
    prices: Mapping[str, MeterPrice]
    since: int = 0
    before: int = DAY
    least: int = 0
    below: int | None = None


@dataclass(frozen=True)
class PricedClass:
    """A class of usage with the cells of its prices, and why it has none from the catalogue.

    The cells of a class never overlap and leave nothing of the days out that were asked for.
    """

    usage: UsageClass
    cells: tuple[Cell, ...]
    reasons: tuple[str, ...] = field(default=())
