"""Parts that the model gives to a team by name count by the days on which the team exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.question import Answer, Gap, Question

WHOLE = Fraction(1)


def presence(question: Question, name: str) -> Fraction:
    """The part of the days on which a receiver exists; pools do on all of them."""
    if name in question.pools:
        return WHOLE
    return question.teams.get(name, Fraction(0))


def by_presence(question: Question, stated: Mapping[str, Fraction], said: str) -> Answer:
    """Parts of all whom the model names; nobody carries one for days on which it isn't there.

    What a team would carry on its other days stays in the pool. The part of a team that
    doesn't exist in the period at all is a gap, which the model's policy fills: neither is
    spread over the others unasked. `said` is what such a team has.
    """
    fractions: dict[str, Fraction] = {}
    gaps: list[Gap] = []
    for name, part in stated.items():
        there = presence(question, name)
        if there:
            fractions[name] = part * there
        if there != 1 and part:
            gaps.append(_gap(question, name, part * (1 - there), said))
    return Answer(fractions, gaps=tuple(sorted(gaps, key=lambda gap: gap.reason)))


def _gap(question: Question, name: str, part: Fraction, said: str) -> Gap:
    if name not in question.teams:
        return Gap(part, f"team {name} has {said} but doesn't exist in the period")
    return Gap(part, f"team {name} has {said} and {missing_days(question, name)}", final=True)


def missing_days(question: Question, team: str) -> str:
    """On how many days a team isn't there, in words."""
    days = question.span.days
    gone = int((1 - question.teams.get(team, Fraction(0))) * days)
    return f"doesn't exist on {gone} of {days} days"


def with_uses(question: Question, answer: Answer, like: Answer) -> Answer:
    """An answer by presence with the uses, notes and findings of the one that it was made from."""
    uses = {
        name: tuple(
            replace(use, weight=use.weight * presence(question, name)) for use in like.uses[name]
        )
        for name in answer.fractions
    }
    return replace(answer, uses=uses, notes=like.notes, findings=like.findings)
