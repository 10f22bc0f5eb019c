"""The likely owner of a resource, with a score made of stated parts; or that none is likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from apportion.domain.money import largest_remainder
from apportion.domain.owner import Owner, OwnerKind
from apportion.insight.evidence import Clue, Piece, gather_evidence
from apportion.insight.known_owners import KnownOwners
from apportion.insight.resource import MILLION, Resource
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
    scores = {owner: _score(pieces) for owner, pieces in cases.items()}
    ranked = sorted(scores, key=lambda owner: (-scores[owner], str(owner)))
    best, score = ranked[0], scores[ranked[0]]
    if score < AT_LEAST:
        return Verdict(None, f"{best} comes first with {score} points; {AT_LEAST} are needed")
    if best.kind is OwnerKind.POOL:
        return Verdict(None, f"it looks shared: {best} comes first with {score} points")
    if len(ranked) > 1 and score - scores[ranked[1]] < AHEAD:
        second = f"{ranked[1]} with {scores[ranked[1]]}"
        return Verdict(None, f"{best} with {score} points and {second} are too close")
    return Verdict(Proposal(best.name, score, _parts(cases[best], score)))


def _score(pieces: Iterable[Piece]) -> int:
    """What the pieces leave open, taken from 100 points, rounded half up."""
    parts = [MILLION - piece.weighed for piece in pieces]
    whole: int = MILLION ** len(parts)
    left = prod(parts)
    return (200 * (whole - left) + whole) // (2 * whole)


def _parts(pieces: Iterable[Piece], score: int) -> tuple[Part, ...]:
    """The score by its pieces, the strongest first: each adds its part of what is still open."""
    ordered = sorted(pieces, key=lambda piece: (-piece.weighed, piece.clue))
    left = Fraction(100)
    points: dict[Clue, Fraction] = {}
    for piece in ordered:
        points[piece.clue] = left * piece.weighed / MILLION
        left -= points[piece.clue]
    rounded = largest_remainder(score, points, {clue: str(clue) for clue in points})
    parts = (Part(piece.clue, rounded[piece.clue], piece.say()) for piece in ordered)
    return tuple(part for part in parts if part.points)
