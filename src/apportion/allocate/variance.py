"""What stays at the centre where charges go by a rate, and not by what was spent."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.question import Answer, Question, Rest
from apportion.domain.result import LineKind


def variance(question: Question, reason: str) -> Answer:
    """All of it stays with the pool as a variance; the amount is told once it is known.

    That of a part of the period has its dates.
    """
    days = question.span
    if question.period not in {None, days}:
        reason += f" from {days.start} until {days.until}"
    return Answer(rests=(Rest(Fraction(1), LineKind.VARIANCE, reason),))
