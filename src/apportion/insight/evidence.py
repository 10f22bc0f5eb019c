"""Evidence that a resource is somebody's: each piece with its weight, strength and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from apportion.domain.owner import Owner
from apportion.insight.known_owners import KnownOwners, words_of
from apportion.insight.name_words import Words, phrases
from apportion.insight.resource import MILLION, Resource, Votes
from apportion.insight.similar_keys import Role, role_of
from apportion.insight.spelling import folded, nearest_spelling
from apportion.insight.team_names import TeamNames, team_owner
from apportion.model.rules import TAG


class Clue(StrEnum):
    """What evidence rests on."""

    SAME = "same resource"
    TAG = "tag"
    PARENT = "parent"
    NAME = "name"
    TEAM_NAME = "team name"
    NEIGHBOURS = "neighbours"
    RULE = "pattern rule"
    ACCOUNT = "account"
    PLACE = "place"


WEIGHTS = {
    Clue.SAME: 95,
    Clue.TAG: 90,
    Clue.PARENT: 90,
    Clue.NAME: 80,
    Clue.TEAM_NAME: 70,
    Clue.NEIGHBOURS: 60,
    Clue.RULE: 60,
    Clue.ACCOUNT: 50,
    Clue.PLACE: 40,
}
"""How far each clue alone can carry a proposal, in points of 100, when it speaks without doubt."""

_UNSURE = 780_000
"""Strength of a team's name as the value of a tag that needn't be about teams (``app: search``)."""

NONE = Votes()


@dataclass(frozen=True)
class Piece:
    """One piece of evidence for one owner; `strength` in parts of a million, `say` its words."""

    owner: Owner
    clue: Clue
    strength: int
    say: Callable[[], str]

    @property
    def weighed(self) -> int:
        """Its weight times its strength, in parts of a million."""
        return WEIGHTS[self.clue] * self.strength // 100


def gather_evidence(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterable[Piece]:
    """All evidence on whose a resource is; for each owner and clue the strongest piece.

    A clue that speaks of several things (tags, phrases) speaks once.
    """
    best: dict[tuple[Owner, Clue], Piece] = {}
    for clue in _CLUES:
        for piece in clue(resource, known, names):
            before = best.get((piece.owner, piece.clue))
            if piece.strength and (before is None or piece.strength > before.strength):
                best[piece.owner, piece.clue] = piece
    return best.values()


def _same(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    votes = known.by_thing.get(resource.thing, NONE)
    for owner in votes.owners:
        yield Piece(
            owner,
            Clue.SAME,
            votes.cost_share(owner) or votes.share(owner),
            partial("other charges of the same resource are {}'s".format, owner),
        )


def _tag(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    """A tag whose value is a team's name, or looks like one that was misspelt."""
    for column, value in sorted(resource.links):
        key = column.removeprefix(TAG)
        sure = key in names.keys or role_of(key) is Role.TEAM
        if team := names.by_value.get(folded(value)):
            say = partial("{} is '{}', a name of team {}".format, column, value, team)
            yield Piece(team_owner(team), Clue.TAG, MILLION if sure else _UNSURE, say)
        elif sure and (near := nearest_spelling(value, names.spellings)):
            say = partial("{} is '{}', near '{}' ({})".format, column, value, near.known, near.why)
            owner = team_owner(names.spellings[near.known])
            yield Piece(owner, Clue.TAG, near.percent * MILLION // 100, say)


def _parent(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    """A tag or column that holds the name or id of another resource: its cluster, its machine."""
    for column, value in sorted(resource.links):
        if value in {resource.name, resource.thing.id}:
            continue
        votes = known.by_label.get(value, NONE)
        for owner in votes.owners:
            say = partial("{} names '{}', which is {}'s".format, column, value, owner)
            yield Piece(owner, Clue.PARENT, votes.share(owner), say)
        if value in known.likely:
            owner, points = known.likely[value]
            say = partial(
                "{} names '{}', likely {}'s ({} points)".format, column, value, owner, points
            )
            yield Piece(owner, Clue.PARENT, points * MILLION // 100, say)


def _name(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    """The longest phrases of the name that known resources share."""
    shared = [phrase for phrase in phrases(words_of(resource)) if phrase in known.by_phrase]
    for phrase in shared:
        if len(phrase) == len(shared[0]):
            votes = known.by_phrase[phrase]
            for owner, strength in known.strengths(votes).items():
                yield Piece(
                    owner, Clue.NAME, strength, partial(_say_name, resource, phrase, votes, owner)
                )


def _say_name(resource: Resource, phrase: Words, votes: Votes, owner: Owner) -> str:
    return (
        f"name '{resource.label}' shares '{'-'.join(phrase)}' with "
        f"{_number(votes, owner)} of {owner} ({_percent(votes.cost_share(owner))} of cost)"
    )


def _team_name(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    for phrase in phrases(words_of(resource)):
        if team := names.by_words.get(phrase):
            say = partial(
                "name '{}' bears '{}', a name of team {}".format,
                resource.label,
                "-".join(phrase),
                team,
            )
            yield Piece(team_owner(team), Clue.TEAM_NAME, MILLION, say)


def _neighbours(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    for link in sorted(resource.links):
        where = f"{link[0]} '{link[1]}'"
        yield from _cast(known.by_link.get(link, NONE), Clue.NEIGHBOURS, where, known)


def _place(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    place = (resource.account, resource.service, resource.region)
    where = f"{resource.service} in account {_account(resource)}"
    where += f", {resource.region}" if resource.region else ""
    yield from _cast(known.by_place.get(place, NONE), Clue.PLACE, where, known)


def _in_account(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    if resource.account:
        where = f"account {_account(resource)}"
        yield from _cast(known.by_account.get(resource.account, NONE), Clue.ACCOUNT, where, known)


def _rule(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    if resource.pattern is not None:
        say = partial("a rule gives it to {} by the look of a name".format, resource.pattern)
        yield Piece(resource.pattern, Clue.RULE, MILLION, say)


_CLUES: tuple[Callable[[Resource, KnownOwners, TeamNames], Iterable[Piece]], ...] = (
    _same,
    _tag,
    _parent,
    _name,
    _team_name,
    _neighbours,
    _rule,
    _in_account,
    _place,
)


def _cast(votes: Votes, clue: Clue, where: str, known: KnownOwners) -> Iterator[Piece]:
    for owner, strength in known.strengths(votes).items():
        yield Piece(owner, clue, strength, partial(_say_cast, votes, where, known, owner))


def _say_cast(votes: Votes, where: str, known: KnownOwners, owner: Owner) -> str:
    share, usual = votes.cost_share(owner), known.all.cost_share(owner)
    return (
        f"{where}: {_number(votes, owner)} of {owner} "
        f"({_percent(share)} of cost; {_percent(usual)} of all that is known)"
    )


def _number(votes: Votes, owner: Owner) -> str:
    number = votes.of(owner)
    return f"{number:,} resource{'' if number == 1 else 's'}"


def _percent(share: int) -> str:
    """A share in whole percent, cut, so that only all of it reads 100 %."""
    return f"{share * 100 // MILLION} %"


def _account(resource: Resource) -> str:
    return resource.account_name or resource.account
