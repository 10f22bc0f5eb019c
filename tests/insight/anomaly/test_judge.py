"""What is an anomaly and what is none, on days that a person can read."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest

from apportion.insight.anomaly.detect import Sensitivity
from apportion.insight.anomaly.judge import judge
from apportion.insight.anomaly.tracks import Channel, Fact
from apportion.insight.anomaly.values import Anomaly, Cause

FIRST, BEGIN, LAST = date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 30)
DAYS = [FIRST + timedelta(days=at) for at in range((LAST - FIRST).days + 1)]


def fact(
    day: date, cost: float, item: str = "server", kind: str = "vm", used: float = 24.0
) -> Fact:
    return Fact(day, Channel.SPEND, "nlp", "Compute", kind, item, item, "Hours", cost, used)


def usual(item: str = "server", cost: float = 200.0, seed: int = 1) -> list[Fact]:
    """Weekdays cost `cost`, weekends half, give or take five per cent."""
    luck = random.Random(seed)
    return [
        fact(day, cost * (0.5 if day.weekday() >= 5 else 1) * luck.uniform(0.95, 1.05), item)
        for day in DAYS
    ]


def found(facts: Iterable[Fact], sensitivity: Sensitivity = Sensitivity()) -> tuple[Anomaly, ...]:  # noqa: B008
    return judge(facts, FIRST, LAST, BEGIN, sensitivity)


def changed(change: Callable[[Fact], Fact]) -> list[Fact]:
    return [change(one) for one in usual()]


def test_weeks_as_usual_are_nothing() -> None:
    assert found(usual()) == ()


def test_a_runaway_job_is_told_on_its_first_day_with_its_cost_and_its_name() -> None:
    days = [date(2026, 4, 11) + timedelta(days=at) for at in range(4)]
    (one,) = found([*usual(), *(fact(day, 900.0, "sweep", "gpu") for day in days)])
    assert (one.first, one.noticed, one.last) == (days[0], days[0], days[-1])
    assert one.extra == pytest.approx(3600, rel=0.05)
    assert one.drivers[0].name == "sweep"
    assert one.drivers[0].effect == "new"
    assert not one.running


def test_it_is_told_on_the_same_day_however_much_is_known_later() -> None:
    days = [date(2026, 4, 11) + timedelta(days=at) for at in range(4)]
    facts = [*usual(), *(fact(day, 900.0, "sweep", "gpu") for day in days)]
    (early,) = judge(facts, FIRST, days[0], BEGIN, Sensitivity())
    (late,) = found(facts)
    assert early.id == late.id
    assert early.running


def test_a_dearer_price_is_told_as_a_price() -> None:
    since = date(2026, 4, 8)
    dearer = changed(lambda one: one._replace(amount=one.amount * (1.3 if one.day >= since else 1)))
    steady = [one._replace(quantity=one.amount) for one in usual()]
    priced = [new._replace(quantity=old.quantity) for new, old in zip(dearer, steady, strict=True)]
    (one,) = found(priced)
    assert one.cause is Cause.PRICE
    assert one.effect == "price"
    assert one.first == since
    assert one.noticed <= since + timedelta(days=3)


def test_an_endpoint_that_was_left_on_is_told_within_two_weeks() -> None:
    since = date(2026, 4, 8)
    left_on = [fact(day, 20.0, "demo") for day in DAYS if day >= since]
    (one,) = found([*usual(), *left_on])
    assert one.noticed <= since + timedelta(days=14)
    assert one.drivers[0].name == "demo"
    assert one.running


def test_another_machine_in_the_place_of_one_is_nothing() -> None:
    since = date(2026, 4, 8)
    swapped = changed(
        lambda one: one._replace(item="new", single="new") if one.day >= since else one
    )
    assert found(swapped) == ()


def test_slow_growth_that_gets_out_of_hand_is_told() -> None:
    since = date(2026, 3, 25)
    creeping = changed(
        lambda one: one._replace(amount=one.amount * 1.03 ** max(0, (one.day - since).days))
    )
    first, *_ = found(creeping)  # and again, once it is twice as much
    assert BEGIN <= first.noticed <= date(2026, 4, 20)


def test_a_fee_on_the_first_of_each_month_is_none() -> None:
    fees = [fact(day, 3000.0, "seats", "licence") for day in DAYS if day.day == 1]
    assert found([*usual(), *fees]) == ()


def test_purchases_are_not_judged() -> None:
    once = fact(date(2026, 4, 14), 50_000.0, "plan")._replace(once=True)
    assert found([*usual(), once]) == ()


def test_what_is_below_the_least_amount_is_not_told() -> None:
    extra = [*usual(), fact(date(2026, 4, 15), 300.0, "sweep", "gpu")]
    assert len(found(extra)) == 1
    assert found(extra, Sensitivity(least=500)) == ()


def test_the_first_weeks_of_a_source_are_not_new_cost() -> None:
    since = date(2026, 3, 28)
    other = [one._replace(service="API", source="api") for one in usual("key") if one.day >= since]
    assert found([*usual(), *other]) == ()


def test_the_order_of_rows_does_not_matter() -> None:
    facts = [*usual(), fact(date(2026, 4, 15), 900.0, "sweep", "gpu")]
    mixed = facts.copy()
    random.Random(5).shuffle(mixed)
    assert found(mixed) == found(facts)


def test_a_team_that_costs_nothing_changes_nothing() -> None:
    facts = [*usual(), fact(date(2026, 4, 15), 900.0, "sweep", "gpu")]
    idle = [one._replace(owner="idle", amount=0.0) for one in usual()]
    assert found([*facts, *idle]) == found(facts)


@pytest.mark.parametrize("k", [0.5, 3.0, 1000.0])
def test_costs_times_k_are_the_same_anomalies_times_k(k: float) -> None:
    facts = [*usual(), fact(date(2026, 4, 15), 900.0, "sweep", "gpu")]
    (plain,) = found(facts)
    scaled = [one._replace(amount=k * one.amount) for one in facts]
    (other,) = found(scaled, Sensitivity(least=100 * k))
    assert other.extra == pytest.approx(k * plain.extra)
    assert (other.id, other.noticed) == (plain.id, plain.noticed)
