"""Standard rates and their variances, against figures worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.amounts import Amounts
from apportion.domain.result import Attributed
from apportion.errors import ConfigurationError
from apportion.model.dated import Dated, Validity
from apportion.model.pools import Method, Split, WhenMissing
from apportion.model.terms.money import Rates
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.standard_rate import RateBudget, StandardRate
from companies import HERE, OCTOBER, charge, model, monthly, pool, team
from rate_splits import by, carried, codes, notes, split, variance

TEAMS = [team("a"), team("b")]
HOURS = {"a": "600", "b": "300"}


def rated(rate: str, budget: RateBudget | None = None, currency: str = "USD") -> StandardRate:
    return StandardRate("h", (Dated(Fraction(rate)),), currency, budget)


def budget(fixed: str, quantity: str, variable: str = "0") -> RateBudget:
    return RateBudget(PerPeriod(Fraction(fixed)), Fraction(quantity), Fraction(variable))


def allocated(
    terms: StandardRate,
    *charges: Attributed,
    hours: dict[str, str] = HOURS,
    basis: str = "EffectiveCost",
    **how: object,
) -> Allocation:
    rules = model(TEAMS, [by(Method.STANDARD_RATE, terms, **how)], [monthly("h", hours)])
    return allocate(charges, rules, OCTOBER, basis=basis)


def test_the_charge_is_rate_times_use_and_the_pool_keeps_the_variance() -> None:
    # 600 h and 300 h at 5.00 are 4,500.00 of a cost of 5,000.00: 500.00 are under-recovered.
    made = allocated(rated("5"), charge("pool:p", "5000"))
    assert carried(made) == {"a": 3000, "b": 1500}
    assert variance(made) == 500
    assert notes(made) == "variance 500.00 USD"


def test_over_recovery_is_a_variance_below_zero() -> None:
    made = allocated(rated("6"), charge("pool:p", "5000"))
    assert carried(made) == {"a": 3600, "b": 1800}
    assert variance(made) == -400
    assert "variance -400.00 USD" in notes(made)


def test_variances_of_parts_of_a_month_have_their_dates() -> None:
    middle = date(2026, 10, 16)
    rate = split(Method.STANDARD_RATE, rated("5"))
    halves = Dated(rate, Validity(None, middle)), Dated(rate, Validity(middle, None))
    rules = model(TEAMS, [pool("p", *halves)], [monthly("h", HOURS)])
    told = notes(allocate([charge("pool:p", "5000")], rules, OCTOBER))
    assert "variance from 2026-10-01 until 2026-10-16" in told
    assert "variance from 2026-10-16 until 2026-11-01" in told


def test_the_variance_in_two_parts() -> None:
    # Budget: 3,000.00 fixed + 2.00 an hour at 1,000 h, so 5.00 an hour. Actual: 900 h, 5,000.00.
    # Flexible budget 3,000 + 2 × 900 = 4,800; charged 4,500. Rate variance 5,000 - 4,800 = 200,
    # volume variance 4,800 - 4,500 = 300 = 3,000 × (1 - 900 ÷ 1,000).
    terms = rated("5", budget("3000", "1000", "2"))
    made = allocated(terms, charge("pool:p", "5000"))
    assert carried(made) == {"a": 3000, "b": 1500}
    assert variance(made) == 500
    assert notes(made) == "volume variance 300.00 USD; rate variance 200.00 USD"


def test_volume_above_the_budget_is_favourable() -> None:
    terms = rated("5", budget("3000", "600", "0"))
    made = allocated(terms, charge("pool:p", "2900"))
    assert carried(made) == {"a": 3000, "b": 1500}
    assert notes(made) == "volume variance -1,500.00 USD; rate variance -100.00 USD"
    assert variance(made) == -1600


def test_a_rate_that_changes_in_mid_month_takes_each_days_use() -> None:
    # 310 h spread over 31 days are 10 a day: 15 days at 4.00, 16 at 5.00 = 600 + 800.
    rates: Rates = (
        Dated(Fraction(4), Validity(None, date(2026, 10, 16))),
        Dated(Fraction(5), Validity(date(2026, 10, 16), None)),
    )
    terms = StandardRate("h", rates, "USD")
    made = allocated(terms, charge("pool:p", "2000"), hours={"a": "310", "b": "0"})
    assert carried(made) == {"a": 1400}
    assert variance(made) == 600
    (share,) = (share for share in made.shares if share.receiver.name == "a")
    (use,) = share.uses
    assert use.quantity / use.total * use.weight == share.fraction


def test_a_split_that_changes_to_a_rate_charges_the_use_of_its_days() -> None:
    # Even for 15 days (15 ÷ 31 of 3,100 = 1,500), then 5.00 an hour for 16 days at 10 h a day.
    even = Dated(Split(Method.EVEN, HERE), Validity(None, date(2026, 10, 16)))
    then = Dated(split(Method.STANDARD_RATE, rated("5")), Validity(date(2026, 10, 16), None))
    rules = model(TEAMS, [pool("p", even, then)], [monthly("h", {"a": "310", "b": "0"})])
    made = allocate([charge("pool:p", "3100")], rules, OCTOBER)
    assert carried(made) == {"a": 750 + 800, "b": 750}
    assert variance(made) == 1600 - 800


def test_other_cost_bases_get_the_same_fractions() -> None:
    part = charge("pool:p", "5000")
    half = Attributed(**{**vars(part), "amounts": Amounts(*map(Fraction, (2500, 5000, 0, 1)))})
    made = allocated(rated("5"), half)
    found = {line.owner.name: line.amounts for line in made.lines}
    assert found["a"] == Amounts(Fraction(1500), Fraction(3000), Fraction(0), Fraction(3, 5))
    billed = allocated(rated("5"), half, basis="BilledCost")
    assert {line.owner.name: line.amounts.BilledCost for line in billed.lines} == {
        "a": 3000,
        "b": 1500,
        "p": -2000,
    }


def test_a_pool_of_refunds_still_charges_by_the_rate() -> None:
    made = allocated(rated("5"), charge("pool:p", "-100"))
    assert carried(made) == {"a": 3000, "b": 1500}
    assert variance(made) == -4600


def test_no_use_leaves_all_of_the_cost_as_variance() -> None:
    made = allocated(rated("5"), charge("pool:p", "100"), hours={"a": "0", "b": "0"})
    assert carried(made) == {}
    assert variance(made) == 100


def test_without_any_cost_nothing_is_charged_and_that_is_said() -> None:
    assert codes(allocated(rated("5"))) == {"rate-without-cost"}
    # Nothing on effective cost, but something was billed.
    part = charge("pool:p", "0")
    billed = Attributed(**{**vars(part), "amounts": Amounts(BilledCost=Fraction(70))})
    made = allocated(rated("5"), billed)
    assert codes(made) == {"rate-without-cost"}
    assert [line.amounts.BilledCost for line in made.lines] == [70]


def test_cost_that_other_pools_charge_is_part_of_the_variance() -> None:
    to_p = pool("q", Split(Method.FIXED, HERE, percentages=(("p", Fraction(100)),)))
    rules = model(TEAMS, [by(Method.STANDARD_RATE, rated("5")), to_p], [monthly("h", HOURS)])
    made = allocate([charge("pool:p", "4000"), charge("pool:q", "1000")], rules, OCTOBER)
    assert carried(made) == {"a": 3000, "b": 1500}
    assert variance(made) == 500


@pytest.mark.parametrize(
    ("terms", "hours", "reason"),
    [
        (rated("5", currency="EUR"), HOURS, "its rates are in EUR, and it has cost in USD"),
        (rated("5"), {}, "driver h has no quantities"),
        (rated("5"), {"a": "-1"}, "h is negative for a"),
        (
            StandardRate("h", (Dated(Fraction(1), Validity(date(2026, 10, 2), None)),), "USD"),
            HOURS,
            "no rate holds on all days",
        ),
    ],
)
def test_what_cannot_be_priced_goes_by_the_policy_on_what_is_missing(
    terms: StandardRate, hours: dict[str, str], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        allocated(terms, charge("pool:p", "9"), hours=hours)
    kept = allocated(terms, charge("pool:p", "9"), hours=hours, when_missing=WhenMissing.KEEP)
    assert reason in notes(kept)
