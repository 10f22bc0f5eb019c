"""What teams are called: names, titles, aliases of tag values, and who answers for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.period import Span
from apportion.insight.name_words import Words, name_words
from apportion.insight.spelling import folded
from apportion.model.dated import Validity
from apportion.model.organisation import OrgUnit
from apportion.model.project import Model

K = TypeVar("K")


@dataclass(frozen=True)
class TeamNames:
    """The teams of a period by what they are called; a name that fits two teams is left out.

    `by_value` maps folded spellings, `by_words` the words of a spelling, and
    `spellings` each spelling as it is written. `keys` are the tag keys whose
    values name teams. `claimed` maps a pool to the team whose whole cost it
    takes over.
    """

    teams: tuple[str, ...]
    by_value: Mapping[str, str]
    by_words: Mapping[Words, str]
    spellings: Mapping[str, str]
    keys: frozenset[str]
    claimed: Mapping[str, str]

    def owner(self, owner: Owner) -> Owner:
        """The team behind an owner: a pool that takes over a team's cost stands for that team."""
        if owner.kind is OwnerKind.POOL and owner.name in self.claimed:
            return team_owner(self.claimed[owner.name])
        return owner


def team_owner(name: str) -> Owner:
    return Owner(OwnerKind.TEAM, name)


def team_names(model: Model, span: Span) -> TeamNames:
    """Collect what the teams of a span are called in the organisation and in the tag taxonomy."""
    teams = {
        unit.name: unit
        for unit in model.organisation.teams
        if unit.valid.meet(Validity(span.start, span.until))
    }
    called = [(team, text) for team, text in _called(model, teams) if folded(text)]
    words = ((team, name_words(text, "")) for team, text in called if "@" not in text)
    return TeamNames(
        teams=tuple(teams),
        by_value=_unambiguous((folded(text), team) for team, text in called),
        by_words=_unambiguous((said, team) for team, said in words if said),
        spellings=_unambiguous((text, team) for team, text in called if "@" not in text),
        keys=frozenset(_team_keys(model, teams)),
        claimed={pool.name: pool.from_team for pool in model.pools if pool.from_team in teams},
    )


def _called(model: Model, teams: Mapping[str, OrgUnit]) -> Iterator[tuple[str, str]]:
    for unit in teams.values():
        yield unit.name, unit.name
        yield unit.name, unit.title
        yield from ((unit.name, dated.value) for dated in unit.owner)
    for key in model.taxonomy.keys.values():
        yield from ((value, spelling) for spelling, value in key.aliases.items() if value in teams)


def _team_keys(model: Model, teams: Mapping[str, OrgUnit]) -> Iterator[str]:
    """Tag keys that rules read teams from, and those whose allowed values are mostly teams."""
    yield from (rule.from_tag for rule in model.rules if rule.from_tag)
    for key in model.taxonomy.keys.values():
        if key.values and 2 * sum(value in teams for value in key.values) > len(key.values):
            yield key.name


def _unambiguous(pairs: Iterator[tuple[K, str]]) -> dict[K, str]:
    found: dict[K, set[str]] = {}
    for key, team in pairs:
        found.setdefault(key, set()).add(team)
    return {key: next(iter(teams)) for key, teams in found.items() if len(teams) == 1}
