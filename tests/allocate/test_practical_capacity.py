"""Rates by practical capacity, and who carries idle capacity, against figures worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.errors import ConfigurationError
from apportion.model.dated import Dated, Validity
from apportion.model.pools import Driver, Method, Pool, Split, WhenMissing
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.per_period import Per, PerPeriod
from apportion.model.terms.practical_capacity import PracticalCapacity
from companies import HERE, OCTOBER, charge, model, monthly, pool, team
from rate_splits import carried, codes, idle, notes, split

TEAMS = [team("a"), team("b"), team("c")]


def at(
    capacity: str | None = None,
    to: IdleTo = IdleTo.CENTRAL,
    *,
    per: Per = Per.MONTH,
    **named: str,
) -> PracticalCapacity:
    reserved = named.pop("reserved", "")
    practical = PerPeriod(Fraction(capacity), per) if capacity else None
    return PracticalCapacity("h", Capacity(practical, reserved, Idle(to, **named)))


def cluster(terms: PracticalCapacity, **how: object) -> Pool:
    return pool("p", split(Method.PRACTICAL_CAPACITY, terms, **how))


def allocated(
    terms: PracticalCapacity,
    hours: dict[str, str],
    *drivers: Driver,
    cost: str = "10000",
    **how: object,
) -> Allocation:
    rules = model(TEAMS, [cluster(terms, **how)], [monthly("h", hours), *drivers])
    return allocate([charge("pool:p", cost)], rules, OCTOBER)


def test_the_rate_divides_by_capacity_and_idle_stays_central() -> None:
    # 10,000.00 ÷ 10,000 h = 1.00 an hour, whoever else uses the cluster or not.
    made = allocated(at("10000"), {"a": "5000", "b": "2500", "c": "0"})
    assert carried(made) == {"a": 5000, "b": 2500}
    assert idle(made) == {"": 2500}
    alone = allocated(at("10000"), {"a": "5000", "b": "0", "c": "0"})
    assert carried(alone) == {"a": 5000}
    assert idle(alone) == {"": 5000}


def test_a_central_account_is_that_of_a_team() -> None:
    terms = at("10000", account="c", because="decision 12")
    made = allocated(terms, {"a": "9000", "b": "0", "c": "0"})
    assert idle(made) == {"c": 1000}
    assert notes(made) == "capacity not used (decision 12)"


def test_capacity_by_the_day() -> None:
    # 31 days of 10 hours: 310.
    made = allocated(at("10", per=Per.DAY), {"a": "31", "b": "0", "c": "0"}, cost="3100")
    assert carried(made) == {"a": 310}
    assert idle(made) == {"": 2790}


def test_each_reserver_carries_its_own_idle_capacity() -> None:
    # a reserved 6,000 and used 5,000; b reserved 3,000 and used them; 1,000 nobody reserved.
    reserved = monthly("res", {"a": "6000", "b": "3000"})
    terms = at("10000", IdleTo.RESERVER, reserved="res")
    made = allocated(terms, {"a": "5000", "b": "3000", "c": "0"}, reserved)
    assert carried(made) == {"a": 5000, "b": 3000}
    assert idle(made) == {"a": 1000, "": 1000}


def test_use_beyond_a_reservation_takes_what_nobody_reserved_first() -> None:
    # c reserved nothing and uses 600 of the 1,000 free hours: 400 of them are left idle.
    reserved = monthly("res", {"a": "6000", "b": "3000"})
    terms = at("10000", IdleTo.RESERVER, reserved="res")
    made = allocated(terms, {"a": "5000", "b": "3000", "c": "600"}, reserved)
    assert idle(made) == {"a": 1000, "": 400}


def test_use_beyond_that_lessens_the_idle_hours_of_all_reservers() -> None:
    # Unused: a 2,000, b 1,000. c uses 2,500: 1,000 free ones and 1,500 of the 3,000, so half
    # of what is unused is left: a 1,000, b 500.
    reserved = monthly("res", {"a": "6000", "b": "3000"})
    terms = at("10000", IdleTo.RESERVER, reserved="res")
    made = allocated(terms, {"a": "4000", "b": "2000", "c": "2500"}, reserved)
    assert carried(made) == {"a": 4000, "b": 2000, "c": 2500}
    assert idle(made) == {"a": 1000, "b": 500}


def test_without_a_stated_capacity_it_is_what_is_reserved() -> None:
    reserved = monthly("res", {"a": "60", "b": "40"})
    terms = at(None, IdleTo.RESERVER, reserved="res")
    made = allocated(terms, {"a": "30", "b": "40", "c": "0"}, reserved, cost="100")
    assert carried(made) == {"a": 30, "b": 40}
    assert idle(made) == {"a": 30}


def test_more_reserved_than_there_is() -> None:
    # 120 reserved of 100; a uses 20 of 60, b 20 of 60: 60 idle hours, 30 each.
    reserved = monthly("res", {"a": "60", "b": "60"})
    terms = at("100", IdleTo.RESERVER, reserved="res")
    made = allocated(terms, {"a": "20", "b": "20", "c": "0"}, reserved, cost="100")
    assert idle(made) == {"a": 30, "b": 30}


def test_idle_by_quota() -> None:
    quota = monthly("quota", {"a": "3", "b": "0", "c": "1"})
    terms = at("10000", IdleTo.QUOTA, quota="quota")
    made = allocated(terms, {"a": "6000", "b": "0", "c": "0"}, quota)
    assert carried(made) == {"a": 6000}
    assert idle(made) == {"a": 3000, "c": 1000}


def test_idle_by_use_is_the_old_way_and_warns() -> None:
    made = allocated(at("10000", IdleTo.USE), {"a": "2000", "b": "500", "c": "0"})
    assert idle(made) == {"a": 6000, "b": 1500}
    assert "idle-by-use" in codes(made)


def test_use_above_the_capacity_is_what_is_divided_by() -> None:
    made = allocated(at("1000"), {"a": "1500", "b": "500", "c": "0"})
    assert carried(made) == {"a": 7500, "b": 2500}
    assert idle(made) == {}
    assert codes(made) == {"use-above-capacity"}


def test_a_refund_is_the_mirror_of_a_charge() -> None:
    made = allocated(at("10000"), {"a": "5000", "b": "2500", "c": "0"}, cost="-10000")
    assert carried(made) == {"a": -5000, "b": -2500}
    assert idle(made) == {"": -2500}


def test_use_of_a_team_that_carries_nothing_is_not_idle() -> None:
    # c uses 2,000 of the 10,000 hours and is excluded: 8,000 hours carry the 10,000.00.
    made = allocated(at("10000"), {"a": "4000", "b": "0", "c": "2000"}, excluding=("c",))
    assert carried(made) == {"a": 5000}
    assert idle(made) == {"": 5000}


def test_a_pool_carries_its_idle_reservation_in_its_own_cost() -> None:
    # q reserved 40 hours and used 10, of 100 in all; c has all of q.
    drivers = [monthly("h", {"a": "60", "q": "10"}), monthly("res", {"a": "60", "q": "40"})]
    terms = at(None, IdleTo.RESERVER, reserved="res")
    pools = [cluster(terms), pool("q", Split(Method.EVEN, HERE, among=("c",)))]
    made = allocate([charge("pool:p", "100")], model(TEAMS, pools, drivers), OCTOBER)
    assert carried(made) == {"a": 60}
    assert idle(made) == {}
    assert carried(made, name="q") == {"c": 40}


def test_a_capacity_that_grows_in_mid_month_weighs_by_days() -> None:
    # 15 days at 20 a day, then 16 at 40: cost goes by days (15 : 16), rates by each capacity.
    first = Dated(
        split(Method.PRACTICAL_CAPACITY, at("20", per=Per.DAY)), Validity(None, date(2026, 10, 16))
    )
    then = Dated(
        split(Method.PRACTICAL_CAPACITY, at("40", per=Per.DAY)), Validity(date(2026, 10, 16), None)
    )
    rules = model(TEAMS, [pool("p", first, then)], [monthly("h", {"a": "310", "b": "0", "c": "0"})])
    made = allocate([charge("pool:p", "3100")], rules, OCTOBER)
    # a uses 10 a day: half of the first 1,500.00, a quarter of the 1,600.00 that follow.
    assert carried(made) == {"a": 750 + 400}
    assert idle(made) == {"": 750 + 1200}


def test_an_account_of_a_team_that_is_gone() -> None:
    gone = [*TEAMS, team("old", valid=Validity(None, date(2026, 1, 1)))]
    rules = model(
        gone, [cluster(at("100", account="old"))], [monthly("h", {"a": "50", "b": "0", "c": "0"})]
    )
    made = allocate([charge("pool:p", "100")], rules, OCTOBER)
    assert idle(made) == {"": 50}
    assert "account-without-team" in codes(made)


@pytest.mark.parametrize(
    ("hours", "drivers", "terms", "reason"),
    [
        ({}, {}, at("100"), "driver h has no quantities"),
        ({"a": "-1"}, {}, at("100"), "h is negative for a"),
        ({"a": "1"}, {"res": {}}, at(None, IdleTo.RESERVER, reserved="res"), "driver res has no"),
        (
            {"a": "0"},
            {"res": {"a": "0"}},
            at(None, IdleTo.RESERVER, reserved="res"),
            "h has no capacity",
        ),
        ({"a": "1"}, {"res": {"a": "-5"}}, at("9", reserved="res"), "res is negative for a"),
        ({"a": "1"}, {"q": {"a": "0"}}, at("9", IdleTo.QUOTA, quota="q"), "q is zero for every"),
        ({"a": "1"}, {"q": {}}, at("9", IdleTo.QUOTA, quota="q"), "driver q has no quantities"),
        ({"a": "0"}, {}, at("9", IdleTo.USE), "h is zero for every receiver"),
    ],
)
def test_what_cannot_be_divided_goes_by_the_policy_on_what_is_missing(
    hours: dict[str, str],
    drivers: dict[str, dict[str, str]],
    terms: PracticalCapacity,
    reason: str,
) -> None:
    others = [monthly(name, quantities) for name, quantities in drivers.items()]
    with pytest.raises(ConfigurationError, match=reason):
        allocated(terms, hours, *others)
    kept = allocated(terms, hours, *others, when_missing=WhenMissing.KEEP)
    assert reason in notes(kept)
