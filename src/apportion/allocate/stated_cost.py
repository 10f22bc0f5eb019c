"""What a pool costs by the cost function that the model states, beside what it really costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction

from apportion.allocate.cost_game import game_of, players
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.question import Gap, Question
from apportion.allocate.solve_pools import Full
from apportion.domain.finding import Finding, Level
from apportion.domain.period import Span
from apportion.model.pools import Method
from apportion.model.project import Model

TOLERANCE = Fraction(1, 100)


def stated_cost(questions: Iterable[tuple[Fraction, Question]]) -> Fraction | None:
    """The cost of all receivers together, where splits state it for all of the pool's days."""
    total = covered = Fraction(0)
    days: list[Span] = []
    for part, question in questions:
        if question.split.method is not Method.SHAPLEY or not question.names:
            return None
        game = game_of(question)
        if isinstance(game, Gap) or not game.stated:
            return None
        total += game.cost(players(question, game))
        covered += part
        days.append(question.span)
    return total if covered == 1 and _apart(days) else None


def _apart(days: Collection[Span]) -> bool:
    """Whether no two splits hold on one day, as they do while one takes over from another."""
    return len({day for span in days for day in span}) == sum(span.days for span in days)


def compare_stated(
    answers: Iterable[PoolAnswer], full: Full, model: Model, basis: str
) -> Iterator[Finding]:
    """Cost functions that are off by more than 1 %: shares are scaled to what was really spent.

    A cost function is in the pool's currency, so a pool of several has none to be held against.
    """
    answers = tuple(answers)
    currencies = Counter(one.pool for one in answers if full[one.currency, one.pool].of(basis))
    places = {pool.name: pool.place for pool in model.pools}
    for one in answers:
        real = full[one.currency, one.pool].of(basis)
        if one.stated is None or not real or currencies[one.pool] > 1:
            continue
        if abs(one.stated - real) > TOLERANCE * abs(real):
            yield Finding(
                "cost-function-differs",
                Level.WARNING,
                f"pool {one.pool} costs {float(real):,.2f} {one.currency}, and "
                f"{float(one.stated):,.2f} by its cost function; shares are scaled",
                places[one.pool],
                "bring prices, steps or coalitions up to date",
            )
