"""Split a pool by what each team adds to its cost, on average over all orders of arrival."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from apportion.allocate.by_presence import by_presence, with_uses
from apportion.allocate.cost_game import Game, NestedGame, StatedGame, VolumeGame, game_of, players
from apportion.allocate.enumerate_coalitions import MOST, enumerate_coalitions
from apportion.allocate.nested_needs import nested_needs
from apportion.allocate.question import Answer, Gap, Question, no_answer
from apportion.allocate.sample_orders import sample_orders
from apportion.domain.finding import Finding, Level
from apportion.domain.result import DriverUse
from apportion.model.terms.shapley import Shapley

Values = Mapping[str, Fraction]


def shapley(question: Question) -> Answer:
    """Each team carries its Shapley value φ_i of the model's cost function c, scaled to the cost.

    φ_i = Σ over sets S without i of |S|!·(n-|S|-1)!/n! · (c(S+i) - c(S)), the mean of what i
    adds to the cost over all orders in which the teams could arrive. It is the only rule that
    is efficient (Σφ = c(N)), symmetric, additive, and charges nothing to who adds nothing.
    Nested needs have a closed form; up to 12 teams are enumerated; beyond that orders are
    sampled, by which Σφ = c(N) still holds exactly, and the error is stated.

    Source: L. S. Shapley, A Value for n-Person Games, 1953; nested needs: Littlechild & Owen,
    A Simple Expression for the Shapley Value in a Special Case, Management Science 20, 1973.
    """
    game = game_of(question)
    if isinstance(game, Gap):
        return no_answer(game)
    everybody = players(question, game)
    whole = game.cost(everybody)
    if not whole:
        return no_answer("the cost function is zero for all receivers together")
    if isinstance(game, NestedGame):
        return nested_needs(game)
    if isinstance(game, VolumeGame):
        active = [name for name, quantity in game.used.items() if quantity]
        if len(active) > MOST:
            assert isinstance(question.split.terms, Shapley)
            return sample_orders(question, game, question.split.terms.permutations)
    else:
        active = sorted(everybody)
    values = dict.fromkeys(sorted(everybody), Fraction(0))
    values |= enumerate_coalitions(active, game.cost)
    answer = _answer(question, game, values, whole)
    if isinstance(game, StatedGame):
        there = by_presence(question, answer.fractions, "a part by its sets")
        return with_uses(question, there, answer)
    return answer


def _answer(question: Question, game: Game, values: Values, whole: Fraction) -> Answer:
    named = f"Shapley value of {game.driver.name}" if isinstance(game, VolumeGame) else (
        "Shapley value"
    )  # fmt: skip
    return Answer(
        {name: value / whole for name, value in values.items()},
        {
            name: (DriverUse(named, question.currency, value, whole),)
            for name, value in values.items()
        },
        findings=tuple(_below_zero(question, values)),
    )


def _below_zero(question: Question, values: Values) -> Iterator[Finding]:
    if below := [name for name, value in values.items() if value < 0]:
        yield Finding(
            "shapley-below-zero",
            Level.WARNING,
            f"pool {question.pool}: {', '.join(below)} is credited, since with it the others cost "
            "less by the cost function than without it",
            question.split.place,
            "nothing, if joining really makes it cheaper; else correct the cost function",
        )
