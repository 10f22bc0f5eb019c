"""A pool that is split day by day: what each day's part of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from apportion.allocate.question import Answer, Question, no_answer
from apportion.domain.amounts import sum_of
from apportion.domain.period import Span


def by_days(question: Question, ask: Callable[[Span], Answer]) -> Iterator[tuple[Fraction, Answer]]:
    """Each day's part of the pool, and who carries it by what `ask` says of the day.

    A day weighs by the pool's own cost of that day on the split's cost basis;
    a day whose credits exceed its cost weighs nothing. So the four costs of a
    pool are shared by the same fractions, which an own weight for each of them
    would not. A pool whose days all weigh nothing is unanswered.
    """
    weights = {
        day: max(Fraction(0), amounts.of(question.split.on))
        for day, amounts in sorted(question.by_day.items())
        if question.span.start <= day < question.span.until
    }
    whole = sum_of(weights.values())
    if not whole:
        yield Fraction(1), no_answer("the pool has no cost on any single day")
    for day, weight in weights.items():
        if weight:
            yield weight / whole, ask(_day(day))


def _day(day: date) -> Span:
    return Span(day, day + timedelta(days=1))
