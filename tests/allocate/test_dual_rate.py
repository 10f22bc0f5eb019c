"""Dual rates, against figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.result import Attributed
from apportion.errors import ConfigurationError
from apportion.model.dated import Dated
from apportion.model.pools import Method, WhenMissing
from apportion.model.terms.dual_rate import DualRate, FixedPart
from apportion.model.terms.per_period import PerPeriod
from companies import OCTOBER, charge, model, monthly, team
from rate_splits import by, carried, codes, notes, variance

TEAMS = [team("laptop"), team("desktop")]
COMMITTED = {"laptop": "8000", "desktop": "4000"}
USED = {"laptop": "9000", "desktop": "3000"}
RATE = (Dated(Fraction(250)),)
VARIABLE = (Dated(Fraction(200)),)

# Sand Hill Corporation of Horngren's Cost Accounting, ch. 15: 3,000,000 fixed at 12,000 budgeted
# hours (250 an hour), 200 variable. Laptop 2,000,000 + 9,000 × 200, Desktop 1,000,000 +
# 3,000 × 200.
LAPTOP, DESKTOP = 3_800_000, 1_600_000


def dual(fixed: FixedPart | None, **rates: object) -> DualRate:
    return DualRate("h", "committed", fixed, "USD", **rates)  # type: ignore[arg-type]


def amount(text: str) -> FixedPart:
    return FixedPart(amount=PerPeriod(Fraction(text)))


def of_service(service: str, cost: str) -> Attributed:
    return replace(charge("pool:p", cost), service=service)


def allocated(
    terms: DualRate,
    *charges: Attributed,
    used: dict[str, str] = USED,
    committed: dict[str, str] = COMMITTED,
    **how: object,
) -> Allocation:
    drivers = [monthly("h", used), monthly("committed", committed)]
    rules = model(TEAMS, [by(Method.DUAL_RATE, terms, **how)], drivers)
    return allocate(charges, rules, OCTOBER)


@pytest.mark.parametrize(
    "fixed",
    [
        amount("3000000"),
        FixedPart(part=Fraction(5, 9)),
        FixedPart(services=("Leased *",)),
    ],
)
def test_the_textbook(fixed: FixedPart) -> None:
    bill = [of_service("Leased computers", "3000000"), of_service("Electricity", "2400000")]
    made = allocated(dual(fixed), *bill)
    assert carried(made) == {"laptop": LAPTOP, "desktop": DESKTOP}
    assert codes(made) == set()


def test_one_teams_use_never_changes_anothers_fixed_part() -> None:
    bill = [of_service("Leased computers", "3000000")]
    fixed = FixedPart(services=("Leased *",))
    made = allocated(dual(fixed), *bill, used={"laptop": "1", "desktop": "3000"})
    assert carried(made) == {"laptop": 2_000_000, "desktop": 1_000_000}


def test_both_budgeted_rates_leave_one_variance() -> None:
    made = allocated(
        dual(None, fixed_rate=RATE, variable_rate=VARIABLE), charge("pool:p", "5500000")
    )
    assert carried(made) == {"laptop": LAPTOP, "desktop": DESKTOP}
    assert variance(made) == 100_000
    assert notes(made) == "variance 100,000.00 USD"


def test_rates_beside_a_fixed_part_leave_a_variance_of_each_part() -> None:
    # Fixed 3,100,000 against 3,000,000 charged, variable 2,350,000 against 2,400,000.
    bill = [of_service("Leased", "3100000"), of_service("Electricity", "2350000")]
    fixed = FixedPart(services=("Leased",))
    made = allocated(dual(fixed, fixed_rate=RATE, variable_rate=VARIABLE), *bill)
    assert carried(made) == {"laptop": LAPTOP, "desktop": DESKTOP}
    assert variance(made) == 50_000
    assert notes(made) == (
        "variance of the fixed part 100,000.00 USD; variance of the variable part -50,000.00 USD"
    )


def test_a_fixed_rate_alone_splits_the_variable_part_by_use() -> None:
    # 2,400,000 of variable cost go 3 : 1; the fixed part is 100,000 dearer than its rate.
    made = allocated(dual(amount("3100000"), fixed_rate=RATE), charge("pool:p", "5500000"))
    assert carried(made) == {"laptop": LAPTOP, "desktop": DESKTOP}
    assert variance(made) == 100_000


def test_a_fixed_amount_above_the_cost_is_all_of_it_and_that_is_said() -> None:
    made = allocated(dual(amount("3000000")), charge("pool:p", "1200"))
    assert carried(made) == {"laptop": 800, "desktop": 400}
    assert codes(made) == {"fixed-above-cost"}


def test_a_refund_counts_as_fixed_where_an_amount_is_stated() -> None:
    made = allocated(dual(amount("3000000")), charge("pool:p", "-1200"))
    assert carried(made) == {"laptop": -800, "desktop": -400}
    # By percentages it is the mirror of a charge: half by 2 : 1, half by 3 : 1.
    mirrored = allocated(dual(FixedPart(part=Fraction(1, 2))), charge("pool:p", "-1200"))
    assert carried(mirrored) == {"laptop": -400 - 450, "desktop": -200 - 150}


def test_credits_of_another_service_than_what_is_fixed() -> None:
    # Fixed 1,200, a credit of 400 on the variable part: 800 - 300 and 400 - 100.
    bill = [of_service("Leased", "1200"), of_service("Electricity", "-400")]
    made = allocated(dual(FixedPart(services=("Leased",))), *bill)
    assert carried(made) == {"laptop": 500, "desktop": 300}


def test_a_pattern_that_no_service_meets_is_said() -> None:
    made = allocated(dual(FixedPart(services=("Rented *",))), of_service("Leased", "1200"))
    assert carried(made) == {"laptop": 900, "desktop": 300}
    assert codes(made) == {"service-unmatched"}


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (replace(dual(amount("1")), currency="EUR"), "its fixed amount is in EUR"),
        (replace(dual(None, fixed_rate=RATE, variable_rate=VARIABLE), currency="EUR"), "in EUR"),
    ],
)
def test_money_of_another_currency(terms: DualRate, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        allocated(terms, charge("pool:p", "9"))


@pytest.mark.parametrize(
    "terms",
    [dual(FixedPart(part=Fraction(1, 2))), dual(amount("4")), dual(amount("4"), fixed_rate=RATE)],
)
def test_missing_commitments_go_by_the_policy(terms: DualRate) -> None:
    bill = charge("pool:p", "10")
    with pytest.raises(ConfigurationError, match="driver committed has no quantities"):
        allocated(terms, bill, committed={})
    kept = allocated(terms, bill, committed={}, when_missing=WhenMissing.KEEP)
    assert "driver committed has no quantities" in notes(kept)


def test_services_of_a_pool_that_only_others_charge() -> None:
    fixed = FixedPart(services=("Leased",))
    bill = [of_service("Leased", "5"), of_service("Leased", "-5")]
    bill[0] = replace(bill[0], amounts=replace(bill[0].amounts, BilledCost=Fraction(7)))
    with pytest.raises(ConfigurationError, match="its own EffectiveCost is zero"):
        allocated(dual(fixed), *bill)
