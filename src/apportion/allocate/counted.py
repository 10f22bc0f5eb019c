"""What quantities count as when a pool is split by them: tiers, a ceiling, multipliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.question import Answer, Question, in_proportion
from apportion.model.counting import Counting


def by_counted(
    question: Question, driver: str, unit: str, quantities: Mapping[str, Fraction]
) -> Answer:
    """Split in proportion to what quantities count as; each that counts otherwise is noted.

    First tiers, then the ceiling, then multipliers. Doubling every multiplier
    changes no part. Negative quantities leave the pool unanswered, as they are.

    Source: tiered and weighted allocation bases, activity-based costing.
    """
    counting = question.split.counting
    if counting is None:
        return in_proportion(driver, unit, quantities)
    counts = {who: _counts(question, counting, who, amount) for who, amount in quantities.items()}
    found = in_proportion(driver, unit, counts)
    notes = {
        who: f"{_shown(quantities[who])} {unit} of {driver} count as {_shown(counts[who])}"
        for who in counts
        if counts[who] != quantities[who]
    }
    return replace(found, notes=notes)


def _counts(question: Question, counting: Counting, who: str, quantity: Fraction) -> Fraction:
    if quantity < 0:
        return quantity
    return counting.counted(quantity) * question.multipliers.get(who, Fraction(1))


def _shown(value: Fraction) -> str:
    whole = value.denominator == 1
    return f"{value.numerator:,}" if whole else f"{float(value):,.4f}".rstrip("0").rstrip(".")
