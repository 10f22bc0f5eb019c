"""Split a pool by the number of people in each team."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.counted import by_counted
from apportion.allocate.question import Answer, Question, no_answer
from apportion.domain.period import Span
from apportion.model.dated import on
from apportion.model.organisation import OrgUnit


def head_count(question: Question) -> Answer:
    """Each team carries a part in proportion to its people-days in the period.

    A head count that changes in mid-month counts by days. A receiver whose head
    count isn't stated for all its days leaves the whole pool unanswered: zero
    would move its part to the others.

    Source: cost accounting, head count as allocation base (Horngren, Cost Accounting, ch. 15).
    """
    counted = {team.name: _people_days(team, question.span) for team in question.receivers}
    unstated = sorted(team for team, people in counted.items() if people is None)
    unstated += question.pools
    if unstated:
        what = f"no head count is stated for {', '.join(unstated)}"
        return no_answer(what, "state `head_count`, 0 where there is nobody, or exclude them")
    people = {team: people or Fraction(0) for team, people in counted.items()}
    return by_counted(question, "head count", "people-days", people)


def _people_days(team: OrgUnit, span: Span) -> Fraction | None:
    total = 0
    for day in span:
        if team.valid.covers(day):
            people = on(team.head_count, day)
            if people is None:
                return None
            total += people
    return Fraction(total)
