"""What makes the Shapley value the Shapley value, whatever the game."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.allocate.cost_game import NestedGame
from apportion.allocate.enumerate_coalitions import enumerate_coalitions
from apportion.allocate.nested_needs import nested_needs
from apportion.allocate.question import Answer, Question
from apportion.allocate.shapley import shapley
from apportion.model.pools import Driver, Method, Split
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
from companies import HERE, OCTOBER, monthly, team

PLAYERS = "abcd"
SETS = [c for size in range(1, 5) for c in combinations(PLAYERS, size)]
FIGURES = st.integers(0, 40).map(lambda number: Fraction(number, 4))
GAMES = st.fixed_dictionaries(dict.fromkeys(SETS, FIGURES))
NEEDS = st.dictionaries(st.sampled_from("abcdefg"), FIGURES, min_size=1)
Costs = dict[tuple[str, ...], Fraction]


def values(costs: Costs) -> dict[str, Fraction]:
    return enumerate_coalitions(PLAYERS, lambda who: costs.get(tuple(who), Fraction(0)))


def ask(game: Game, *drivers: Driver, names: str = PLAYERS, permutations: int = 200) -> Answer:
    split = Split(Method.SHAPLEY, HERE, terms=Shapley(game, permutations))
    known = {driver.name: driver for driver in drivers}
    teams = tuple(team(name) for name in names)
    there = dict.fromkeys(names, Fraction(1))
    return shapley(Question("p", "USD", split, OCTOBER, teams, {}, known, teams=there))


def driver(name: str, quantities: dict[str, Fraction]) -> Driver:
    return monthly(name, {who: str(float(quantity)) for who, quantity in quantities.items()})


@given(GAMES)
def test_efficiency_all_of_the_cost_is_shared(costs: Costs) -> None:
    assert sum(values(costs).values()) == costs[tuple(PLAYERS)]


@given(GAMES)
def test_symmetry_players_who_add_the_same_carry_the_same(costs: Costs) -> None:
    swap = str.maketrans("ab", "ba")
    same = {who: costs[who] + costs[tuple(sorted("".join(who).translate(swap)))] for who in SETS}
    found = values(same)
    assert found["a"] == found["b"]


@given(GAMES, FIGURES)
def test_a_dummy_player_carries_what_it_costs_alone(costs: Costs, alone: Fraction) -> None:
    for who in SETS:
        if "d" in who:
            costs[who] = costs.get(who[:-1], Fraction(0)) + alone
    assert values(costs)["d"] == alone


@given(GAMES, GAMES)
def test_additivity_two_pools_are_as_one(one: Costs, other: Costs) -> None:
    both = values({who: one[who] + other[who] for who in SETS})
    apart = values(one), values(other)
    assert both == {name: apart[0][name] + apart[1][name] for name in PLAYERS}


@given(NEEDS)
def test_the_closed_form_of_nested_needs_is_what_enumeration_gives(
    needs: dict[str, Fraction],
) -> None:
    if not any(needs.values()):
        return
    game = NestedGame(monthly("n", {}), needs, needs, stated=False)
    found = enumerate_coalitions(sorted(needs), game.cost)
    answer = nested_needs(game)
    assert answer.fractions == {name: part / max(needs.values()) for name, part in found.items()}
    for name, uses in answer.uses.items():
        told = sum(use.weight * use.quantity / use.total for use in uses)
        assert told == answer.fractions[name]


@st.composite
def tariffs(draw: st.DrawFn) -> VolumeCost:
    limits = sorted(draw(st.sets(st.integers(1, 300), max_size=3)))
    prices = draw(st.lists(FIGURES, min_size=len(limits) + 1, max_size=len(limits) + 1))
    ends = [*map(Fraction, limits), None]
    tiers = tuple(Tier(price, end) for price, end in zip(prices, ends, strict=True))
    return VolumeCost("q", tiers, draw(FIGURES), draw(st.sampled_from(Pricing)))


@given(tariffs(), NEEDS, st.randoms())
def test_a_cost_function_is_shared_whole_and_in_whatever_order_teams_come(
    price: VolumeCost, used: dict[str, Fraction], random: object
) -> None:
    names = list("abcdefg")
    answer = ask(price, driver("q", used), names="abcdefg")
    assert answer.whole == 1
    random.shuffle(names)  # type: ignore[attr-defined]
    assert ask(price, driver("q", used), names="".join(names)).fractions == answer.fractions
    if not answer.gaps:
        assert all(part == 0 for name, part in answer.fractions.items() if not used.get(name))
        for name, other in combinations(used, 2):
            if used[name] == used[other]:
                assert answer.fractions[name] == answer.fractions[other]


@given(NEEDS, st.lists(FIGURES, min_size=3, max_size=3))
def test_steps_are_shared_whole(needs: dict[str, Fraction], costs: list[Fraction]) -> None:
    ends = (Fraction(2), Fraction(5), Fraction(10))
    steps = tuple(Step(end, cost) for end, cost in zip(ends, sorted(costs), strict=True))
    answer = ask(NestedNeeds("q", steps), driver("q", needs), names="abcdefg")
    assert answer.whole == 1
    order = sorted(needs, key=lambda name: needs[name])
    parts = [answer.fractions.get(name, Fraction(0)) for name in order]
    assert parts == sorted(parts)


@given(GAMES)
def test_stated_coalitions_are_the_game_that_they_state(costs: Costs) -> None:
    answer = ask(CoalitionCosts(tuple(sorted(costs.items()))))
    whole = costs[tuple(PLAYERS)]
    if whole:
        assert answer.fractions == {name: v / whole for name, v in values(costs).items()}
    assert answer.whole == 1


def exact(units: dict[str, int], price: VolumeCost) -> dict[str, Fraction]:
    """The Shapley value by counting the sets of each size and sum: a way of its own."""
    names, count = sorted(units), len(units)
    found = {}
    for name in names:
        ways: list[dict[int, int]] = [{0: 1}] + [{} for _ in range(count - 1)]
        for other in names:
            if other != name:
                for size in range(count - 1, 0, -1):
                    for total, number in ways[size - 1].items():
                        reached = total + units[other]
                        ways[size][reached] = ways[size].get(reached, 0) + number
        value = Fraction(0)
        for sums in ways:
            sets = sum(sums.values())
            for total, number in sums.items():
                before = price.variable(Fraction(total)) if total else Fraction(0)
                added = price.variable(Fraction(total + units[name])) - before
                value += added * Fraction(number, sets) / count
        found[name] = value
    return found


@settings(max_examples=15, deadline=None)
@given(tariffs(), st.lists(st.integers(1, 20), min_size=13, max_size=18))
def test_a_sample_lies_within_the_bound_that_it_states(
    price: VolumeCost, quantities: list[int]
) -> None:
    units = {f"{chr(97 + place)}": quantity for place, quantity in enumerate(quantities)}
    price = VolumeCost("q", price.tiers, pricing=price.pricing)
    whole = price.variable(Fraction(sum(quantities)))
    if not whole:
        return
    names = "".join(units)
    answer = ask(price, driver("q", {n: Fraction(q) for n, q in units.items()}), names=names)
    assert sum(answer.fractions.values()) == 1
    right = exact(units, price)
    assert sum(right.values()) == whole
    for name, part in answer.fractions.items():
        stated = answer.notes[name].rsplit("± ", 1)[1].split(" %", maxsplit=1)[0]
        # Hoeffding's bound at 95 %; twice of it is missed once in a million
        assert abs(part - right[name] / whole) * 100 <= Fraction(stated) * 2 + Fraction(1, 10**9)


def test_the_normal_bound_holds_about_as_often_as_it_says() -> None:
    price = VolumeCost("q", (Tier(Fraction(5), Fraction(60)), Tier(Fraction(1))))
    inside = total = 0
    for chance in range(12):
        units = {chr(97 + place): place + 1 + chance for place in range(14)}
        answer = ask(
            price,
            driver("q", {n: Fraction(q) for n, q in units.items()}),
            names="".join(units),
        )
        right, whole = exact(units, price), price.variable(Fraction(sum(units.values())))
        for name, part in answer.fractions.items():
            stated = answer.notes[name].split("± ")[1].split(" %", maxsplit=1)[0]
            inside += abs(part - right[name] / whole) * 100 <= Fraction(stated)
            total += 1
    assert inside >= total * 9 // 10
