"""What resources with a known owner say about those without: votes by name, tag, place, account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from apportion.domain.owner import Owner
from apportion.insight.name_words import Words, name_words, phrases
from apportion.insight.resource import MILLION, Link, Resource, Thing, Votes, digits_of

Place = tuple[str, str, str]
"""Account, service and region."""

K = TypeVar("K")


@dataclass(frozen=True)
class KnownOwners:
    """Votes of resources whose owner rests on more than the look of a name.

    `all` are the votes of everything, against which any other share is held:
    that 60 % of a cluster is nlp's says little where 60 % of everything is.
    `likely` holds the likely owner of resources without one, by name and id,
    with its points of 100; what belongs to them belongs to that owner.
    """

    all: Votes
    by_thing: Mapping[Thing, Votes] = field(default_factory=dict)
    by_label: Mapping[str, Votes] = field(default_factory=dict)
    by_phrase: Mapping[Words, Votes] = field(default_factory=dict)
    by_link: Mapping[Link, Votes] = field(default_factory=dict)
    by_place: Mapping[Place, Votes] = field(default_factory=dict)
    by_account: Mapping[str, Votes] = field(default_factory=dict)
    likely: Mapping[str, tuple[Owner, int]] = field(default_factory=dict)
    _weighed: dict[int, dict[Owner, int]] = field(default_factory=dict, repr=False)

    def strengths(self, votes: Votes) -> Mapping[Owner, int]:
        """The owners that votes speak for, and how much; reckoned once for each."""
        found = self._weighed.get(id(votes))
        if found is None:
            each = ((owner, self.strength(votes, owner)) for owner in votes.owners)
            found = self._weighed[id(votes)] = {owner: much for owner, much in each if much}
        return found

    def strength(self, votes: Votes, owner: Owner) -> int:
        """How much votes speak for an owner, in parts of a million.

        The share above the owner's share of everything, times n/(n+1) for n
        resources: one neighbour is half as good as many.
        """
        number = votes.of(owner)
        share, usual = votes.share(owner), self.all.cost_share(owner)
        if usual < MILLION:
            share = max(0, (share - usual) * MILLION // (MILLION - usual))
        return share * number // (number + 1)


def know_owners(
    known: Iterable[Resource],
    gaps: Iterable[Resource],
    by_link: Mapping[Link, Votes] | None = None,
) -> KnownOwners:
    """Count the votes of known resources on all that the gaps could share with them.

    `by_link` holds votes by tags and other columns in common; where it is
    absent, the links of the known resources are counted.
    """
    held = tuple(gaps)
    wanted = {phrase for gap in held for phrase in phrases(words_of(gap))}
    sought = {gap.thing for gap in held}
    named = {value for gap in held for _, value in gap.links if value}
    everything: _Ballots[None] = _Ballots()
    things: _Ballots[Thing] = _Ballots()
    labels: _Ballots[str] = _Ballots()
    said: _Ballots[Words] = _Ballots()
    links: _Ballots[Link] = _Ballots()
    places: _Ballots[Place] = _Ballots()
    accounts: _Ballots[str] = _Ballots()
    for each in known:
        if each.owner is None:
            continue
        vote = (each.owner, digits_of(each.cost))
        everything.add([None], vote)
        accounts.add([each.account], vote)
        places.add([(each.account, each.service, each.region)], vote)
        links.add(each.links, vote)
        if each.thing.is_resource:
            things.add({each.thing} & sought, vote)
            labels.add({each.thing.id, each.name} & named, vote)
            said.add(wanted.intersection(phrases(words_of(each))), vote)
    return KnownOwners(
        all=everything.counted.get(None, Votes()),
        by_thing=things.counted,
        by_label=labels.counted,
        by_phrase=said.counted,
        by_link=links.counted if by_link is None else by_link,
        by_place=places.counted,
        by_account=accounts.counted,
    )


def words_of(resource: Resource) -> Words:
    """The words that the name or id of a resource says; none for charges without a resource."""
    thing = resource.thing
    return name_words(resource.name, thing.id) if thing.is_resource else ()


class _Ballots(Generic[K]):
    """Votes as they come in, by what they are about."""

    def __init__(self) -> None:
        self.counted: dict[K, Votes] = defaultdict(Votes)

    def add(self, about: Iterable[K], vote: tuple[Owner, int]) -> None:
        owner, cost = vote
        for key in about:
            self.counted[key].add(owner, 1, cost)
