"""Evidence that a resource is somebody's: each piece with its weight, strength and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from apportion.domain.owner import Owner, OwnerKind
from apportion.insight.known_owners import KnownOwners, words_of
from apportion.insight.name_words import phrases
from apportion.insight.resource import Resource, Votes
from apportion.insight.spelling import folded, nearest_spelling
from apportion.insight.team_names import TeamNames, team_owner


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


@dataclass(frozen=True)
class Piece:
    """One piece of evidence for one owner; `strength` from 0 to 1."""

    owner: Owner
    clue: Clue
    strength: Fraction
    words: str

    @property
    def weighed(self) -> Fraction:
        """Its weight times its strength, from 0 to 1."""
        return Fraction(WEIGHTS[self.clue], 100) * self.strength


def gather_evidence(resource: Resource, known: KnownOwners, names: TeamNames) -> tuple[Piece, ...]:
    """All evidence on whose a resource is; for each owner and clue the strongest piece.

    A clue that speaks of several things (tags, phrases) speaks once.
    """
    best: dict[tuple[Owner, Clue], Piece] = {}
    for clue in _CLUES:
        for piece in clue(resource, known, names):
            before = best.get((piece.owner, piece.clue))
            if piece.strength and (before is None or piece.strength > before.strength):
                best[piece.owner, piece.clue] = piece
    return tuple(best.values())


def _same(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    votes = known.by_thing.get(resource.thing)
    for owner in votes.resources if votes else ():
        share = votes.cost_share(owner) if votes else None
        words = f"other charges of the same resource are {_whose(owner)}"
        yield Piece(owner, Clue.SAME, Fraction(1) if share is None else share, words)


def _tag(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    """A tag whose value is a team's name, or looks like one that was misspelt."""
    for column, value in sorted(resource.links):
        key = column.removeprefix("tag.")
        sure = key in names.keys or folded(key) in {"team", "owner", "squad", "costowner"}
        if team := names.by_value.get(folded(value)):
            words = f"{column} is '{value}', a name of team {team}"
            yield Piece(team_owner(team), Clue.TAG, Fraction(1 if sure else Fraction(7, 9)), words)
        elif sure and (near := nearest_spelling(value, names.spellings)):
            words = f"{column} is '{value}', near '{near.known}' ({near.why})"
            owner = team_owner(names.spellings[near.known])
            yield Piece(owner, Clue.TAG, Fraction(near.percent, 100), words)


def _parent(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    """A tag or column that holds the name or id of another resource: its cluster, its machine."""
    for column, value in sorted(resource.links):
        if value in {resource.name, resource.thing.id}:
            continue
        votes = known.by_label.get(value)
        for owner in votes.resources if votes else ():
            words = f"{column} names '{value}', which is {_whose(owner)}"
            yield Piece(owner, Clue.PARENT, _part(votes, owner), words)


def _name(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    """The longest phrase of the name that known resources share; among equals the plainest."""
    shared = [phrase for phrase in phrases(words_of(resource)) if phrase in known.by_phrase]
    longest = [phrase for phrase in shared if len(phrase) == len(shared[0])]
    for phrase in longest:
        votes = known.by_phrase[phrase]
        for owner in votes.resources:
            words = (
                f"name '{resource.label}' shares '{'-'.join(phrase)}' with "
                f"{_number(votes, owner)} of {_called(owner)} ({_percent(votes, owner)})"
            )
            yield Piece(owner, Clue.NAME, known.strength(votes, owner), words)


def _team_name(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    for phrase in phrases(words_of(resource)):
        if team := names.by_words.get(phrase):
            bears = f"'{'-'.join(phrase)}', a name of team {team}"
            words = f"name '{resource.label}' bears {bears}"
            yield Piece(team_owner(team), Clue.TEAM_NAME, Fraction(1), words)


def _neighbours(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    for link in sorted(resource.links):
        votes = known.by_link.get(link)
        where = f"{link[0]} '{link[1]}'"
        yield from _cast(votes, Clue.NEIGHBOURS, where, known)


def _place(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    place = (resource.account, resource.service, resource.region)
    where = f"{resource.service} in account {_account(resource)}"
    where += f", {resource.region}" if resource.region else ""
    yield from _cast(known.by_place.get(place), Clue.PLACE, where, known)


def _in_account(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    if resource.account:
        where = f"account {_account(resource)}"
        yield from _cast(known.by_account.get(resource.account), Clue.ACCOUNT, where, known)


def _rule(resource: Resource, known: KnownOwners, names: TeamNames) -> Iterator[Piece]:
    if resource.pattern is not None:
        words = f"a rule gives it to {_called(resource.pattern)} by the look of a name"
        yield Piece(resource.pattern, Clue.RULE, Fraction(1), words)


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


def _cast(votes: Votes | None, clue: Clue, where: str, known: KnownOwners) -> Iterator[Piece]:
    for owner in votes.resources if votes else ():
        assert votes is not None
        usual = known.all.cost_share(owner) or Fraction(0)
        words = (
            f"{where}: {_number(votes, owner)} of {_called(owner)} ({_percent(votes, owner)}; "
            f"{_whole(usual)} of all that is known)"
        )
        yield Piece(owner, clue, known.strength(votes, owner), words)


def _part(votes: Votes | None, owner: Owner) -> Fraction:
    return votes.share(owner) if votes else Fraction(0)


def _called(owner: Owner) -> str:
    return "nobody" if owner.kind is OwnerKind.UNALLOCATED else str(owner)


def _whose(owner: Owner) -> str:
    return f"{_called(owner)}'s"


def _number(votes: Votes, owner: Owner) -> str:
    number = votes.resources.get(owner, 0)
    return f"{number:,} resource{'' if number == 1 else 's'}"


def _percent(votes: Votes, owner: Owner) -> str:
    share = votes.cost_share(owner)
    return "at no cost" if share is None else f"{_whole(share)} of cost"


def _whole(share: Fraction) -> str:
    """A share in whole percent, cut, so that only all of it reads 100 %."""
    return f"{int(share * 100)} %"


def _account(resource: Resource) -> str:
    return resource.account_name or resource.account
