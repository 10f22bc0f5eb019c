"""What quantities count as when a pool is split by them: tiers, a ceiling, multipliers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.absent_teams import really
from apportion.allocate.multipliers import factor
from apportion.allocate.question import Answer, Question, in_proportion
from apportion.allocate.shown import shown
from apportion.domain.period import Span
from apportion.model.terms.per_period import PerPeriod

ONE = Fraction(1)

QuantitiesOf = Callable[[Span], Mapping[str, Fraction]]
"""Each one's quantity over some days."""


def by_counted(
    question: Question,
    driver: str,
    unit: str,
    quantities: Mapping[str, Fraction],
    of: QuantitiesOf | None = None,
    days: Span | None = None,
) -> Answer:
    """Split in proportion to what quantities count as; each that counts otherwise is noted.

    First tiers, then the ceiling, then multipliers. Doubling every multiplier
    changes no part. Negative quantities leave the pool unanswered, as they are.
    The quantities are those of `days` (of the question, when left out), and tiers and
    ceiling of a month hold for them by the days; `of` tells the quantities of fewer days.

    Source: equivalent units, cost accounting (Horngren, Cost Accounting, ch. 17).
    """
    if question.split.counting is None:
        return in_proportion(driver, unit, quantities)
    months = PerPeriod(ONE).over(days or question.span)
    counts = {
        who: counts_as(question, who, amount, months, of) for who, amount in quantities.items()
    }
    found = in_proportion(driver, unit, counts)
    notes = {
        who: f"{shown(quantities[who])} {unit} of {driver} count as {shown(counts[who])}"
        for who in counts
        if counts[who] != quantities[who]
    }
    return replace(found, notes=notes)


def counts_as(
    question: Question,
    who: str,
    quantity: Fraction,
    months: Fraction = ONE,
    of: QuantitiesOf | None = None,
) -> Fraction:
    """What a quantity of a receiver counts as; each tier and the ceiling is that of `months`.

    A multiplier that changes counts by what was used while each holds.
    """
    counting = question.split.counting
    if counting is None or quantity < 0:
        return quantity
    counted = counting.counted(quantity, months)
    factors = question.multipliers.get(really(who))
    if factors is None:
        return counted
    if of is None or len(factors) == 1 or not quantity:
        return counted * factor(factors, {days: Fraction(days.days) for days, _ in factors})
    used = {days: of(days).get(who, Fraction(0)) for days, _ in factors}
    return counted * factor(factors, used)
