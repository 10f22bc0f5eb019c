"""Exemptions: a team that a pool doesn't charge, and who carries its part instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.question import Answer, Priced, Rest, blend
from apportion.domain.amounts import sum_of
from apportion.errors import ConfigurationError
from apportion.model.limits import Exemption


def exempt_teams(pool: str, answer: Answer, exemptions: Iterable[Exemption]) -> Answer:
    """Take exempt teams' parts off them: to the team that is named, else to all others.

    The others carry it in proportion to their own parts. Of a charge by a rate they
    don't: their rate is what it is, and the exempt team's charge stays with the pool.
    Idle capacity of an exempt team stays with the pool too, unless a team is named.
    Raises ConfigurationError where the exemptions leave nobody to carry it.

    Source: a policy's demand must not be punished (FinOps Framework, Allocation).
    """
    for one in exemptions:
        answer = _exempt(pool, answer, one)
    return answer


def _exempt(pool: str, answer: Answer, one: Exemption) -> Answer:
    part = answer.fractions.get(one.team)
    if part:
        to_one = _to_one(answer, one, part)
        answer = to_one if one.charge_to else _to_others(pool, answer, one, part)
    if not (answer.rests or answer.priced):
        return answer
    rests = tuple(_rest(rest, one) for rest in answer.rests)
    priced = tuple(_priced(pool, each, one) for each in answer.priced)
    return replace(answer, rests=rests, priced=priced)


def _rest(rest: Rest, one: Exemption) -> Rest:
    if rest.team != one.team:
        return rest
    reason = f"{rest.reason}; {one.team} is exempt: {one.because}"
    return replace(rest, team=one.charge_to, reason=reason)


def _priced(pool: str, priced: Priced, one: Exemption) -> Priced:
    left = _exempt(pool, priced.left, one)
    part = priced.charged.fractions.get(one.team)
    if not part or one.charge_to or priced.capped:
        return replace(priced, charged=_exempt(pool, priced.charged, one), left=left)
    charged = Answer()
    if part != 1:
        own = priced.charged.fractions
        others = {who: fraction for who, fraction in own.items() if who != one.team}
        charged = blend([(1 / (1 - part), replace(priced.charged, fractions=others))])
    return replace(priced, money=priced.money * (1 - part), charged=charged, left=left)


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
