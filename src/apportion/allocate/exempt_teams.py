"""Exemptions: a team that a pool doesn't charge, and who carries its part instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.question import Answer
from apportion.domain.amounts import sum_of
from apportion.errors import ConfigurationError
from apportion.model.limits import Exemption


def exempt_teams(pool: str, answer: Answer, exemptions: Iterable[Exemption]) -> Answer:
    """Take exempt teams' parts off them: to the team that is named, else to all others.

    The others carry it in proportion to their own parts. Raises ConfigurationError
    where the exemptions leave nobody to carry it.

    Source: a policy's demand must not be punished (FinOps Framework, Allocation).
    """
    for one in exemptions:
        part = answer.fractions.get(one.team)
        if part:
            to_one = _to_one(answer, one, part)
            answer = to_one if one.charge_to else _to_others(pool, answer, one, part)
    return answer


def _to_one(answer: Answer, one: Exemption, part: Fraction) -> Answer:
    fractions = {who: own for who, own in answer.fractions.items() if who != one.team}
    fractions[one.charge_to] = fractions.get(one.charge_to, Fraction(0)) + part
    said = f"carries the part of {one.team}, which is exempt: {one.because}"
    before = answer.notes.get(one.charge_to)
    notes = {**answer.notes, one.charge_to: f"{before}; {said}" if before else said}
    return replace(answer, fractions=fractions, notes=notes)


def _to_others(pool: str, answer: Answer, one: Exemption, part: Fraction) -> Answer:
    others = {who: own for who, own in answer.fractions.items() if who != one.team}
    whole = sum_of(others.values())
    if not whole:
        raise ConfigurationError(
            f"the exemption of {one.team!r} leaves nobody to carry pool {pool}",
            place=one.place,
            why="no other team or pool shares it",
            hint="name who carries it under `charge_to`, or end the exemption",
        )
    scale = 1 + part / whole
    return replace(answer, fractions={who: own * scale for who, own in others.items()})
