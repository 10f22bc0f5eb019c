"""Tag keys that look like one another: the same key written twice, or two words for one thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from apportion.insight.spelling import folded, nearness
from apportion.insight.tag_uses import KeyUse, known_key
from apportion.model.taxonomy import Taxonomy

HELD_AGAINST = 60
"""Keys, costliest first, that all others are held against."""

EXAMINED = 1_000
"""Keys that the model doesn't know and that are looked at, costliest first."""

COMMON = 2
"""Values that two keys must have in common before they look like one."""


class Role(StrEnum):
    """What a tag key is for."""

    TEAM = "team"
    ENVIRONMENT = "environment"
    APPLICATION = "application"
    COST_CENTER = "cost_center"


_WORDS = {
    Role.TEAM: "team teamname squad owner ownerteam owningteam crew tribe group department dept",
    Role.ENVIRONMENT: "environment env stage stg deployment lifecycle",
    Role.APPLICATION: "application app appname applicationname service servicename product project "
    "workload component system",
    Role.COST_CENTER: "costcenter costcentre cc costcode billingcode chargecode",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}


@dataclass(frozen=True)
class SimilarKey:
    """A tag key that looks like another, dearer or known one, and why."""

    key: str
    like: str
    why: str
    cost: Decimal


def role_of(key: str) -> Role | None:
    """What a key's name says that it is for.

    >>> role_of("Cost-Centre"), role_of("kubernetes.io/name")
    (<Role.COST_CENTER: 'cost_center'>, None)
    """
    return _ROLES.get(folded(key))


def find_similar_keys(taxonomy: Taxonomy, uses: Iterable[KeyUse]) -> tuple[SimilarKey, ...]:
    """Keys that the model doesn't know, and that look like one it knows or like a dearer one.

    They look alike when they are written alike, misspelt, or when at least two
    values, and most of the cheaper key's cost, are the other's values too.
    """
    ordered = sorted(uses, key=lambda use: (-use.cost, use.key))
    models = [use for use in ordered if known_key(taxonomy, use.key)]
    others = [use for use in ordered if not known_key(taxonomy, use.key)][:EXAMINED]
    against = [*models, *others][:HELD_AGAINST]
    spellings = [
        (spelling, key.name)
        for key in taxonomy.keys.values()
        for spelling in (key.name, *key.synonyms)
    ]
    found = []
    for use in others:
        near = _by_model(use, spellings) or _by_other(use, against)
        if near:
            like = known_key(taxonomy, near[0])
            found.append(SimilarKey(use.key, like.name if like else near[0], near[1], use.cost))
    return tuple(found)


def _by_model(use: KeyUse, spellings: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    near = [(found, name) for text, name in spellings if (found := nearness(use.key, text))]
    best = min(near, key=lambda pair: -pair[0].percent, default=None)
    return (best[1], best[0].why) if best else None


def _by_other(use: KeyUse, against: Sequence[KeyUse]) -> tuple[str, str] | None:
    for other in against:
        if other.key == use.key:
            return None  # only the dearer of two is named as the one that the other looks like
        if near := nearness(use.key, other.key):
            return other.key, near.why
        if why := _common_values(use, other):
            return other.key, why
    return None


def _common_values(use: KeyUse, other: KeyUse) -> str:
    """Why two keys seem to mean one thing by their values, or an empty text."""
    theirs = {folded(value.value) for value in other.values} - {""}
    common = [value for value in use.values if folded(value.value) in theirs]
    distinct = len({folded(value.value) for value in common})
    if distinct < COMMON or use.cost <= 0:
        return ""
    if 2 * sum((value.cost for value in common), Decimal(0)) < use.cost:
        return ""
    said = role_of(use.key), role_of(other.key)
    if None not in said and said[0] is not said[1]:
        return ""
    return f"{distinct} values in common"
