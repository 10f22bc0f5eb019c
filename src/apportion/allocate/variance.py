"""What stays at the centre where charges go by a rate, and not by what was spent."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.question import Answer, Rest
from apportion.domain.result import LineKind


def variance(reason: str) -> Answer:
    """All of it stays with the pool as a variance; the amount is told once it is known."""
    return Answer(rests=(Rest(Fraction(1), LineKind.VARIANCE, reason),))
