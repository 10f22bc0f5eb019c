"""The likely owner of a resource, with a score made of stated parts; or that none is likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.money import largest_remainder, to_units
from apportion.domain.owner import Owner, OwnerKind
from apportion.insight.evidence import Clue, Piece, gather_evidence
from apportion.insight.known_owners import KnownOwners
from apportion.insight.resource import Resource
from apportion.insight.team_names import TeamNames

AT_LEAST = 50
"""Points below which nobody is proposed: nothing is guessed into a charge."""

AHEAD = 15
"""Points by which the best must lead the next; closer than that, it is anybody's."""


@dataclass(frozen=True)
class Part:
    """Points that one clue adds to a score, and what it says."""

    clue: Clue
    points: int
    words: str


@dataclass(frozen=True)
class Proposal:
    """A team that most likely owns a resource; `score` from 0 to 100 is the sum of its parts."""

    team: str
    score: int
    parts: tuple[Part, ...]

    @property
    def words(self) -> str:
        """The evidence as one line of text."""
        return "; ".join(part.words for part in self.parts)


@dataclass(frozen=True)
class Verdict:
    """A proposal, or in words why there is none."""

    proposal: Proposal | None
    why_not: str = ""


def likely_owner(
    resource: Resource, known: KnownOwners, names: TeamNames, denied: Collection[str] = ()
) -> Verdict:
    """Weigh all evidence on a resource, and propose a team only where it is clear.

    The strongest clue gives its weight times its strength; each further clue
    adds its part of what is still open, so that no number of weak clues makes
    a certainty. Nobody is proposed below 50 points, within 15 points of another
    owner, or where a pool is likelier. Teams in `denied` have said no.
    """
    cases: dict[Owner, list[Piece]] = defaultdict(list)
    for piece in gather_evidence(resource, known, names):
        owner = piece.owner
        if owner.kind is OwnerKind.POOL or (owner.name in names.teams and owner.name not in denied):
            cases[owner].append(piece)
    if not cases:
        return Verdict(None, "no evidence")
    scored = {owner: _score(pieces) for owner, pieces in cases.items()}
    ranked = sorted(scored, key=lambda owner: (-scored[owner][0], str(owner)))
    best, score, parts = ranked[0], *scored[ranked[0]]
    if score < AT_LEAST:
        return Verdict(None, f"{best} comes first with {score} points; {AT_LEAST} are needed")
    if best.kind is OwnerKind.POOL:
        return Verdict(None, f"it looks shared: {best} comes first with {score} points")
    if len(ranked) > 1 and score - scored[ranked[1]][0] < AHEAD:
        return Verdict(
            None,
            f"{best} with {score} points and {ranked[1]} with {scored[ranked[1]][0]} are too close",
        )
    return Verdict(Proposal(best.name, score, parts))


def _score(pieces: Iterable[Piece]) -> tuple[int, tuple[Part, ...]]:
    ordered = sorted(pieces, key=lambda piece: (-piece.weighed, piece.clue))
    open_ = Fraction(1)
    points: dict[Clue, Fraction] = {}
    for piece in ordered:
        points[piece.clue] = 100 * open_ * piece.weighed
        open_ *= 1 - piece.weighed
    score = to_units(sum(points.values(), Fraction(0)), 0)
    rounded = largest_remainder(score, points, {clue: str(clue) for clue in points})
    parts = (Part(piece.clue, rounded[piece.clue], piece.words) for piece in ordered)
    return score, tuple(part for part in parts if part.points)
