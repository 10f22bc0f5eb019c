"""Each method of splitting, against figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Attributed, LineKind
from apportion.errors import ConfigurationError
from apportion.model.dated import Dated, Validity
from apportion.model.pools import Method, Split, WhenMissing
from companies import HERE, OCTOBER, charge, daily, model, monthly, pool, same, team

THIRDS = [team("a"), team("b"), team("c")]


def split(method: Method, **how: object) -> Split:
    return Split(method, HERE, **how)  # type: ignore[arg-type]


def shared(made: Allocation, name: str = "p") -> dict[str, Fraction]:
    """What each team carries of a pool, on effective cost."""
    return {
        line.owner.name: line.amounts.EffectiveCost
        for line in made.lines
        if line.kind is LineKind.SHARED and line.pool == name
    }


def kept(made: Allocation) -> Fraction:
    lines = [line for line in made.lines if line.owner.kind is OwnerKind.POOL]
    return sum((line.amounts.EffectiveCost for line in lines), Fraction(0))


def test_even_gives_each_team_an_exact_third() -> None:
    made = allocate(
        [charge("pool:p", "100")], model(THIRDS, [pool("p", split(Method.EVEN))]), OCTOBER
    )
    assert shared(made) == dict.fromkeys("abc", Fraction(100, 3))


def test_even_counts_a_team_by_the_days_on_which_it_exists() -> None:
    # October has 31 days; c starts on the 17th and so exists on 15 of them: 31 : 31 : 15.
    teams = [team("a"), team("b"), team("c", valid=Validity(date(2026, 10, 17), None))]
    made = allocate(
        [charge("pool:p", "77")], model(teams, [pool("p", split(Method.EVEN))]), OCTOBER
    )
    assert shared(made) == {"a": 31, "b": 31, "c": 15}


def test_among_and_excluding_choose_the_receivers() -> None:
    how = split(Method.EVEN, among=("a", "b"), excluding=("b",))
    made = allocate([charge("pool:p", "9")], model(THIRDS, [pool("p", how)]), OCTOBER)
    assert shared(made) == {"a": 9}


def test_fixed_percentages() -> None:
    percentages = (("a", Fraction(50)), ("b", Fraction("33.3")), ("c", Fraction("16.7")))
    how = split(Method.FIXED, percentages=percentages)
    made = allocate([charge("pool:p", "1000")], model(THIRDS, [pool("p", how)]), OCTOBER)
    assert shared(made) == {"a": 500, "b": 333, "c": 167}


def test_the_percentage_of_a_team_that_is_gone_is_not_spread_over_the_others() -> None:
    gone = team("c", valid=Validity(None, date(2026, 9, 1)))
    percentages = (("a", Fraction(50)), ("b", Fraction(30)), ("c", Fraction(20)))
    how = split(Method.FIXED, percentages=percentages, when_missing=WhenMissing.KEEP)
    made = allocate(
        [charge("pool:p", "1000")], model([team("a"), team("b"), gone], [pool("p", how)]), OCTOBER
    )
    assert shared(made) == {"a": 500, "b": 300}
    assert kept(made) == 200
    assert made.findings[0].code == "pool-kept"


def test_platform_tax_of_a_team_with_more_credits_than_cost_is_no_guess() -> None:
    # a 300, b 100, c -50: c would get money for sharing, and weighs nothing by nobody's decision.
    charges = [charge("a", "300"), charge("b", "100"), charge("c", "-50"), charge("pool:p", "80")]
    how = split(Method.DIRECT_COST)
    with pytest.raises(ConfigurationError, match="direct EffectiveCost is negative for c") as found:
        allocate(charges, model(THIRDS, [pool("p", how)]), OCTOBER)
    assert "exclude" in found.value.hint
    keeps = replace(how, when_missing=WhenMissing.KEEP)
    assert kept(allocate(charges, model(THIRDS, [pool("p", keeps)]), OCTOBER)) == 80
    # Without c it is 3 : 1.
    without = replace(how, excluding=("c",))
    made = allocate(charges, model(THIRDS, [pool("p", without)]), OCTOBER)
    assert shared(made) == {"a": 60, "b": 20}


def test_platform_tax_ignores_shares_of_other_pools_and_other_currencies() -> None:
    charges = [
        charge("a", "100"),
        charge("b", "100"),
        charge("b", "900", currency="EUR"),
        charge("pool:q", "500"),
        charge("pool:p", "80"),
    ]
    only_b = split(Method.EVEN, among=("b",))
    pools = [pool("q", only_b), pool("p", split(Method.DIRECT_COST))]
    made = allocate(charges, model(THIRDS, pools), OCTOBER)
    assert shared(made) == {"a": 40, "b": 40}


def test_head_count_that_changes_in_mid_month_counts_by_days() -> None:
    # a: 10 people for 15 days, then 20 for 16 days = 470 people-days; b: 10 for 31 = 310.
    growing = team("a")
    dated = (
        Dated(10, Validity(None, date(2026, 10, 16))),
        Dated(20, Validity(date(2026, 10, 16), None)),
    )
    growing = type(growing)(**{**vars(growing), "head_count": dated})
    made = allocate(
        [charge("pool:p", "780")],
        model([growing, team("b", 10)], [pool("p", split(Method.HEAD_COUNT))]),
        OCTOBER,
    )
    assert shared(made) == {"a": 470, "b": 310}


def test_an_unstated_head_count_is_no_zero() -> None:
    teams = [team("a", 5), team("b")]
    with pytest.raises(ConfigurationError, match="no head count is stated for b"):
        allocate(
            [charge("pool:p", "1")], model(teams, [pool("p", split(Method.HEAD_COUNT))]), OCTOBER
        )


def test_driver_quantities_split_in_proportion() -> None:
    how = split(Method.DRIVER, drivers=(("gb", Fraction(1)),))
    gb = monthly("gb", {"a": "1", "b": "2.5"})
    made = allocate([charge("pool:p", "70")], model(THIRDS, [pool("p", how)], [gb]), OCTOBER)
    assert shared(made) == {"a": 20, "b": 50}


def test_daily_rows_of_other_months_do_not_count() -> None:
    how = split(Method.DRIVER, drivers=(("gb", Fraction(1)),))
    rows = [("a", date(2026, 10, 1), "1"), ("b", date(2026, 10, 31), "3")]
    rows += [("c", date(2026, 9, 30), "90"), ("c", date(2026, 11, 1), "90")]
    made = allocate(
        [charge("pool:p", "4")], model(THIRDS, [pool("p", how)], [daily("gb", rows)]), OCTOBER
    )
    assert shared(made) == {"a": 1, "b": 3}


def test_feature_store_by_three_weighted_drivers() -> None:
    # 50,000: 40 % storage (1:1:2), 40 % compute (1:0:1), 20 % requests (3:1:0).
    weights = (("gb", Fraction(2, 5)), ("h", Fraction(2, 5)), ("req", Fraction(1, 5)))
    how = split(Method.WEIGHTED, drivers=weights)
    drivers = [
        monthly("gb", {"a": "1", "b": "1", "c": "2"}),
        monthly("h", {"a": "1", "c": "1"}),
        monthly("req", {"a": "3", "b": "1"}),
    ]
    made = allocate([charge("pool:p", "50000")], model(THIRDS, [pool("p", how)], drivers), OCTOBER)
    assert shared(made) == {
        "a": 5000 + 10000 + 7500,
        "b": 5000 + 0 + 2500,
        "c": 10000 + 10000 + 0,
    }


def test_a_dated_split_weighs_by_its_days() -> None:
    # Even until the 11th (10 days), all to a afterwards (21 days); 31 a day.
    even_first = Dated(split(Method.EVEN, among=("a", "b")), Validity(None, date(2026, 10, 11)))
    then_a = Dated(split(Method.EVEN, among=("a",)), Validity(date(2026, 10, 11), None))
    made = allocate(
        [charge("pool:p", "31")], model(THIRDS, [pool("p", even_first, then_a)]), OCTOBER
    )
    assert shared(made) == {"a": 26, "b": 5}


@pytest.mark.parametrize(
    ("quantities", "reason"),
    [
        ({}, "has no quantities in the period"),
        ({"a": "0", "b": "0"}, "is zero for every receiver"),
        ({"a": "5", "b": "-1"}, "is negative for b"),
    ],
)
class TestADriverThatCannotSplit:
    def allocated(self, quantities: dict[str, str], **policy: object) -> Allocation:
        how = split(Method.DRIVER, drivers=(("gb", Fraction(1)),), **policy)
        gb = monthly("gb", quantities)
        return allocate([charge("pool:p", "90")], model(THIRDS, [pool("p", how)], [gb]), OCTOBER)

    def test_is_an_error_that_says_why(self, quantities: dict[str, str], reason: str) -> None:
        with pytest.raises(ConfigurationError, match=reason):
            self.allocated(quantities)

    def test_stays_in_the_pool_if_the_model_says_keep(
        self, quantities: dict[str, str], reason: str
    ) -> None:
        made = self.allocated(quantities, when_missing=WhenMissing.KEEP)
        assert shared(made) == {}
        assert kept(made) == 90
        assert reason in made.findings[0].message

    def test_takes_the_fallback_that_the_model_names(
        self, quantities: dict[str, str], reason: str
    ) -> None:
        fallback = split(Method.EVEN)
        policy = {"when_missing": WhenMissing.FALLBACK, "fallback": fallback}
        assert shared(self.allocated(quantities, **policy)) == dict.fromkeys("abc", 30)


def test_one_missing_driver_of_several_keeps_only_its_own_part() -> None:
    weights = (("gb", Fraction(3, 4)), ("h", Fraction(1, 4)))
    how = split(Method.WEIGHTED, drivers=weights, when_missing=WhenMissing.KEEP)
    drivers = [monthly("gb", {"a": "1"}), monthly("h", {})]
    made = allocate([charge("pool:p", "100")], model(THIRDS, [pool("p", how)], drivers), OCTOBER)
    assert shared(made) == {"a": 75}
    assert kept(made) == 25


def test_a_refund_in_a_pool_is_shared_like_a_charge() -> None:
    made = allocate(
        [charge("pool:p", "-30")], model(THIRDS, [pool("p", split(Method.EVEN))]), OCTOBER
    )
    assert shared(made) == dict.fromkeys("abc", -10)


def test_a_pool_without_living_receivers_is_an_error() -> None:
    gone = [team("a", valid=Validity(None, date(2026, 1, 1)))]
    with pytest.raises(ConfigurationError, match="none of its receivers exists"):
        allocate([charge("pool:p", "1")], model(gone, [pool("p", split(Method.EVEN))]), OCTOBER)


def test_a_pool_without_cost_asks_nobody() -> None:
    how = split(Method.DRIVER, drivers=(("gb", Fraction(1)),))
    made = allocate(
        [charge("pool:p", "0")], model(THIRDS, [pool("p", how)], [monthly("gb", {})]), OCTOBER
    )
    assert made.lines == ()


def spending(owner: str, amount: str, currency: str, converted: str | None) -> Attributed:
    worth = None if converted is None else same(converted)
    return replace(charge(owner, amount, currency=currency), converted=worth)


BY_COST = pool("p", split(Method.DIRECT_COST, when_missing=WhenMissing.KEEP))


def test_direct_cost_weighs_all_currencies_where_they_are_converted() -> None:
    # a spends 100 USD = 80 EUR, b 20 EUR, c nothing; the pool's 50 EUR go 4 : 1.
    bill = [
        spending("a", "100", "USD", "80"),
        charge("b", "20", currency="EUR"),
        charge("pool:p", "50", currency="EUR"),
    ]
    assert shared(allocate(bill, model(THIRDS, [BY_COST]), OCTOBER, reporting="EUR")) == {
        "a": 40,
        "b": 10,
    }


def test_direct_cost_never_mixes_currencies_without_a_rate() -> None:
    bill = [
        spending("a", "100", "USD", None),
        charge("b", "20", currency="EUR"),
        charge("pool:p", "50", currency="EUR"),
    ]
    company = model(THIRDS, [BY_COST])
    made = allocate(bill, company, OCTOBER, reporting="EUR")
    assert kept(made) == 50
    assert "no rate converts direct cost in USD to EUR" in made.findings[0].message
    # Without rates at all, cost in the pool's own currency is weighed.
    assert shared(allocate(bill, company, OCTOBER)) == {"b": 50}


def test_direct_cost_in_the_pools_currency_alone_needs_no_rate() -> None:
    bill = [
        spending("a", "30", "JPY", None),
        spending("b", "10", "JPY", None),
        spending("pool:p", "8", "JPY", None),
    ]
    made = allocate(bill, model(THIRDS, [BY_COST]), OCTOBER, reporting="EUR")
    assert shared(made) == {"a": 6, "b": 2}


def test_a_pool_of_nothing_that_converts_to_something_is_shared() -> None:
    bill = [spending("pool:p", "0", "USD", "9")]
    made = allocate(bill, model(THIRDS, [pool("p", split(Method.EVEN))]), OCTOBER, reporting="EUR")
    assert [line.amounts.EffectiveCost for line in made.lines] == [0, 0, 0]


def test_a_team_without_a_row_carries_nothing_and_that_is_said() -> None:
    how = split(Method.DRIVER, drivers=(("gb", Fraction(1)),))
    gb = monthly("gb", {"a": "3", "b": "0"})
    made = allocate([charge("pool:p", "9")], model(THIRDS, [pool("p", how)], [gb]), OCTOBER)
    assert shared(made)["a"] == 9
    (told,) = (one for one in made.findings if one.code == "driver-without-team")
    assert "team c" in told.message
