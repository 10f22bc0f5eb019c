"""Tag keys and values as the bills of a period have them, with the cost of what bears them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from apportion.model.taxonomy import TagKey, Taxonomy

MOST_VALUES = 2_000
"""Values of one tag key beyond which it counts as free text, whose values aren't compared."""


@dataclass(frozen=True)
class TagUse:
    """A tag key with one of its values, the cost of the charges that bear it, and their number."""

    key: str
    value: str
    cost: Decimal
    charges: int


@dataclass(frozen=True)
class KeyUse:
    """A tag key: how many values it has, and the cost of the charges that bear it.

    `values` lists them, the costliest first, unless there are so many that the
    key is free text.
    """

    key: str
    distinct: int
    cost: Decimal
    values: tuple[TagUse, ...] = ()

    @property
    def free_text(self) -> bool:
        return len(self.values) < self.distinct


def known_key(taxonomy: Taxonomy, key: str) -> TagKey | None:
    """The tag key of the model that a spelling means, or None."""
    wanted = key.strip().casefold()
    for known in taxonomy.keys.values():
        if wanted in {spelling.strip().casefold() for spelling in (known.name, *known.synonyms)}:
            return known
    return None


def uses_of(taxonomy: Taxonomy, key: TagKey, uses: Iterable[KeyUse]) -> tuple[TagUse, ...]:
    """The values of all spellings of a key, each spelling of a value once, costliest first."""
    merged: dict[str, TagUse] = {}
    for use in uses:
        if known_key(taxonomy, use.key) == key:
            for value in use.values:
                before = merged.get(value.value)
                cost, charges = (before.cost, before.charges) if before else (Decimal(0), 0)
                merged[value.value] = TagUse(
                    key.name, value.value, cost + value.cost, charges + value.charges
                )
    return tuple(sorted(merged.values(), key=lambda use: (-use.cost, use.value)))
