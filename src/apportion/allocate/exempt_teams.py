"""Exemptions: a team that a pool doesn't charge, and who carries its part instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.question import Answer, Gap, Moved, Priced, Rest, blend, noted
from apportion.domain.amounts import sum_of
from apportion.errors import ConfigurationError
from apportion.model.limits import Exemption

Teams = Mapping[str, Fraction]


def exempt_teams(
    pool: str, answer: Answer, exemptions: Iterable[Exemption], teams: Teams
) -> Answer:
    """Take exempt teams' parts off them: to the team that is named, else to all others.

    The others carry it in proportion to their own parts. Of a charge by a rate they
    don't: their rate is what it is, and the exempt team's charge stays with the pool.
    Idle capacity of an exempt team stays with the pool too, unless a team is named.
    `teams` tell on which part of the days each exists: what a named carrier would carry
    on days on which it doesn't exist stays in the pool. Raises ConfigurationError where
    the exemptions leave nobody to carry it.

    Invariants: an exempt team carries nothing, the sum is what it was, and the order
    of exemptions changes nothing.

    Source: the use that a policy demands must not be punished; who sets the policy
    answers for its cost (controllability, Horngren, Cost Accounting, ch. 6).
    """
    # Named carriers first: their parts then weigh with what they carry, whatever the order.
    for one in sorted(exemptions, key=lambda one: (not one.charge_to, one.team)):
        answer = _exempt(pool, answer, one, teams)
    return answer


def _exempt(pool: str, answer: Answer, one: Exemption, teams: Teams) -> Answer:
    part = answer.fractions.get(one.team, Fraction(0))
    idle = sum_of(rest.part for rest in answer.rests if rest.team == one.team)
    if part or idle:
        if one.charge_to:
            answer = _to_one(answer, one, part, teams.get(one.charge_to, Fraction(0)))
        else:
            answer = _to_others(pool, answer, one, part)
        off = part + idle if one.charge_to else part
        answer = replace(answer, moved=(*answer.moved, Moved(off, one)))
        answer = _told(answer, one)
    if not answer.priced:
        return answer
    priced = tuple(_priced(pool, each, one, teams) for each in answer.priced)
    return replace(answer, priced=priced)


def _told(answer: Answer, one: Exemption) -> Answer:
    """Why a team carries less than its quantities say; those it is exempt from make no share."""
    uses = {who: used for who, used in answer.uses.items() if who != one.team}
    who = f"{one.charge_to} carries" if one.charge_to else "the others carry"
    said = f"exempt until {one.valid.until}: {one.because}; {who} its part"
    return noted(replace(answer, uses=uses), {one.team: said})


def _priced(pool: str, priced: Priced, one: Exemption, teams: Teams) -> Priced:
    """A charge by a rate: the others' rate is what it is, so the exempt one stays uncharged."""
    left = _exempt(pool, priced.left, one, teams)
    part = priced.charged.fractions.get(one.team)
    if not part or one.charge_to or priced.capped:
        return replace(priced, charged=_exempt(pool, priced.charged, one, teams), left=left)
    charged = Answer()
    if part != 1:
        others = _without(priced.charged.fractions, one)
        charged = blend([(1 / (1 - part), replace(priced.charged, fractions=others))])
    return replace(priced, money=priced.money * (1 - part), charged=charged, left=left)


def _to_one(answer: Answer, one: Exemption, part: Fraction, there: Fraction) -> Answer:
    """To the team that is named, for the part of the days on which it is there."""
    fractions = _without(answer.fractions, one)
    if part and there:
        fractions[one.charge_to] = fractions.get(one.charge_to, Fraction(0)) + part * there
    rests, gone = list[Rest](), part * (1 - there)
    for rest in answer.rests:
        if rest.team != one.team:
            rests.append(rest)
            continue
        gone += rest.part * (1 - there)
        if there:
            rests.append(_carried(rest, one, there))
    made = replace(answer, fractions=fractions, rests=tuple(rests))
    if gone:
        made = replace(made, gaps=(*made.gaps, _nobody(one, gone, there)))
    said = f"carries the part of {one.team}, which is exempt: {one.because}"
    return noted(made, {one.charge_to: said}) if part and there else made


def _carried(rest: Rest, one: Exemption, there: Fraction) -> Rest:
    uses = tuple(replace(use, weight=use.weight * there) for use in rest.uses)
    reason = f"{rest.reason}, for {one.team}"
    return replace(rest, part=rest.part * there, team=one.charge_to, reason=reason, uses=uses)


def _nobody(one: Exemption, part: Fraction, there: Fraction) -> Gap:
    when = "on some of the days" if there else "in the period"
    reason = f"{one.charge_to}, which carries the part of {one.team}, doesn't exist {when}"
    return Gap(part, reason, final=True)


def _to_others(pool: str, answer: Answer, one: Exemption, part: Fraction) -> Answer:
    others = _without(answer.fractions, one)
    whole = sum_of(others.values())
    rests = tuple(_with_the_pool(rest, one) for rest in answer.rests)
    if not part:
        return replace(answer, rests=rests)
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
        rests=rests,
    )
    return noted(made, dict.fromkeys(weights, said))


def _with_the_pool(rest: Rest, one: Exemption) -> Rest:
    """Idle capacity of a team that is exempt: nobody else left it idle."""
    if rest.team != one.team:
        return rest
    return replace(rest, team="", reason=f"{rest.reason}; {one.team} is exempt: {one.because}")


def _without(fractions: Mapping[str, Fraction], one: Exemption) -> dict[str, Fraction]:
    return {who: own for who, own in fractions.items() if who != one.team}
