"""Stand-alone and incremental cost, concentration, weights, policies: figures by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apportion.allocate import allocate
from apportion.domain.period import Period
from apportion.domain.result import Attributed, Run
from apportion.errors import NotLoaded, UsageError
from apportion.insight.fairness import Fairness, PoolFairness, find_fairness
from apportion.model.cost_behaviour import CostBehaviour
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption
from apportion.model.pools import Driver, Method, Pool, Split, Terms
from apportion.model.project import Model
from apportion.model.terms.fair_shares import DominantResource, MaxMin, Resource
from apportion.model.terms.games import NestedNeeds, Tier, VolumeCost
from apportion.model.terms.idle import Capacity
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.practical_capacity import PracticalCapacity
from apportion.model.terms.shapley import Shapley
from companies import HERE, OCTOBER, charge, model, monthly, pool, team

TEAMS = [team("a"), team("b"), team("c")]
HUNDRED = [charge("pool:p", "100")]
Figure = Fraction | int
Figures = dict[str, tuple[Figure, Figure, Figure]]


def by(method: Method, terms: Terms | None = None, **how: object) -> Split:
    return Split(method, HERE, terms=terms, **how)  # type: ignore[arg-type]


def by_driver(name: str, **how: object) -> Split:
    return by(Method.DRIVER, None, drivers=((name, Fraction(1)),), **how)


def weighted(**weights: str) -> Split:
    drivers = tuple((name, Fraction(weight)) for name, weight in weights.items())
    return by(Method.WEIGHTED, drivers=drivers)


def run_of(rules: Model, charges: Iterable[Attributed]) -> Run:
    charges = tuple(charges)
    made = allocate(charges, rules, OCTOBER)
    return Run(
        id="r",
        period=Period(2026, 10),
        span=OCTOBER,
        model=rules.hash,
        basis="EffectiveCost",
        snapshots=(),
        made_at=datetime.now(UTC),
        teams=(),
        attributed=charges,
        shares=made.shares,
        lines=made.lines,
        proofs=(),
    )


def fairness(
    shared: Pool | list[Pool], *drivers: Driver, charges: list[Attributed] | None = None
) -> Fairness:
    pools = [shared] if isinstance(shared, Pool) else shared
    rules = model(TEAMS, pools, drivers)
    return find_fairness(run_of(rules, charges or HUNDRED), rules)


def one(found: Fairness) -> PoolFairness:
    (made,) = found.pools
    return made


def figures(found: PoolFairness) -> Figures:
    return {each.receiver: (each.charge, each.alone, each.added) for each in found.standings}


def flagged(found: PoolFairness) -> dict[str, str]:
    above = {each.receiver: "above" for each in found.standings if each.above_alone}
    return above | {each.receiver: "below" for each in found.standings if each.below_added}


def told(found: Fairness) -> list[tuple[str, str, Figure]]:
    return [(each.receiver, each.policy, each.amount) for each in found.demanded]


HOURS = monthly("h", {"a": "6", "b": "3", "c": "1"})


def test_nothing_is_known_of_an_even_split_so_each_alone_would_pay_all() -> None:
    found = one(fairness(pool("p", by(Method.EVEN))))
    third = Fraction(100, 3)
    assert figures(found) == dict.fromkeys("abc", (third, 100, 0))
    assert "nothing else is known" in found.words
    assert found.concentration is not None
    assert (found.concentration.hhi, found.concentration.top) == (Fraction(1, 3), "a")


def test_a_stated_behaviour_is_what_charges_are_held_against() -> None:
    shared = replace(pool("p", by(Method.EVEN)), behaviour=CostBehaviour("h", Fraction(1, 10)))
    found = one(fairness(shared, HOURS))
    third = Fraction(100, 3)
    assert figures(found) == {"a": (third, 64, 54), "b": (third, 37, 27), "c": (third, 19, 9)}
    assert flagged(found) == {"a": "below", "c": "above"}


def test_a_pool_of_credits_is_the_mirror() -> None:
    shared = replace(pool("p", by(Method.EVEN)), behaviour=CostBehaviour("h", Fraction(1, 10)))
    found = one(fairness(shared, HOURS, charges=[charge("pool:p", "-100")]))
    assert flagged(found) == {"a": "below", "c": "above"}


def test_by_a_driver_each_pays_what_it_causes() -> None:
    found = one(fairness(pool("p", by_driver("h")), HOURS))
    assert figures(found) == {"a": (60, 60, 60), "b": (30, 30, 30), "c": (10, 10, 10)}
    assert flagged(found) == {}


def test_an_exempt_team_pays_less_than_it_adds_and_others_more_than_alone() -> None:
    exemption = Exemption("a", HERE, "policy", Validity(None, date(2027, 1, 1)), "c")
    shared = replace(pool("p", by_driver("h")), exempt=(exemption,))
    assert flagged(one(fairness(shared, HOURS))) == {"a": "below", "c": "above"}


def test_a_cost_function_of_nested_needs() -> None:
    shared = pool("p", by(Method.SHAPLEY, Shapley(NestedNeeds("h"))))
    # needs 6, 3, 1; cost 100: without a it costs half, without b or c as much as before
    found = one(fairness(shared, HOURS))
    assert {name: own[1:] for name, own in figures(found).items()} == {
        "a": (100, 50),
        "b": (50, 0),
        "c": (Fraction(100, 6), 0),
    }
    assert flagged(found) == {}


def test_capacity_is_what_one_uses_or_has_reserved() -> None:
    capacity = Capacity(PerPeriod(Fraction(20)), "res")
    terms = PracticalCapacity("h", capacity)
    reserved = monthly("res", {"a": "10", "b": "2", "c": "0"})
    found = one(fairness(pool("p", by(Method.PRACTICAL_CAPACITY, terms)), HOURS, reserved))
    known = {name: own[1:] for name, own in figures(found).items()}
    assert known == {"a": (50, 30), "b": (15, 15), "c": (5, 5)}


def test_fair_shares_of_a_capacity() -> None:
    terms = MaxMin("h", PerPeriod(Fraction(8)))
    found = one(fairness(pool("p", by(Method.MAX_MIN, terms)), HOURS))
    assert figures(found)["a"] == (50, 50, 50)
    both = DominantResource(
        (
            Resource("gpu", "h", PerPeriod(Fraction(12))),
            Resource("cpu", "cpu", PerPeriod(Fraction(10))),
        )
    )
    cpu = monthly("cpu", {"a": "1", "b": "5", "c": "0"})
    found = one(fairness(pool("p", by(Method.DOMINANT_RESOURCE, both)), HOURS, cpu))
    # GPUs of 12: 6, 3 and 1; CPUs of 10: 1, 5 and none
    assert figures(found)["a"][1:] == (50, 10)
    assert figures(found)["b"][1:] == (50, 25)
    assert figures(found)["c"][1:] == (Fraction(100, 12), 0)


def test_splits_that_change_within_the_month_count_by_days() -> None:
    first = Dated(by(Method.EVEN), Validity(None, date(2026, 10, 11)))
    then = Dated(by_driver("h"), Validity(date(2026, 10, 11), None))
    found = one(fairness(pool("p", first, then), HOURS))
    # 10 days at all of it, 21 days at 6 of 10
    assert figures(found)["a"][1] == Fraction(100 * 10 + 60 * 21, 31)
    assert "; " in found.words


def test_pools_that_use_a_pool_stand_beside_the_teams() -> None:
    drivers = monthly("h", {"a": "6", "q": "4"})
    pools = [pool("p", by_driver("h")), pool("q", by(Method.EVEN))]
    found = fairness(pools, drivers, charges=[*HUNDRED, charge("pool:q", "10")])
    (first, second) = found.pools
    assert figures(first)["q"] == (40, 40, 40)
    assert second.cost == 50
    assert figures(second)["c"] == (Fraction(50, 3), 50, 0)


def test_what_a_policy_demands_is_listed_with_what_it_costs_whom() -> None:
    # 60 by retention (1 : 2 : 0), 40 by hours (6 : 3 : 1)
    kept = replace(monthly("kept", {"a": "1", "b": "2", "c": "0"}), demanded_by="ten years")
    found = fairness(pool("p", weighted(kept="0.6", h="0.4")), kept, HOURS)
    assert told(found) == [("a", "ten years", 20), ("b", "ten years", 40)]
    nested = fairness(pool("p", by(Method.SHAPLEY, Shapley(NestedNeeds("kept")))), kept)
    assert told(nested) == [("a", "ten years", 25), ("b", "ten years", 75)]


def test_a_changed_model_and_an_unknown_pool_are_refused() -> None:
    rules = model(TEAMS, [pool("p", by(Method.EVEN))])
    run = run_of(rules, HUNDRED)
    with pytest.raises(UsageError, match="the model has changed since this run"):
        find_fairness(run, replace(rules, hash="other"))
    with pytest.raises(NotLoaded, match="has no pool 'x'"):
        find_fairness(run, rules, "x")
    assert find_fairness(run_of(rules, [charge("a", "5")]), rules).pools == ()


QUANTITIES = st.fixed_dictionaries(dict.fromkeys("abc", st.integers(0, 20).map(str)))
WEIGHTS = st.lists(st.integers(1, 9), min_size=2, max_size=3)


@given(WEIGHTS, st.lists(QUANTITIES, min_size=3, max_size=3), st.integers(0, 2))
def test_a_point_of_weight_moves_charges_as_a_run_with_other_weights_would(
    parts: list[int], quantities: list[dict[str, str]], moved: int
) -> None:
    names = [f"d{place}" for place in range(len(parts))]
    assume(moved < len(parts))
    assume(all(any(own != "0" for own in table.values()) for table in quantities))
    drivers = [monthly(name, table) for name, table in zip(names, quantities, strict=False)]
    weights = {name: Fraction(part, sum(parts)) for name, part in zip(names, parts, strict=True)}
    chosen = names[moved]
    rest = 1 - weights[chosen]
    other = {
        name: weight + Fraction(1, 100)
        if name == chosen
        else weight * (1 - Fraction(1, 100) / rest)
        for name, weight in weights.items()
    }

    def split(of: dict[str, Fraction]) -> Pool:
        return pool("p", by(Method.WEIGHTED, drivers=tuple(of.items())))

    before = one(fairness(split(weights), *drivers))
    after = one(fairness(split(other), *drivers))
    (move,) = (each for each in before.moves if each.driver == chosen)
    assert sum(move.moves.values()) == 0
    for name, (now, _, _) in figures(after).items():
        assert now - figures(before)[name][0] == move.moves.get(name, 0)


@given(QUANTITIES, st.integers(0, 30), st.lists(st.integers(1, 9), min_size=2, max_size=2))
def test_a_shapley_value_of_falling_prices_lies_between_incremental_and_stand_alone(
    used: dict[str, str], fixed: int, prices: list[int]
) -> None:
    assume(any(quantity != "0" for quantity in used.values()))
    high, low = sorted(prices, reverse=True)
    tiers = (Tier(Fraction(high), Fraction(10)), Tier(Fraction(low)))
    shared = pool("p", by(Method.SHAPLEY, Shapley(VolumeCost("q", tiers, Fraction(fixed)))))
    assert flagged(one(fairness(shared, monthly("q", used)))) == {}


@given(st.lists(QUANTITIES, min_size=2, max_size=2), st.integers(1, 9))
def test_weighted_charges_lie_between_their_smallest_and_largest_part(
    quantities: list[dict[str, str]], tenths: int
) -> None:
    assume(all(any(own != "0" for own in table.values()) for table in quantities))
    drivers = [monthly(name, table) for name, table in zip("xy", quantities, strict=True)]
    found = one(fairness(pool("p", weighted(x=f"0.{tenths}", y=f"0.{10 - tenths}")), *drivers))
    assert flagged(found) == {}
    assert found.concentration is not None
    assert Fraction(1, 3) <= found.concentration.hhi <= 1
