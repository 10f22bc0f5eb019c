"""What quantities count as when a pool is split by them: tiers, a ceiling, multipliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.absent_teams import really
from apportion.allocate.question import Answer, Question, in_proportion
from apportion.allocate.shown import shown

ONE = Fraction(1)


def by_counted(
    question: Question, driver: str, unit: str, quantities: Mapping[str, Fraction]
) -> Answer:
    """Split in proportion to what quantities count as; each that counts otherwise is noted.

    First tiers, then the ceiling, then multipliers. Doubling every multiplier
    changes no part. Negative quantities leave the pool unanswered, as they are.

    Source: equivalent units, cost accounting (Horngren, Cost Accounting, ch. 17).
    """
    if question.split.counting is None:
        return in_proportion(driver, unit, quantities)
    counts = {who: counts_as(question, who, amount) for who, amount in quantities.items()}
    found = in_proportion(driver, unit, counts)
    notes = {
        who: f"{shown(quantities[who])} {unit} of {driver} count as {shown(counts[who])}"
        for who in counts
        if counts[who] != quantities[who]
    }
    return replace(found, notes=notes)


def counts_as(question: Question, who: str, quantity: Fraction) -> Fraction:
    """What a quantity of a receiver counts as."""
    counting = question.split.counting
    if counting is None or quantity < 0:
        return quantity
    return counting.counted(quantity) * question.multipliers.get(really(who), ONE)
