"""From the nested units of the catalogue to the disjoint meters of usage.

In the catalogue `input_tokens` include what was read from a cache, and a class of tokens
without a price of its own costs what the class around it does: cached tokens the input price,
a cache kept for an hour the price of writing to the cache. So each of our meters, which
are disjoint, costs what the nearest priced unit around it does. A meter that no priced unit
surrounds has no price: it is told as unpriced where the catalogue itself would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice, TieredPrices
    from genai_prices.units import UnitDef, UnitRegistry

UNITS: Mapping[str, str] = {
    "uncached_input_tokens": "input_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "cache_read_audio_tokens": "cache_audio_read_tokens",
    "input_image_tokens": "input_image_tokens",
    "output_tokens": "output_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "output_image_tokens": "output_image_tokens",
    "web_searches": "web_searches",
    "requests": "requests",
}
"""Our meters, and the most specific unit of the catalogue that each of their parts is."""

REASONING, REASONING_UNIT, OUTPUT = "reasoning_tokens", "output_reasoning_tokens", "output_tokens"


def meter_prices(price: ModelPrice, size: int) -> dict[str, tuple[Decimal, int]]:
    """What so many units of each meter cost, for a prompt of a size in tokens.

    `reasoning_tokens` are part of `output_tokens`: where they have a price of their own,
    theirs is the difference. Raises ValueError for prices that the catalogue can't apply.
    """
    from genai_prices.validation import validate_priced_units

    registry = _registry()
    priced = {unit.usage_key: _at(amount, size) for unit, amount in _priced(price, registry)}
    units = [registry.units[name] for name in priced]
    validate_priced_units(units, registry)
    made: dict[str, tuple[Decimal, int]] = {}
    for meter, name in UNITS.items():
        if found := _nearest(registry.units[name], units):
            made[meter] = (priced[found.usage_key], found.per)
    if REASONING_UNIT in priced:
        per = registry.units[REASONING_UNIT].per
        made[REASONING] = (priced[REASONING_UNIT] - made[OUTPUT][0], per)
    return made


def starts_of(price: ModelPrice) -> frozenset[int]:
    """The least sizes of prompts, in tokens, from which another price holds: more than a tier's
    start, in the catalogue's words.
    """
    return frozenset(
        tier.start + 1
        for _, amount in _priced(price, _registry())
        if not isinstance(amount, Decimal)
        for tier in amount.tiers
    )


def _at(amount: Decimal | TieredPrices, size: int) -> Decimal:
    """The price of all tokens of a prompt: that of the highest tier which its size exceeds."""
    if isinstance(amount, Decimal):
        return amount
    reached = [tier.price for tier in amount.tiers if size > tier.start]
    return reached[-1] if reached else amount.base


def _nearest(unit: UnitDef, priced: Sequence[UnitDef]) -> UnitDef | None:
    around = [one for one in priced if one.dimensions.items() <= unit.dimensions.items()]
    return max(around, key=lambda one: len(one.dimensions), default=None)


def _priced(
    price: ModelPrice, registry: UnitRegistry
) -> Iterator[tuple[UnitDef, Decimal | TieredPrices]]:
    for unit in registry.units.values():
        amount = getattr(price, unit.price_key)
        if amount is not None:
            yield unit, amount


@lru_cache(maxsize=1)
def _registry() -> UnitRegistry:
    from genai_prices.data_units import unit_data
    from genai_prices.units import UnitRegistry

    return UnitRegistry(unit_data)
