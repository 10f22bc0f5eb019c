"""Split a pool in proportion to what each team spends directly: the platform tax."""

from __future__ import annotations

from collections.abc import Mapping

from apportion.allocate.counted import by_counted
from apportion.allocate.question import Across, Answer, Question, no_answer
from apportion.domain.amounts import Amounts


def direct_cost(question: Question) -> Answer:
    """Each team carries a part in proportion to its direct cost of the period.

    The model says on which cost basis to weigh (list cost doesn't reward those
    who hold discounts). Where a team's credits exceed its cost the pool is left
    unanswered: to weigh it as nothing would be a decision, and the model's. Shares of
    other pools don't count, so pools don't tax each other; a pool among the receivers
    weighs by its own cost.
    Without rates, cost in the pool's currency is weighed. With rates, cost of
    all currencies is, in the reporting currency; a team's cost that no rate
    converts leaves the pool unanswered, since currencies never mix.
    Invariant: doubling every team's cost changes no part.

    Source: "proportional", FinOps Framework, Allocation capability.
    """
    across = question.across
    if across is None or _all_in_the_pools(question, across):
        return _by(question, question.direct, question.currency)
    lacking = {code for name in question.names for code in across.lacking.get(name, ())}
    if lacking:
        codes = ", ".join(sorted(lacking))
        what = f"no rate converts direct cost in {codes} to {across.currency}"
        return no_answer(what, "add the rate under `rates`")
    return _by(question, across.direct, across.currency)


def _all_in_the_pools(question: Question, across: Across) -> bool:
    """Whether the receivers have cost in the pool's currency only, so that no rate is needed."""
    found = {code for name in question.names for code in across.currencies.get(name, ())}
    return found <= {question.currency}


def _by(question: Question, direct: Mapping[str, Amounts], currency: str) -> Answer:
    basis = question.split.on
    spent = {name: direct.get(name, Amounts()).of(basis) for name in question.names}
    if below := sorted(name for name, cost in spent.items() if cost < 0):
        return no_answer(
            f"direct {basis} is negative for {', '.join(below)}",
            "exclude the team from the split, if its credits are to count for nothing here",
        )
    return by_counted(question, f"direct {basis}", currency, spent, days=question.period)
