"""Split a pool by percentages that the model states."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.by_presence import by_presence, presence
from apportion.allocate.question import Answer, Question
from apportion.domain.result import DriverUse


def fixed(question: Question) -> Answer:
    """Each team carries its stated percentage; the percentages sum to 100.

    A team that begins or ends within the days carries it for those on which it
    exists, and the pool keeps the rest; the part of a team that doesn't exist at all
    is a gap. The part of a pool that the method between pools leaves out is spread
    over the others in proportion.

    Source: "fixed percentage", FinOps Framework, Allocation capability.
    """
    stated = {name: percent / 100 for name, percent in question.split.percentages}
    stated = _without(question.closed, stated)
    answer = by_presence(question, stated, "a percentage")
    uses = {name: (_use(stated[name], presence(question, name)),) for name in answer.fractions}
    return replace(answer, uses=uses)


def _use(part: Fraction, there: Fraction) -> DriverUse:
    return DriverUse("stated percentage", "%", part * 100, Fraction(100), there)


def _without(closed: Collection[str], stated: Mapping[str, Fraction]) -> dict[str, Fraction]:
    open_ = {name: part for name, part in stated.items() if name not in closed}
    whole = sum(open_.values(), Fraction(0))
    return {name: part / whole for name, part in open_.items()} if whole else open_
