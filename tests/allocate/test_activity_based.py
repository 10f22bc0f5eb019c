"""Activity-based and time-driven costing, against figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.result import Attributed
from apportion.errors import ConfigurationError
from apportion.model.pools import Driver, Method, Terms, WhenMissing
from apportion.model.terms.activity import Activity, ActivityBased
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.time_driven import Event, TimeDriven
from companies import OCTOBER, charge, model, monthly, team
from rate_splits import by, carried, codes, idle, notes

TEAMS = [team("a"), team("b"), team("c")]


def of_service(service: str, cost: str) -> Attributed:
    return replace(charge("pool:p", cost), service=service)


def allocated(
    method: Method, terms: Terms, bill: list[Attributed], *drivers: Driver, **how: object
) -> Allocation:
    return allocate(bill, model(TEAMS, [by(method, terms, **how)], drivers), OCTOBER)


def activities(*given: Activity) -> ActivityBased:
    return ActivityBased(given)


def limit(figure: str, to: IdleTo = IdleTo.CENTRAL, **named: str) -> Capacity:
    return Capacity(PerPeriod(Fraction(figure)), idle=Idle(to, **named))


TRAIN = monthly("train", {"a": "3", "b": "1"})
SERVE = monthly("serve", {"b": "1", "c": "1"})


def test_parts_of_a_pool_go_by_their_own_drivers() -> None:
    # 600 for training 3 : 1, 400 for serving 1 : 1.
    terms = activities(
        Activity("training", "train", Fraction(3, 5)), Activity("serving", "serve", Fraction(2, 5))
    )
    made = allocated(Method.ACTIVITY, terms, [charge("pool:p", "1000")], TRAIN, SERVE)
    assert carried(made) == {"a": 450, "b": 150 + 200, "c": 200}


def test_services_are_the_parts_and_one_activity_takes_the_rest() -> None:
    terms = activities(
        Activity("training", "train", services=("GPU *",)), Activity("all else", "serve")
    )
    bill = [
        of_service("GPU H100", "500"),
        of_service("GPU A100", "100"),
        of_service("Egress", "400"),
    ]
    made = allocated(Method.ACTIVITY, terms, bill, TRAIN, SERVE)
    assert carried(made) == {"a": 450, "b": 150 + 200, "c": 200}
    assert codes(made) <= {"driver-without-team"}


def test_a_service_of_no_activity_is_a_gap() -> None:
    terms = activities(
        Activity("training", "train", services=("GPU *",)),
        Activity("serving", "serve", services=("Gateway",)),
    )
    bill = [of_service("GPU H100", "600"), of_service("Egress", "400")]
    with pytest.raises(ConfigurationError, match="Egress in no activity"):
        allocated(Method.ACTIVITY, terms, bill, TRAIN, SERVE)
    kept = allocated(Method.ACTIVITY, terms, bill, TRAIN, SERVE, when_missing=WhenMissing.KEEP)
    assert carried(kept) == {"a": 450, "b": 150}
    assert "Egress in no activity" in notes(kept)
    assert "service-unmatched" in codes(kept)


def test_a_service_that_is_billed_in_another_currency_is_no_slip_of_the_pen() -> None:
    terms = activities(
        Activity("training", "train", services=("GPU *",)),
        Activity("serving", "serve", services=("Egress", "Nothing*")),
    )
    bill = [of_service("GPU H100", "600"), replace(of_service("Egress", "400"), currency="EUR")]
    made = allocated(Method.ACTIVITY, terms, bill, TRAIN, SERVE)
    told = [one.message for one in made.findings if one.code == "service-unmatched"]
    assert told == ["no service of pool p is called 'Nothing*'"]


def test_an_activity_with_a_capacity_tells_idle_apart() -> None:
    # Training can do 10 runs for 600.00 and did 4.
    terms = activities(
        Activity("training", "train", Fraction(3, 5), capacity=limit("10")),
        Activity("serving", "serve", Fraction(2, 5)),
    )
    made = allocated(Method.ACTIVITY, terms, [charge("pool:p", "1000")], TRAIN, SERVE)
    assert carried(made) == {"a": 180, "b": 60 + 200, "c": 200}
    assert idle(made) == {"": 360}


def test_a_missing_driver_leaves_its_own_activity_unanswered() -> None:
    terms = activities(
        Activity("training", "train", Fraction(3, 5)), Activity("serving", "serve", Fraction(2, 5))
    )
    made = allocated(
        Method.ACTIVITY,
        terms,
        [charge("pool:p", "1000")],
        TRAIN,
        monthly("serve", {}),
        when_missing=WhenMissing.KEEP,
    )
    assert carried(made) == {"a": 450, "b": 150}
    assert "driver serve has no quantities" in notes(made)


# Kaplan & Anderson, Time-Driven Activity-Based Costing (HBR, November 2004): 560,000 for 700,000
# minutes, 0.80 a minute. 49,000 orders of 8, 1,400 inquiries of 44, 2,500 credit checks of 50
# minutes: 578,600 minutes, 462,880; 121,400 minutes, 97,120 unused.
EVENTS = (
    Event("orders", Fraction(8)),
    Event("inquiries", Fraction(44)),
    Event("checks", Fraction(50)),
)
COUNTED = (
    monthly("orders", {"a": "40000", "b": "9000"}),
    monthly("inquiries", {"a": "1000", "b": "400"}),
    monthly("checks", {"a": "500", "b": "2000"}),
)


def test_the_customer_service_department_of_the_textbook() -> None:
    terms = TimeDriven(EVENTS, limit("700000"))
    made = allocated(Method.TIME_DRIVEN, terms, [charge("pool:p", "560000")], *COUNTED)
    assert carried(made) == {"a": 311_200, "b": 151_680}
    assert sum(carried(made).values()) == 462_880
    assert idle(made) == {"": 97_120}


def test_a_share_of_time_rests_on_each_kind_of_event() -> None:
    terms = TimeDriven(EVENTS, limit("700000"))
    made = allocated(Method.TIME_DRIVEN, terms, [charge("pool:p", "560000")], *COUNTED)
    (share,) = (share for share in made.shares if share.receiver.name == "a")
    assert [(use.driver, int(use.quantity)) for use in share.uses] == [
        ("orders", 320_000),
        ("inquiries", 44_000),
        ("checks", 25_000),
    ]
    assert sum(use.quantity / use.total * use.weight for use in share.uses) == share.fraction


def test_more_time_than_there_is() -> None:
    terms = TimeDriven(EVENTS, limit("500000"))
    made = allocated(Method.TIME_DRIVEN, terms, [charge("pool:p", "578600")], *COUNTED)
    assert carried(made) == {"a": 389_000, "b": 189_600}
    assert "use-above-capacity" in codes(made)


def test_time_by_quota_is_a_refund_too() -> None:
    quota = monthly("quota", {"a": "1", "c": "1"})
    terms = TimeDriven((Event("orders", Fraction(8)),), limit("10", IdleTo.QUOTA, quota="quota"))
    made = allocated(
        Method.TIME_DRIVEN, terms, [charge("pool:p", "-100")], monthly("orders", {"a": "1"}), quota
    )
    assert carried(made) == {"a": -80}
    assert idle(made) == {"a": -10, "c": -10}


@pytest.mark.parametrize(
    ("counted", "reason"),
    [({}, "driver orders has no quantities"), ({"a": "-1"}, "orders is negative for a")],
)
def test_events_that_cannot_be_counted(counted: dict[str, str], reason: str) -> None:
    terms = TimeDriven((Event("orders", Fraction(8)),), limit("10"))
    with pytest.raises(ConfigurationError, match=reason):
        allocated(Method.TIME_DRIVEN, terms, [charge("pool:p", "100")], monthly("orders", counted))
