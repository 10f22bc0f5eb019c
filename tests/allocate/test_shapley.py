"""Shapley values, against figures worked by hand and against the definition."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations, pairwise, permutations

import pytest

from apportion.allocate import Allocation, allocate
from apportion.errors import ConfigurationError
from apportion.model.dated import Validity
from apportion.model.pools import Driver, Method, Pool, WhenMissing
from apportion.model.terms.games import (
    CoalitionCosts,
    Game,
    NestedNeeds,
    Pricing,
    Step,
    Tier,
    VolumeCost,
)
from apportion.model.terms.shapley import Shapley
from companies import OCTOBER, charge, daily, model, monthly, pool, team
from rate_splits import by, carried, codes, notes, split

NAMES = "abc"
TIERS = (Tier(Fraction(3), Fraction(10)), Tier(Fraction(2)))


def shapley(game: Game, permutations: int = 2000, **how: object) -> Pool:
    return pool("p", split(Method.SHAPLEY, Shapley(game, permutations), **how))


def made_of(shared: Pool, *drivers: Driver, cost: str = "100", names: str = NAMES) -> Allocation:
    teams = [team(name) for name in names]
    return allocate([charge("pool:p", cost)], model(teams, [shared], drivers), OCTOBER)


def test_each_increment_of_a_need_is_shared_by_all_who_need_it() -> None:
    # Needs 2, 5, 9. To 2: 2 ÷ 3 each. To 5: 3 ÷ 2 each. To 9: 4 for c alone. Of 9.
    made = made_of(
        shapley(NestedNeeds("gpus")), monthly("gpus", {"a": "2", "b": "5", "c": "9"}), cost="54"
    )
    assert carried(made) == {"a": 4, "b": 13, "c": 37}
    (a, *_, c) = made.shares
    (use,) = a.uses
    assert (use.driver, use.unit) == ("gpus from 0 to 2", "receivers")
    assert (use.quantity, use.total, use.weight) == (Fraction(1), Fraction(3), Fraction(2, 9))
    assert sum(use.weight * use.quantity / use.total for use in c.uses) == c.fraction
    assert codes(made) == set()


def test_steps_say_what_levels_of_capacity_cost() -> None:
    # a and b fit into the small machine (1000), c needs the large one (1800): 333.33 + 800.
    game = NestedNeeds(
        "gpus", (Step(Fraction(8), Fraction(1000)), Step(Fraction(16), Fraction(1800)))
    )
    gpus = monthly("gpus", {"a": "2", "b": "8", "c": "9"})
    made = made_of(shapley(game), gpus, cost="1800")
    third = Fraction(1000, 3)
    assert carried(made) == {"a": third, "b": third, "c": third + 800}


def test_the_need_of_days_is_the_largest_of_them() -> None:
    rows = [("a", date(2026, 10, 1), "4"), ("a", date(2026, 10, 2), "2")]
    rows += [("b", date(2026, 10, day), "2") for day in range(1, 11)]
    rows += [("b", date(2026, 9, 30), "99")]
    made = made_of(shapley(NestedNeeds("gpus")), daily("gpus", rows), cost="40", names="ab")
    assert carried(made) == {"a": 30, "b": 10}


def test_a_need_above_the_last_step_is_never_guessed() -> None:
    game = NestedNeeds("gpus", (Step(Fraction(8), Fraction(1000)),))
    with pytest.raises(ConfigurationError, match="gpus of b is 9, above the last step of 8"):
        made_of(shapley(game), monthly("gpus", {"a": "2", "b": "9"}))


def test_volume_tiers_by_hand() -> None:
    # c(a) = 4 x 3 = 12, c(b) = 30 + 2 x 2 = 34, c(ab) = 30 + 6 x 2 = 42.
    # a: (12 + 42 - 34) / 2 = 10, b: (34 + 42 - 12) / 2 = 32.
    tb = monthly("tb", {"a": "4", "b": "12"})
    made = made_of(shapley(VolumeCost("tb", TIERS)), tb, cost="42")
    assert carried(made) == {"a": 10, "b": 32}
    assert codes(made) == {"driver-without-team"}


def test_a_fixed_cost_is_shared_equally_by_all_who_use_anything() -> None:
    tb = monthly("tb", {"a": "4", "b": "12", "c": "0"})
    made = made_of(shapley(VolumeCost("tb", TIERS, Fraction(10))), tb, cost="52")
    assert carried(made) == {"a": 15, "b": 37}


def test_volume_pricing_may_credit_who_makes_it_cheaper_for_all() -> None:
    # c(a) = 9 x 10 = 90, c(b) = 10, c(ab) = 10 x 8 = 80: b = (10 + 80 - 90) / 2 = 0.
    tiers = (Tier(Fraction(10), Fraction("9.5")), Tier(Fraction(8)))
    price = VolumeCost("tb", tiers, pricing=Pricing.VOLUME)
    made = made_of(shapley(price), monthly("tb", {"a": "9", "b": "1", "c": "0"}), cost="80")
    assert carried(made) == {"a": 80}
    cheaper = VolumeCost("tb", (tiers[0], Tier(Fraction(7))), pricing=Pricing.VOLUME)
    made = made_of(shapley(cheaper), monthly("tb", {"a": "9", "b": "1", "c": "0"}), cost="70")
    assert carried(made) == {"a": 75, "b": -5}
    assert codes(made) == {"shapley-below-zero"}


def test_quantities_above_the_last_tier_have_no_price() -> None:
    price = VolumeCost("tb", (Tier(Fraction(3), Fraction(10)),))
    with pytest.raises(ConfigurationError, match="tb is 11, above the last tier of 10"):
        made_of(shapley(price), monthly("tb", {"a": "5", "b": "6"}))


def coalitions(costs: dict[str, str]) -> CoalitionCosts:
    return CoalitionCosts(
        tuple(sorted((tuple(who), Fraction(cost)) for who, cost in costs.items()))
    )


def test_coalitions_by_the_definition() -> None:
    costs = {"a": "6", "b": "12", "c": "42", "ab": "12", "ac": "42", "bc": "42", "abc": "42"}
    made = made_of(shapley(coalitions(costs)), cost="42")
    assert carried(made) == {"a": 2, "b": 5, "c": 35}  # the glove maker's textbook: airport
    by_definition = dict.fromkeys("abc", Fraction(0))
    for order in permutations("abc"):
        for place, who in enumerate(order):
            before = "".join(sorted(order[:place]))
            after = "".join(sorted(order[: place + 1]))
            step = Fraction(costs[after]) - Fraction(costs.get(before, "0"))
            by_definition[who] += step / 6
    assert carried(made) == by_definition


def test_only_those_whom_coalitions_name_receive_and_nobody_pays_for_one_that_is_gone() -> None:
    costs = {"a": "6", "b": "12", "ab": "15"}
    made = made_of(shapley(coalitions(costs)), cost="15")
    assert carried(made) == {"a": Fraction("4.5"), "b": Fraction("10.5")}
    gone = team("b", valid=Validity(None, date(2026, 9, 1)))
    rules = model([team("a"), gone], [shapley(coalitions(costs))])
    with pytest.raises(ConfigurationError, match="b has a part by its sets but doesn't exist"):
        allocate([charge("pool:p", "15")], rules, OCTOBER)


def test_shares_are_scaled_to_what_was_spent_and_a_wrong_cost_function_is_told() -> None:
    tb = monthly("tb", {"a": "4", "b": "12", "c": "0"})
    made = made_of(shapley(VolumeCost("tb", TIERS)), tb, cost="84")
    assert carried(made) == {"a": 20, "b": 64}
    assert codes(made) == {"cost-function-differs"}
    near = made_of(shapley(VolumeCost("tb", TIERS)), tb, cost="42.42")
    assert codes(near) == set()


def test_a_cost_function_is_held_against_the_full_cost_of_one_currency_only() -> None:
    tb = monthly("tb", {"a": "4", "b": "12", "c": "0"})
    rules = model([team(name) for name in NAMES], [shapley(VolumeCost("tb", TIERS))], [tb])
    both = [charge("pool:p", "84"), charge("pool:p", "5", currency="EUR")]
    assert codes(allocate(both, rules, OCTOBER)) == set()


def test_nobody_who_needs_anything_is_no_split() -> None:
    for game in (NestedNeeds("gpus"), VolumeCost("gpus", TIERS)):
        kept = shapley(game, when_missing=WhenMissing.KEEP)
        made = made_of(kept, monthly("gpus", {"a": "0", "b": "0", "c": "0"}))
        assert carried(made) == {}
        assert notes(made) == "the cost function is zero for all receivers together"
        negative = made_of(kept, monthly("gpus", {"a": "-1", "b": "5", "c": "0"}))
        assert notes(negative) == "gpus is negative for a"


SIXTY = [f"t{number:02}" for number in range(60)]
SOME = {name: str(number % 7 * number + 1) for number, name in enumerate(SIXTY)}


def of_sixty(game: Game, permutations: int = 2000, name: str = "p") -> Allocation:
    shared = replace(by(Method.SHAPLEY, Shapley(game, permutations)), name=name)
    rules = model([team(one) for one in SIXTY], [shared], [monthly("x", SOME)])
    return allocate([charge(f"pool:{name}", "1000")], rules, OCTOBER)


def test_sixty_teams_of_nested_needs_in_closed_form() -> None:
    made = of_sixty(NestedNeeds("x"))
    needs = {name: Fraction(quantity) for name, quantity in SOME.items()}
    levels = [Fraction(0), *sorted(set(needs.values()))]
    for name, need in needs.items():
        wanted = sum(
            (high - low) / sum(other >= high for other in needs.values())
            for low, high in pairwise(levels)
            if high <= need
        )
        assert carried(made)[name] == wanted * 1000 / levels[-1]


def test_sixty_teams_of_a_cost_function_are_sampled_with_a_stated_error_and_an_exact_total() -> (
    None
):
    price = VolumeCost("x", (Tier(Fraction(3), Fraction(2000)), Tier(Fraction(1))), Fraction(600))
    made = of_sixty(price)
    assert sum(carried(made).values()) == 1000
    (found,) = (one for one in made.findings if one.code == "shapley-sampled")
    assert "2000 sampled orders" in found.message
    assert "95 %" in notes(made)
    twins = [name for name in SIXTY if SOME[name] == "1"]
    assert len(twins) > 2
    assert len({carried(made)[name] for name in twins}) == 1
    assert of_sixty(price).lines == made.lines
    assert of_sixty(price, name="q").shares[0].fraction != made.shares[0].fraction
    assert of_sixty(price, 200).shares[0].fraction != made.shares[0].fraction


def test_the_error_of_a_small_sample_is_students_and_printed_plainly() -> None:
    # 15 pairs have 14 degrees of freedom: 2.145 standard errors, from the table of Student's t.
    from apportion.allocate.sample_orders import percent_text, students

    assert round(students(14), 3) == 2.145
    assert round(students(29), 3) == 2.045
    assert round(students(999), 2) == 1.96
    assert [percent_text(part) for part in (1.0, 0.123, 0.0123, 0.0, 2.5)] == [
        "100 %", "12 %", "1.2 %", "0.001 %", "100 %"
    ]  # fmt: skip


def test_a_linear_cost_needs_no_luck() -> None:
    made = of_sixty(VolumeCost("x", (Tier(Fraction(5)),)), 2)
    total = sum(Fraction(quantity) for quantity in SOME.values())
    assert carried(made) == {name: Fraction(q) * 1000 / total for name, q in SOME.items()}


def test_costs_of_a_month_hold_for_a_part_of_it_by_its_days() -> None:
    # The tariff of 31 days for 31 days of use: half of both for half the month, the same shares.
    from apportion.allocate.cost_game import VolumeGame, game_of
    from apportion.allocate.question import Question
    from apportion.domain.period import Span

    half = shapley(VolumeCost("tb", TIERS, Fraction(31))).splits[0].value
    days = Span(date(2026, 10, 1), date(2026, 10, 11))
    teams = (team("a"), team("b"))
    drivers = {"tb": monthly("tb", {"a": "31", "b": "62"})}
    game = game_of(Question("p", "USD", half, days, teams, {}, drivers))
    assert isinstance(game, VolumeGame)
    whole = 30 + 83 * 2 + 31
    assert game.cost("ab") == Fraction(10, 31) * whole


def test_all_sets_of_the_players_are_asked_for_once() -> None:
    from apportion.allocate.enumerate_coalitions import enumerate_coalitions

    asked: list[tuple[str, ...]] = []

    def cost(who: Collection[str]) -> Fraction:
        asked.append(tuple(who))
        return Fraction(len(asked[-1]))

    assert enumerate_coalitions("abcd", cost) == dict.fromkeys("abcd", 1)
    assert sorted(asked) == sorted(c for size in range(5) for c in combinations("abcd", size))
