"""Rates and idle capacity beside exemptions, limits and takeovers, against figures by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from apportion.allocate import Allocation, allocate
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption, Limit, Limits
from apportion.model.pools import Method, Pool, Terms
from apportion.model.terms.dual_rate import DualRate, FixedPart
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.practical_capacity import PracticalCapacity
from apportion.model.terms.standard_rate import StandardRate
from companies import HERE, OCTOBER, charge, model, monthly, team
from rate_splits import by, carried, idle, notes, variance

TEAMS = [team("a"), team("b"), team("c")]
HOURS = monthly("h", {"a": "60", "b": "30", "c": "0"})
RESERVED = monthly("res", {"a": "80", "b": "40"})
RATE = StandardRate("h", (Dated(Fraction(5)),), "USD")
CAPACITY = PracticalCapacity("h", Capacity(None, "res", Idle(IdleTo.RESERVER)))


def exempt(name: str, to: str = "") -> tuple[Exemption, ...]:
    always = Validity(None, date(2027, 1, 1))
    return (Exemption(name, HERE, "audit", always, to),)


def allocated(pool: Pool, cost: str) -> Allocation:
    rules = model(TEAMS, [pool], [HOURS, RESERVED])
    return allocate([charge("pool:p", cost)], rules, OCTOBER)


def standing(method: Method, terms: Terms, **how: object) -> Pool:
    return replace(by(method, terms), **how)  # type: ignore[arg-type]


def test_what_an_exempt_team_would_pay_by_a_rate_stays_with_the_pool() -> None:
    # 60 h and 30 h at 5.00; a is exempt: b still pays 150.00, not 450.00.
    pool = standing(Method.STANDARD_RATE, RATE, exempt=exempt("a"))
    made = allocated(pool, "500")
    assert carried(made) == {"b": 150}
    assert variance(made) == 350


def test_or_goes_to_the_team_that_is_named() -> None:
    pool = standing(Method.STANDARD_RATE, RATE, exempt=exempt("a", "c"))
    made = allocated(pool, "500")
    assert carried(made) == {"b": 150, "c": 300}
    assert variance(made) == 50


def test_all_that_use_it_are_exempt() -> None:
    both = (*exempt("a"), *exempt("b"))
    pool = standing(Method.STANDARD_RATE, RATE, exempt=both)
    made = allocated(pool, "500")
    assert carried(made) == {}
    assert variance(made) == 500


def test_idle_capacity_of_an_exempt_team_stays_with_the_pool() -> None:
    # 120 reserved: a uses 60 of 80, b 30 of 40. a's 60 h fall on b, its idle 20 h on nobody.
    pool = standing(Method.PRACTICAL_CAPACITY, CAPACITY, exempt=exempt("a"))
    made = allocated(pool, "120")
    assert carried(made) == {"b": 90}
    assert idle(made) == {"b": 10, "": 20}
    assert "a is exempt: audit" in notes(made)


def test_fixed_cost_of_an_exempt_team_falls_on_the_others() -> None:
    terms = DualRate("h", "res", FixedPart(amount=PerPeriod(Fraction(120))), "USD")
    made = allocated(standing(Method.DUAL_RATE, terms, exempt=exempt("a")), "210")
    assert carried(made) == {"b": 210}


def test_a_cap_holds_for_what_a_rate_charges() -> None:
    # 300.00 and 150.00 by the rate; a pays at most 200.00 and b carries the difference.
    cap = Limits(HERE, "USD", (("a", Limit(Fraction(200))),))
    pool = standing(Method.STANDARD_RATE, RATE, limits=(Dated(cap),))
    made = allocated(pool, "500")
    assert carried(made) == {"a": 200, "b": 250}
    assert variance(made) == 50
