"""Which of a model's listed prices a service tier means.

The catalogue gives the standard price for any context that it doesn't know, without a word:
a batch would cost twice what it does, or a priority request half. So a tier must be one that
the model's list has on that day; else the usage is unpriced, and says why.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from apportion.model.usage_prices import STANDARD

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo

_STANDARD = frozenset({"", STANDARD, "default", "on_demand", "on-demand", "ondemand"})
_KEYS = ("processing", "service_tier", "speed")
"""Contexts of the catalogue that a service tier can be; others (a route, a type of search)
aren't told by usage."""


def tier_of(text: str) -> str:
    """A service tier as it is compared; the standard one is empty, whatever its name.

    >>> tier_of("Default"), tier_of(" Batch ")
    ('', 'batch')
    """
    lowered = text.strip().lower()
    return "" if lowered in _STANDARD else lowered


def context_of(model: ModelInfo, tier: str, moment: datetime) -> tuple[dict[str, str], str]:
    """The catalogue's context of a tier at a time, or the reason why it has none."""
    if not tier:
        return {}, ""
    named = [
        variant
        for variant in model.price_variants or ()
        if any(variant.when == {key: tier} for key in _KEYS)
    ]
    for variant in named:
        if variant.constraint is None or variant.constraint.active(moment):
            return dict(variant.when), ""
    if named:
        days = [getattr(one.constraint, "start_date", None) for one in named]
        first = min((day for day in days if day), default=None)
        return {}, f"the catalogue lists {tier} only from {first}"
    return {}, unlisted(tier)


def unlisted(tier: str) -> str:
    """Why there is no price: the provider lists none for a tier."""
    return f"the catalogue lists no price for {tier}"
