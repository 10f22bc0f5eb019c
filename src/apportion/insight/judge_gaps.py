"""The likely owners of resources in the gap, judged with all that is known of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from apportion.domain.owner import Owner
from apportion.insight.known_owners import KnownOwners, know_owners
from apportion.insight.likely_owner import Verdict, likely_owner
from apportion.insight.resource import Link, Resource, Votes
from apportion.insight.team_names import TeamNames, team_owner

Denied = Mapping[str, frozenset[str]]


def judge_gaps(
    gaps: Sequence[Resource],
    resources: Sequence[Resource],
    votes: Mapping[Link, Votes],
    names: TeamNames,
    denied: Denied,
    top: int | None = None,
) -> tuple[Verdict, ...]:
    """A verdict for each of the first `top` gaps, in their order.

    A resource that another of the gap belongs to (a volume's machine) is judged
    before it, so that both go to one team.
    """
    shown = gaps[:top]
    parents = _parents(shown, gaps)
    owners = know_owners(resources, [*shown, *parents.values()], votes)

    def judge(gap: Resource, known: KnownOwners) -> Verdict:
        return likely_owner(gap, known, names, denied.get(key_of(gap), frozenset()))

    first = {name: judge(parent, owners) for name, parent in parents.items()}
    owners = replace(owners, likely=_likely(first))
    return tuple(judge(gap, owners) for gap in shown)


def key_of(resource: Resource) -> str:
    """What a resource is called in lists: its id, else its name."""
    return resource.thing.id or resource.thing.name


def _parents(shown: Sequence[Resource], gaps: Sequence[Resource]) -> dict[str, Resource]:
    """Resources of the gap that others name in a tag, by that name."""
    named = {value for gap in shown for _, value in gap.links if value}
    return {label: gap for gap in gaps for label in {gap.thing.id, gap.name} & named}


def _likely(verdicts: Mapping[str, Verdict]) -> dict[str, tuple[Owner, int]]:
    return {
        name: (team_owner(verdict.proposal.team), verdict.proposal.score)
        for name, verdict in verdicts.items()
        if verdict.proposal
    }
