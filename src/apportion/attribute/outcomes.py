"""What was decided, from numbers to names: owner, rule and evidence."""

from __future__ import annotations

from typing import NamedTuple

from apportion.attribute.claims import STRENGTHS, Claims
from apportion.attribute.spans import Spans
from apportion.domain.owner import UNALLOCATED, Evidence, Owner, OwnerKind

DECISION = ("Claim", "Owner", "Strength", "Span")

Decision = tuple[int | None, int | None, int | None, int]
"""The columns of a decision: numbers of a claim, an owner, a strength of evidence, a span.

The first three are None for what nothing decided.
"""


class Outcome(NamedTuple):
    """Who carries a charge, the rule that decided, and on what evidence."""

    owner: Owner
    rule: str
    evidence: Evidence


UNDECIDED = Outcome(UNALLOCATED, "", Evidence.NONE)


class Outcomes:
    """Names decisions. A pool that takes over a team's charges carries them from then on.

    The rule that gave them to the team, and its evidence, stay named.
    """

    def __init__(self, claims: Claims, spans: Spans) -> None:
        self._claims = claims
        self._known: dict[Decision, Outcome] = {}
        self._taken: dict[tuple[Owner, int], Owner] = {}
        for pool in reversed(claims.takeovers):
            found = spans.range(pool.valid)
            if found:
                team = Owner(OwnerKind.TEAM, pool.from_team)
                for span in range(found[0], found[1] + 1):
                    self._taken[team, span] = Owner(OwnerKind.POOL, pool.name)

    def of(self, decision: Decision) -> Outcome:
        """What a decision stands for."""
        if decision not in self._known:
            self._known[decision] = self._named(decision)
        return self._known[decision]

    def _named(self, decision: Decision) -> Outcome:
        claim, number, strength, span = decision
        if claim is None or number is None or strength is None:
            return UNDECIDED
        owner = self._claims.owners[number]
        taken = self._taken.get((owner, span), owner)
        return Outcome(taken, self._claims.named(claim)[0], STRENGTHS[strength])
