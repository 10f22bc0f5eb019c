"""A proposed tag schema: what the bills' own tags suggest for model/tags.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from apportion.errors import Place
from apportion.insight.coverage import percent_of
from apportion.insight.exact_yaml import exact_yaml
from apportion.insight.similar_keys import Role, SimilarKey, role_of
from apportion.insight.spelling import folded, nearest_spelling
from apportion.insight.tag_uses import KeyUse, TagUse, known_key
from apportion.insight.team_names import TeamNames
from apportion.model.taxonomy import TagKey, Taxonomy

MOST_LISTED = 20
"""Values up to which a key's values are listed as the allowed ones."""

RARE = 1000
"""A value that costs less than one part in so many of its key isn't taken as an allowed one."""

NOWHERE = Place("proposed")


@dataclass(frozen=True)
class ProposedKey:
    """A tag key as the schema would have it; `aliases` maps a value to its other spellings.

    `spellings` are the tag keys seen that mean it. `cost` is theirs, `distinct` how
    many values they have. A charge that bears two spellings is in it twice, until
    :func:`.weigh_keys.weigh_keys` has looked at the charges.
    """

    name: str
    required: bool
    cost: Decimal
    distinct: int
    synonyms: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spellings: tuple[str, ...] = ()


def propose_schema(
    taxonomy: Taxonomy, uses: Iterable[KeyUse], similar: Iterable[SimilarKey], names: TeamNames
) -> tuple[ProposedKey, ...]:
    """The model's own keys, widened by what was seen, and keys that look like the four that matter.

    These are team, environment, application and cost centre. What the model has
    is kept: spellings and aliases are only added. The allowed values of a new
    key are the declared teams for a team key, else the values seen where they
    are few.
    """
    like = {found.key: found.like for found in similar}
    return tuple(
        _propose(name, taxonomy.keys.get(name), found, names)
        for name, found in _by_meaning(taxonomy, uses, like).items()
    )


def _by_meaning(
    taxonomy: Taxonomy, uses: Iterable[KeyUse], like: Mapping[str, str]
) -> dict[str, list[KeyUse]]:
    """The keys seen by the name of what they mean; the model's keys first, in its order."""
    groups: dict[str, list[KeyUse]] = {name: [] for name in taxonomy.keys}
    roles = {role: name for name in reversed(list(taxonomy.keys)) if (role := role_of(name))}
    for use in sorted(uses, key=lambda use: (-use.cost, use.key)):
        known = known_key(taxonomy, use.key)
        meant = known.name if known else like.get(use.key, use.key)
        role = role_of(use.key) or role_of(meant)
        if meant not in groups:
            if role is None:
                continue
            meant = roles.setdefault(role, _name(use.key, role))
        groups.setdefault(meant, []).append(use)
    return groups


def _name(key: str, role: Role) -> str:
    """A key as a name for the model: names are visible and trimmed."""
    return key if key.isprintable() and key.strip() == key else str(role)


def _propose(
    name: str, known: TagKey | None, uses: Sequence[KeyUse], names: TeamNames
) -> ProposedKey:
    key = known or TagKey(name, NOWHERE)
    of_team = name in names.keys or Role.TEAM in {role_of(name), *(role_of(u.key) for u in uses)}
    seen = [value for use in uses for value in use.values if value.value.strip()]
    seen.sort(key=lambda use: (-use.cost, use.value))
    listed = key.values or (names.teams if of_team else ())
    if not listed and not any(use.free_text for use in uses):
        listed = _listed(key, seen)
    return ProposedKey(
        name=name,
        required=key.required or of_team,
        cost=sum((use.cost for use in uses), Decimal(0)),
        distinct=len({value.value for value in seen}),
        synonyms=_synonyms(key, uses),
        values=tuple(listed),
        aliases=_aliases(key, seen, listed, names.by_value if of_team else {}),
        spellings=tuple(use.key for use in uses),
    )


def _synonyms(key: TagKey, uses: Iterable[KeyUse]) -> tuple[str, ...]:
    """The model's spellings of a key, then those seen; case and blanks around them don't count."""
    spelt = {_plain(spelling) for spelling in ("", key.name, *key.synonyms)}
    new = {_plain(use.key): use.key for use in reversed(tuple(uses))}
    return (*key.synonyms, *(use for plain, use in reversed(new.items()) if plain not in spelt))


def _listed(key: TagKey, seen: Iterable[TagUse]) -> tuple[str, ...]:
    """The values seen, each once, without rare ones and slips; none where there are many."""
    uses = tuple(seen)
    whole = sum((use.cost for use in uses), Decimal(0))
    listed: dict[str, str] = {}
    for use in uses:
        value = key.canonical(use.value)
        if RARE * use.cost < whole or nearest_spelling(value, listed.values()):
            continue
        listed.setdefault(_plain(value), value)
    return tuple(listed.values()) if len(listed) <= MOST_LISTED else ()


def _aliases(
    key: TagKey, seen: Iterable[TagUse], listed: Sequence[str], teams: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Other spellings of the allowed values: the model's, and those that were seen."""
    made = dict(key.aliases)
    known = {value: value for value in listed} | made
    claimed = {_plain(spelling) for spelling in known}
    for use in seen if listed else ():
        spelling = use.value.strip()
        near = None if _plain(spelling) in claimed else nearest_spelling(spelling, known)
        meant = teams.get(folded(spelling)) or (known[near.known] if near else None)
        if meant in listed and _plain(spelling) not in claimed:
            made[spelling] = str(meant)
            claimed.add(_plain(spelling))
    by_value: dict[str, list[str]] = {}
    for spelling, value in made.items():
        by_value.setdefault(value, []).append(spelling)
    return {value: tuple(spellings) for value, spellings in by_value.items()}


def _plain(text: str) -> str:
    """A spelling as the model compares it."""
    return text.strip().casefold()


def schema_yaml(keys: Iterable[ProposedKey], total: Decimal) -> str:
    """The schema as the `tags` section of a model file; comments say what each key rests on."""
    lines = ["tags:"]
    for key in keys:
        form: dict[str, object] = {}
        if key.synonyms:
            form["synonyms"] = list(key.synonyms)
        if key.required:
            form["required"] = True
        if key.values:
            form["values"] = list(key.values)
        if key.aliases:
            form["aliases"] = {value: list(found) for value, found in key.aliases.items()}
        percent = percent_of(key.cost, total)
        seen = "n/a" if percent is None else f"{percent} %"
        lines.append(f"  # on {seen} of cost; values seen: {key.distinct}")
        dumped = exact_yaml({key.name: form}, short_lists=True, width=92)
        lines += [f"  {line}" for line in dumped.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"
