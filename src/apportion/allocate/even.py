"""Split a pool in equal parts."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.counted import by_counted
from apportion.allocate.question import Answer, Question
from apportion.domain.period import Span
from apportion.model.organisation import OrgUnit


def even(question: Question) -> Answer:
    """Every receiver carries the same part, by the days on which it exists.

    A team that joins on the 16th of a 30-day month weighs half of one that was
    there all month; a pool among the receivers is there on all days. Invariant:
    equal days, equal parts.

    Source: "even split", FinOps Framework, Allocation capability.
    """
    days = {team.name: Fraction(days_of(team, question.span)) for team in question.receivers}
    days |= {name: Fraction(question.span.days) for name in question.pools}
    return by_counted(question, "days in the period", "days", days)


def days_of(team: OrgUnit, span: Span) -> int:
    """On how many days of a span a team exists."""
    start = max(span.start, team.valid.start or span.start)
    until = min(span.until, team.valid.until or span.until)
    return max(0, (until - start).days)
