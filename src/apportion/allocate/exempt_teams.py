"""Exemptions: a team that a pool doesn't charge, and who carries its part instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.question import Answer, Gap, Moved, Rest, noted
from apportion.domain.amounts import sum_of
from apportion.errors import ConfigurationError
from apportion.model.limits import Exemption


def exempt_teams(
    pool: str, answer: Answer, exemptions: Iterable[Exemption], teams: Collection[str]
) -> Answer:
    """Take exempt teams' parts off them: to the team that is named, else to all others.

    The others carry it in proportion to their own parts. Idle capacity that an exempt
    team would carry goes the same way. `teams` are those that exist: the part of an
    exempt team whose named carrier doesn't exist stays in the pool. Raises
    ConfigurationError where the exemptions leave nobody to carry it.

    Invariants: an exempt team carries nothing, the sum is what it was, and the order
    of exemptions changes nothing.

    Source: the use that a policy demands must not be punished; who sets the policy
    answers for its cost (controllability, Horngren, Cost Accounting, ch. 6).
    """
    # Named carriers first: their parts then weigh with what they carry, whatever the order.
    for one in sorted(exemptions, key=lambda one: (not one.charge_to, one.team)):
        part = answer.fractions.get(one.team, Fraction(0))
        idle = sum_of(rest.part for rest in answer.rests if rest.team == one.team)
        if not (part or idle):
            continue
        if one.charge_to and one.charge_to not in teams:
            answer = _to_nobody(answer, one, part + idle)
        elif one.charge_to:
            answer = _to_one(answer, one, part)
        else:
            answer = _to_others(pool, answer, one, part, teams)
        answer = replace(answer, moved=(*answer.moved, Moved(part + idle, one)))
    return answer


def _to_one(answer: Answer, one: Exemption, part: Fraction) -> Answer:
    fractions = _without(answer.fractions, one)
    if part:
        fractions[one.charge_to] = fractions.get(one.charge_to, Fraction(0)) + part
    rests = tuple(
        replace(rest, team=one.charge_to, reason=f"{rest.reason}, for {one.team}")
        if rest.team == one.team
        else rest
        for rest in answer.rests
    )
    said = f"carries the part of {one.team}, which is exempt: {one.because}"
    made = replace(answer, fractions=fractions, rests=rests)
    return noted(made, {one.charge_to: said}) if part else made


def _to_others(
    pool: str, answer: Answer, one: Exemption, part: Fraction, teams: Collection[str]
) -> Answer:
    others = _without(answer.fractions, one)
    whole = sum_of(others.values())
    if not whole:
        raise ConfigurationError(
            f"the exemption of {one.team!r} leaves nobody to carry pool {pool}",
            place=one.place,
            why="no other team or pool shares it",
            hint="name who carries it under `charge_to`, or end the exemption",
        )
    weights = {who: own / whole for who, own in others.items() if own}
    said = f"carries a part of what {one.team} is exempt from: {one.because}"
    made = replace(
        answer,
        fractions={who: own + part * weights.get(who, Fraction(0)) for who, own in others.items()},
        rests=tuple(_spread(answer.rests, one, _of_teams(weights, teams))),
    )
    return noted(made, dict.fromkeys(weights, said))


def _of_teams(weights: Mapping[str, Fraction], teams: Collection[str]) -> dict[str, Fraction]:
    """Weights of teams alone, since pools carry no idle capacity; the pool itself without any."""
    own = {who: weight for who, weight in weights.items() if who in teams}
    whole = sum_of(own.values())
    return {who: weight / whole for who, weight in own.items()} if whole else {"": Fraction(1)}


def _spread(
    rests: Iterable[Rest], one: Exemption, weights: Mapping[str, Fraction]
) -> Iterator[Rest]:
    for rest in rests:
        if rest.team != one.team:
            yield rest
            continue
        reason = f"{rest.reason}, for {one.team}"
        for who, weight in weights.items():
            uses = tuple(replace(use, weight=use.weight * weight) for use in rest.uses)
            yield replace(rest, part=rest.part * weight, team=who, reason=reason, uses=uses)


def _to_nobody(answer: Answer, one: Exemption, part: Fraction) -> Answer:
    reason = f"{one.charge_to}, which carries the part of {one.team}, doesn't exist in the period"
    return replace(
        answer,
        fractions=_without(answer.fractions, one),
        rests=tuple(rest for rest in answer.rests if rest.team != one.team),
        gaps=(*answer.gaps, Gap(part, reason)),
    )


def _without(fractions: Mapping[str, Fraction], one: Exemption) -> dict[str, Fraction]:
    return {who: own for who, own in fractions.items() if who != one.team}
