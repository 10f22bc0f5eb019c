"""Tag values that look like misspellings of another, with the cost that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apportion.insight.spelling import Nearness, nearest_spelling
from apportion.insight.tag_uses import KeyUse, TagUse, uses_of
from apportion.model.taxonomy import TagKey, Taxonomy

FREQUENT = 100
"""Values of a key without allowed ones that count as frequent, costliest first."""

EXAMINED = 500
"""Values of a key that are held against the known ones, costliest first."""

RARER = 10
"""How many times cheaper a value must be than the frequent one it is held against."""


@dataclass(frozen=True)
class Misspelling:
    """A value of a tag that looks like another; `meant` is the value that would count."""

    key: str
    value: str
    meant: str
    cost: Decimal
    charges: int
    percent: int
    why: str


def find_misspellings(taxonomy: Taxonomy, uses: Iterable[KeyUse]) -> tuple[Misspelling, ...]:
    """For each tag key of the model, the values that it doesn't know and that look like known ones.

    Where the model says which values are allowed, every other value is held
    against them and their aliases; else rare values against frequent ones.
    The costliest come first.
    """
    held = tuple(uses)
    found = [
        misspelling
        for key in taxonomy.keys.values()
        for misspelling in _of_key(key, uses_of(taxonomy, key, held))
    ]
    return tuple(sorted(found, key=lambda m: (-m.cost, m.key, m.value)))


def _of_key(key: TagKey, uses: Sequence[TagUse]) -> Iterator[Misspelling]:
    if key.values:
        allowed = {value: value for value in key.values} | dict(key.aliases)
        strange = [use for use in uses if not is_allowed(key, use.value) and use.value.strip()]
        for use in strange[:EXAMINED]:
            yield from _misspelt(use, nearest_spelling(use.value, allowed), allowed)
        return
    frequent = [(use, key.canonical(use.value)) for use in uses[:FREQUENT]]
    for use in uses[:EXAMINED]:
        if key.canonical(use.value) == use.value.strip():
            meant = {name: name for other, name in frequent if _far_costlier(other, use)}
            yield from _misspelt(use, nearest_spelling(use.value, meant), meant)


def is_allowed(key: TagKey, value: str) -> bool:
    """Whether a value of a key, or what its spelling stands for, is one that the model allows.

    A key without allowed values allows any that isn't blank.
    """
    meant = key.canonical(value)
    return meant in key.values if key.values else bool(meant)


def _far_costlier(other: TagUse, use: TagUse) -> bool:
    return other.cost > 0 and other.cost >= RARER * use.cost and other.charges >= use.charges


def _misspelt(use: TagUse, near: Nearness | None, meant: dict[str, str]) -> Iterator[Misspelling]:
    if near is not None:
        yield Misspelling(
            use.key, use.value, meant[near.known], use.cost, use.charges, near.percent, near.why
        )
