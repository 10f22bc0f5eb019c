"""Split a pool in proportion to what each team spends directly: the platform tax."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.question import Answer, Question, in_proportion
from apportion.domain.amounts import Amounts


def direct_cost(question: Question) -> Answer:
    """Each team carries a part in proportion to its direct cost of the period.

    The model says on which cost basis to weigh (list cost doesn't reward those
    who hold discounts). A team whose credits exceed its cost weighs zero, not
    less. Shares of other pools don't count, so pools don't tax each other.
    Invariant: doubling every team's cost changes no part.

    Source: "proportional", FinOps Framework, Allocation capability.
    """
    basis = question.split.on
    spent = {
        team.name: max(Fraction(0), question.direct.get(team.name, Amounts()).of(basis))
        for team in question.receivers
    }
    return in_proportion(f"direct {basis}", question.currency, spent)
