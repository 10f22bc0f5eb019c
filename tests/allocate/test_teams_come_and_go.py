"""Teams that begin or end: whose quantities count, on which days, and what the pool keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.amounts import Amounts
from apportion.domain.owner import OwnerKind
from apportion.domain.result import LineKind
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption
from apportion.model.organisation import OrgUnit
from apportion.model.pools import Driver, Method, Pool, Split, Terms, WhenMissing
from apportion.model.terms.dual_rate import DualRate, FixedPart
from apportion.model.terms.fair_shares import MaxMin
from apportion.model.terms.games import CoalitionCosts, NestedNeeds
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.practical_capacity import PracticalCapacity
from apportion.model.terms.shapley import Shapley
from apportion.model.terms.standard_rate import StandardRate
from apportion.model.terms.time_driven import Event, TimeDriven
from companies import HERE, OCTOBER, charge, daily, model, monthly, pool, same, team

GONE = team("b", valid=Validity(None, date(2026, 9, 11)))
ENDS = team("b", valid=Validity(None, date(2026, 10, 11)))
JOINS = team("b", valid=Validity(date(2026, 10, 16), None))
THREE = [team("a"), GONE, team("c")]
USE = {"a": "10", "b": "20", "c": "30"}
"""Of a, b and c; b is gone."""


def by(name: str = "n", **how: Any) -> Split:
    return Split(Method.DRIVER, HERE, drivers=((name, Fraction(1)),), **how)


def termed(method: Method, terms: Terms) -> Split:
    return Split(method, HERE, terms=terms)


def made_of(
    cost: str, teams: list[OrgUnit], one: Pool | Split, *drivers: Driver, **how: object
) -> Allocation:
    shared = one if isinstance(one, Pool) else pool("p", one)
    return allocate([charge("pool:p", cost)], model(teams, [shared], drivers), OCTOBER, **how)  # type: ignore[arg-type]


def carried(made: Allocation) -> dict[str, Fraction]:
    """What each team carries, idle capacity included; what the pool keeps stands under p."""
    found: dict[str, Fraction] = {}
    for line in made.lines:
        own = found.get(line.owner.name, Fraction(0))
        found[line.owner.name] = own + line.amounts.EffectiveCost
    return found


def codes(made: Allocation) -> list[str]:
    return sorted(found.code for found in made.findings)


def test_use_by_a_team_that_is_gone_is_not_spread_over_strangers() -> None:
    # a used 10 and b 10 of 20, on a day on which b is no more: b's half of 310 stays in the pool.
    use = daily("n", [("a", date(2026, 10, 5), "10"), ("b", date(2026, 10, 20), "10")])
    made = made_of("310", [team("a"), GONE], by(), use)
    assert carried(made) == {"a": 155, "p": 155}
    (told,) = [found for found in made.findings if found.code == "driver-team-gone"]
    assert told.place == HERE
    assert "10 units of n for team b on 2026-10-20" in told.message


def test_a_month_of_use_by_a_team_that_is_gone_is_kept_too() -> None:
    made = made_of("310", [team("a"), GONE], by(), monthly("n", {"a": "10", "b": "10"}))
    assert carried(made) == {"a": 155, "p": 155}


@pytest.mark.parametrize("how", [{"excluding": ("b",)}, {"among": ("a",)}])
def test_a_team_that_the_split_leaves_out_is_left_out_when_it_is_gone(
    how: dict[str, object],
) -> None:
    made = made_of("310", [team("a"), GONE], by("n", **how), monthly("n", {"a": "10", "b": "10"}))
    assert carried(made) == {"a": 310}
    assert codes(made) == []


def test_a_split_among_a_team_that_is_gone_keeps_its_part() -> None:
    split = by(among=("a", "b"))
    made = made_of("310", [team("a"), GONE], split, monthly("n", {"a": "10", "b": "10"}))
    assert carried(made) == {"a": 155, "p": 155}


CAPACITY = Capacity(PerPeriod(Fraction(60)))


@pytest.mark.parametrize(
    ("terms", "method"),
    [
        (PracticalCapacity("n", CAPACITY), Method.PRACTICAL_CAPACITY),
        (TimeDriven((Event("n", Fraction(1)),), CAPACITY), Method.TIME_DRIVEN),
        (MaxMin("n", PerPeriod(Fraction(60))), Method.MAX_MIN),
        (
            DualRate("n", "n", FixedPart(part=Fraction(1, 2)), "USD"),
            Method.DUAL_RATE,
        ),
    ],
)
def test_a_rate_by_capacity_counts_use_by_a_team_that_is_gone(terms: Terms, method: Method) -> None:
    # 600 over 60 units is 10 for a unit, whoever is gone: a 100, c 300, and 200 that b used.
    made = made_of("600", THREE, termed(method, terms), monthly("n", USE))
    assert carried(made) == {"a": 100, "c": 300, "p": 200}
    assert "driver-team-gone" in codes(made)


def test_what_a_team_that_is_gone_reserved_and_used_is_kept() -> None:
    terms = PracticalCapacity("n", Capacity(reserved="n", idle=Idle(IdleTo.RESERVER)))
    made = made_of("600", THREE, termed(Method.PRACTICAL_CAPACITY, terms), monthly("n", USE))
    assert carried(made) == {"a": 100, "c": 300, "p": 200}


def test_a_standard_rate_charges_nobody_for_use_by_a_team_that_is_gone() -> None:
    # At 10 for a unit a is charged 100 and c 300; 200 that b used and no variance stay.
    split = termed(Method.STANDARD_RATE, StandardRate("n", (Dated(Fraction(10)),), "USD"))
    made = made_of("600", THREE, split, monthly("n", USE))
    assert carried(made) == {"a": 100, "c": 300, "p": 200}
    assert [line.kind for line in made.lines if line.owner.name == "p"] == [LineKind.KEPT]


def test_nested_needs_of_a_team_that_is_gone_are_kept() -> None:
    # Needs 10, 20, 30: each 10 of the 30 is 200. a 200/3, b 200/3 + 100, c all of the last.
    made = made_of(
        "600", THREE, termed(Method.SHAPLEY, Shapley(NestedNeeds("n"))), monthly("n", USE)
    )
    third = Fraction(200, 3)
    assert carried(made) == {"a": third, "c": third + 100 + 200, "p": third + 100}


def test_use_after_the_end_of_a_team_is_kept_and_before_it_is_charged() -> None:
    # b used 5 before its last day and 10 after it, a 5: quarters of 20, and half is kept.
    days = [("a", 5, "5"), ("b", 5, "5"), ("b", 20, "10")]
    use = daily("n", [(who, date(2026, 10, day), n) for who, day, n in days])
    made = made_of("400", [team("a"), ENDS], by(), use)
    assert carried(made) == {"a": 100, "b": 100, "p": 200}


def test_a_month_of_use_counts_for_the_days_on_which_the_team_exists() -> None:
    # b's 30 of the month were used in its ten days: all of them count.
    made = made_of("310", [team("a"), ENDS], by(), monthly("n", {"a": "32", "b": "30"}))
    assert carried(made) == {"a": 160, "b": 150}


def test_by_day_a_team_carries_nothing_before_it_begins() -> None:
    # The only cost falls on the 5th; b begins on the 16th, so its month lies after it.
    made = made_of(
        "100",
        [team("a"), JOINS],
        by(by_day=True),
        monthly("n", {"a": "31", "b": "31"}),
        by_day={("USD", "p"): {date(2026, 10, 5): same("100")}},
    )
    assert carried(made) == {"a": 100}


def test_a_percentage_counts_by_the_days_of_its_team() -> None:
    # Half of 310 is 5 a day; b was there on 10 of 31 days: 50. The other 105 stay.
    percentages = (("a", Fraction(50)), ("b", Fraction(50)))
    split = Split(Method.FIXED, HERE, percentages=percentages)
    made = made_of("310", [team("a"), ENDS], split)
    assert carried(made) == {"a": 155, "b": 50, "p": 105}
    (told,) = made.findings
    assert told.code == "pool-kept"
    assert "team b has a percentage and doesn't exist on 21 of 31 days" in told.message


def test_a_team_that_carries_an_exempt_ones_part_does_so_while_it_exists() -> None:
    # a's part is 62 of 372, 2 a day: b carries it on its 10 days, the pool on the other 21.
    exempt = Exemption("a", HERE, "x", Validity(None, date(2027, 10, 1)), "b")
    shared = replace(pool("p", by()), exempt=(exempt,))
    made = made_of("372", [team("a"), ENDS, team("c")], shared, monthly("n", USE))
    assert carried(made) == {"b": 124 + 20, "c": 186, "p": 42}
    assert "pool-kept" in codes(made)


def test_the_account_of_idle_capacity_carries_it_while_its_team_exists() -> None:
    # 1,240 over 124 units is 10: 60 are used, 64 idle; b's account has 10 of 31 days of 640.
    terms = PracticalCapacity(
        "n", Capacity(PerPeriod(Fraction(124)), idle=Idle(IdleTo.CENTRAL, account="b"))
    )
    teams = [team("a"), ENDS, team("c")]
    made = made_of("1240", teams, termed(Method.PRACTICAL_CAPACITY, terms), monthly("n", USE))
    idle = Fraction(6400, 31)
    assert carried(made) == {"a": 100, "b": 200 + idle, "c": 300, "p": 640 - idle}
    (told,) = [found for found in made.findings if found.code == "account-without-team"]
    assert "doesn't exist on 21 of 31 days" in told.message


def test_the_value_of_a_set_counts_by_the_days_of_its_team() -> None:
    # Alone a costs 5 and b 3, together 8. b's 3/8 of 248 are 93, 3 a day; 21 days are kept.
    sets = {("a",): 5, ("b",): 3, ("a", "b"): 8}
    game = CoalitionCosts(tuple((who, Fraction(cost)) for who, cost in sets.items()))
    made = made_of("248", [team("a"), ENDS], termed(Method.SHAPLEY, Shapley(game)))
    assert carried(made) == {"a": 155, "b": 30, "p": 63}
    gone = Split(Method.SHAPLEY, HERE, terms=Shapley(game), when_missing=WhenMissing.KEEP)
    assert carried(made_of("248", [team("a"), GONE], gone)) == {"a": 155, "p": 93}


def test_what_is_kept_is_kept_by_the_pool() -> None:
    made = made_of("310", [team("a"), GONE], by(), monthly("n", {"a": "10", "b": "10"}))
    (line,) = [line for line in made.lines if line.owner.kind is OwnerKind.POOL]
    assert line.kind is LineKind.KEPT
    assert line.amounts == Amounts(*(Fraction(155),) * 4)
