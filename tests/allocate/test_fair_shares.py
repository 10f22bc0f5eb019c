"""Fair shares of a capacity, against figures worked by hand and in the papers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.allocate.dominant_resource import dominant_resource
from apportion.allocate.question import Question
from apportion.domain.period import Span
from apportion.errors import ConfigurationError
from apportion.model.pools import Driver, Method, Pool, WhenMissing
from apportion.model.terms.fair_shares import DominantResource, Left, MaxMin, Resource, Weights
from apportion.model.terms.per_period import Per, PerPeriod
from companies import HERE, OCTOBER, charge, model, monthly, pool, team
from rate_splits import carried, codes, idle, notes, split


def max_min(capacity: str, weights: Weights = (), **how: object) -> Pool:
    terms = MaxMin("d", PerPeriod(Fraction(capacity)), weights)
    return pool("p", split(Method.MAX_MIN, terms, **how))


def drf(left: Left = Left.IDLE, weights: Weights = (), **how: object) -> Pool:
    resources = (
        Resource("cpu", "cpu", PerPeriod(Fraction(9))),
        Resource("gb", "gb", PerPeriod(Fraction(18))),
    )
    terms = DominantResource(resources, weights, left)
    return pool("p", split(Method.DOMINANT_RESOURCE, terms, **how))


def made_of(shared: Pool, *drivers: Driver, names: str = "abc", cost: str = "120") -> Allocation:
    rules = model([team(name) for name in names], [shared], drivers)
    return allocate([charge("pool:p", cost)], rules, OCTOBER)


def test_small_demands_are_met_and_the_rest_is_shared_equally() -> None:
    # Of 12: a asks 2 and gets it; b and c ask 9 and 5 and get 5 each.
    made = made_of(max_min("12"), monthly("d", {"a": "2", "b": "9", "c": "5"}))
    assert carried(made) == {"a": 20, "b": 50, "c": 50}
    assert idle(made) == {}
    (found,) = made.findings
    assert found.code == "demand-above-capacity"
    assert "b gets 5" in found.message


def test_a_surplus_goes_round_again() -> None:
    # Of 10: a third is 3.33; a asks 2, so 8 are left for two; b asks 3.5, so c gets 4.5 of 9.
    made = made_of(max_min("10"), monthly("d", {"a": "2", "b": "3.5", "c": "9"}), cost="10")
    assert carried(made) == {"a": 2, "b": Fraction("3.5"), "c": Fraction("4.5")}


def test_what_nobody_asks_for_is_idle_and_stays_with_the_pool() -> None:
    made = made_of(max_min("12"), monthly("d", {"a": "2", "b": "3", "c": "1"}))
    assert carried(made) == {"a": 20, "b": 30, "c": 10}
    assert idle(made) == {"": 60}
    assert notes(made) == "capacity not asked for"
    assert codes(made) == set()


def test_weights_are_what_one_is_entitled_to() -> None:
    # Of 12 by 1 : 2 : 1: a and c ask for more than 3, b for less than 6: 5, then 3.5 each.
    demand = monthly("d", {"a": "9", "b": "5", "c": "9"})
    made = made_of(max_min("12", (("b", Fraction(2)),)), demand, cost="12")
    assert carried(made) == {"a": Fraction("3.5"), "b": 5, "c": Fraction("3.5")}


def test_demand_without_rows_or_below_zero_is_no_split() -> None:
    with pytest.raises(ConfigurationError, match="driver d has no quantities in the period"):
        made_of(max_min("12"), monthly("d", {}))
    kept = max_min("12", when_missing=WhenMissing.KEEP)
    assert notes(made_of(kept, monthly("d", {"a": "-1"}))) == "d is negative for a"


def test_nothing_asked_for_is_all_idle() -> None:
    made = made_of(max_min("12"), monthly("d", {"a": "0", "b": "0", "c": "0"}))
    assert idle(made) == {"": 120}


CPU = monthly("cpu", {"a": "9", "b": "27"})
GB = monthly("gb", {"a": "36", "b": "9"})


def test_the_example_of_the_paper() -> None:
    # 9 CPUs, 18 GB. a: tasks of 1 CPU and 4 GB; b: tasks of 3 CPUs and 1 GB. DRF gives a three
    # tasks (12 of 18 GB) and b two (6 of 9 CPUs): dominant shares of 2/3 each.
    made = made_of(drf(), CPU, GB, names="ab")
    assert carried(made) == {"a": 60, "b": 60}
    assert idle(made) == {}
    (a, b) = made.shares
    assert (a.uses[0].quantity, a.uses[0].unit) == (Fraction(2, 3), "gb")
    assert (b.uses[0].quantity, b.uses[0].unit) == (Fraction(2, 3), "cpu")
    (found,) = made.findings
    assert "cpu is used up" in found.message
    assert "a gets 33.3 % of its demand, b gets 22.2 %" in found.message


def test_weights_of_dominant_shares() -> None:
    # b is entitled to twice: s_b = 2 s_a. CPU: s_a x 9/36 x 2 ... 9 = 4.5 s + 9 x 2s: s = 0.4.
    made = made_of(drf(weights=(("b", Fraction(2)),)), CPU, GB, names="ab")
    assert carried(made) == {"a": 40, "b": 80}


def test_what_is_left_of_the_most_used_resource_is_idle_or_charged() -> None:
    # a: 3 CPUs (1/3), 3 GB; b: 1.5 CPUs, 4.5 GB (1/4). CPU is used by half, GB by 7.5 of 18.
    cpu, gb = monthly("cpu", {"a": "3", "b": "1.5"}), monthly("gb", {"a": "3", "b": "4.5"})
    made = made_of(drf(), cpu, gb, names="ab", cost="84")
    assert idle(made) == {"": 42}
    assert carried(made) == {"a": 24, "b": 18}
    charged = made_of(drf(Left.CHARGED), cpu, gb, names="ab", cost="84")
    assert carried(charged) == {"a": 48, "b": 36}
    assert idle(charged) == {}


def test_who_asks_for_nothing_scarce_goes_on_when_others_stop() -> None:
    # c asks for CPUs alone, a and b for GB alone: GB is used up at 9 each; c gets all its 6.
    cpu = monthly("cpu", {"c": "6", "a": "0", "b": "0"})
    gb = monthly("gb", {"a": "18", "b": "36", "c": "0"})
    made = made_of(drf(), cpu, gb, cost="100")
    # dominant shares: 1/2, 1/2 and 2/3
    assert carried(made) == {"a": 30, "b": 30, "c": 40}


def test_nobody_who_asks_is_no_split() -> None:
    none = {"a": "0", "b": "0", "c": "0"}
    with pytest.raises(ConfigurationError, match="nobody asks for any of the resources"):
        made_of(drf(), monthly("cpu", none), monthly("gb", none))
    with pytest.raises(ConfigurationError, match="driver gb has no quantities"):
        made_of(drf(), CPU, monthly("gb", {}))
    with pytest.raises(ConfigurationError, match="gb is negative for b"):
        made_of(drf(), CPU, monthly("gb", {"b": "-1"}))


def test_capacity_is_for_a_month_or_a_day_as_demand_is() -> None:
    # A third of the month's demand against a third of its capacity: the same shares.
    november = Span(date(2026, 11, 1), date(2026, 12, 1))
    resources = (
        Resource("cpu", "cpu", PerPeriod(Fraction(3), Per.DAY)),
        Resource("gb", "gb", PerPeriod(Fraction(180))),
    )
    how = split(Method.DOMINANT_RESOURCE, DominantResource(resources))
    drivers = {
        "cpu": monthly("cpu", {"a": "60", "b": "30"}, november),
        "gb": monthly("gb", {"a": "30", "b": "90"}, november),
    }
    teams = (team("a"), team("b"))
    days = Span(november.start, date(2026, 11, 11))
    whole = dominant_resource(Question("p", "USD", how, november, teams, {}, drivers))
    part = dominant_resource(Question("p", "USD", how, days, teams, {}, drivers))
    assert whole.fractions == part.fractions
    assert how.place == HERE


def test_a_team_that_asks_for_one_resource_alone_is_not_said_to_carry_nothing() -> None:
    # a has a third of the cpus and b of the memory: equal dominant shares; b has no row of cpu.
    made = made_of(
        drf(Left.CHARGED), monthly("cpu", {"a": "3"}), monthly("gb", {"b": "6"}), names="ab"
    )
    assert carried(made) == {"a": 60, "b": 60}
    told = sorted(one.message for one in made.findings if one.code == "driver-without-team")
    assert [message.rpartition(": ")[2] for message in told] == ["it counts as 0 in pool p"] * 2
