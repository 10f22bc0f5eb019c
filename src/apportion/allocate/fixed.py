"""Split a pool by percentages that the model states."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.question import Answer, Gap, Question
from apportion.domain.result import DriverUse


def fixed(question: Question) -> Answer:
    """Each team carries its stated percentage; the percentages sum to 100.

    The part of a team that doesn't exist on any of the days is a gap: it is
    never spread over the others unasked.

    Source: "fixed percentage", FinOps Framework, Allocation capability.
    """
    there = {team.name for team in question.receivers}
    stated = {team: percent / 100 for team, percent in question.split.percentages}
    return Answer(
        {team: part for team, part in stated.items() if team in there},
        {
            team: (DriverUse("stated percentage", "%", part * 100, Fraction(100)),)
            for team, part in stated.items()
            if team in there
        },
        tuple(
            Gap(part, f"team {team} has a percentage but doesn't exist in the period")
            for team, part in sorted(stated.items())
            if team not in there and part
        ),
    )
