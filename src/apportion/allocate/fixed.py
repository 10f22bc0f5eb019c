"""Split a pool by percentages that the model states."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

from apportion.allocate.question import Answer, Gap, Question
from apportion.domain.result import DriverUse


def fixed(question: Question) -> Answer:
    """Each team carries its stated percentage; the percentages sum to 100.

    The part of a team that doesn't exist on any of the days is a gap: it is
    never spread over the others unasked. The part of a pool that the method
    between pools leaves out is spread over the others in proportion.

    Source: "fixed percentage", FinOps Framework, Allocation capability.
    """
    there = set(question.names)
    stated = {name: percent / 100 for name, percent in question.split.percentages}
    stated = _without(question.closed, stated)
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


def _without(closed: Collection[str], stated: Mapping[str, Fraction]) -> dict[str, Fraction]:
    open_ = {name: part for name, part in stated.items() if name not in closed}
    whole = sum(open_.values(), Fraction(0))
    return {name: part / whole for name, part in open_.items()} if whole else open_
