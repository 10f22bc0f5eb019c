"""Commitments shared by who bought, who used, or everybody, against figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.amounts import Amounts
from apportion.domain.commitments import UNUSED, USED, CommitmentUse, Committed
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.result import LineKind
from apportion.errors import ConfigurationError
from apportion.model.dated import Validity
from apportion.model.digest import digest_of
from apportion.model.pools import Driver, Method, Pool, Split, WhenMissing
from apportion.model.rules import Condition
from apportion.model.terms.commitment import Commitment, ShareBy
from companies import HERE, OCTOBER, charge, model, monthly, pool, same, team
from rate_splits import by, carried, codes, idle, notes, split

TEAMS = [team("a"), team("b"), team("c")]
ELIGIBLE = Condition((("ServiceName", ("Compute",)),))
A, B = (Owner(OwnerKind.TEAM, name) for name in "ab")
BOUGHT, USING = Commitment(ShareBy.BOUGHT), Commitment(ShareBy.USED)
ON_DEMAND = Commitment(ShareBy.ON_DEMAND, eligible=ELIGIBLE)


def billed(amount: str) -> Amounts:
    return Amounts(BilledCost=Fraction(amount))


def effective(amount: str) -> Amounts:
    return Amounts(EffectiveCost=Fraction(amount))


def fee(owner: Owner, amount: str = "300", plan: str = "plan") -> Committed:
    return Committed(plan, "", owner, billed(amount))


def unused(owner: Owner, amount: str = "20", plan: str = "plan") -> Committed:
    return Committed(plan, UNUSED, owner, effective(amount))


def allocated(
    terms: Commitment,
    *charges: Committed,
    covered: dict[str, dict[str, str]] | None = None,
    eligible: dict[str, str] | None = None,
    drivers: tuple[Driver, ...] = (),
    others: tuple[Pool, ...] = (),
    **how: object,
) -> Allocation:
    rules = model(TEAMS, [by(Method.COMMITMENT, terms, **how), *others], drivers)
    bill = [
        replace(charge("pool:p", "0"), amounts=one.amounts, service=str(number))
        for number, one in enumerate(charges)
    ]
    use = CommitmentUse(
        {("p", "USD"): charges},
        {
            (plan, "USD"): {who: same(amount) for who, amount in by_name.items()}
            for plan, by_name in (covered or {}).items()
        },
        {(digest_of(ELIGIBLE), "USD"): {who: same(n) for who, n in (eligible or {}).items()}},
        {"p": (digest_of(ELIGIBLE),)},
    )
    return allocate(bill, rules, OCTOBER, commitments=use)


def test_who_bought_is_who_would_carry_the_fee() -> None:
    made = allocated(BOUGHT, fee(A), unused(B))
    assert carried(made) == {}
    assert idle(made) == {"a": 20}
    assert {line.owner.name: line.amounts.BilledCost for line in made.lines} == {"a": 300}
    assert notes(made) == "unused part of plan, by who bought it"


def test_without_a_fee_row_it_is_who_would_carry_the_rest() -> None:
    assert idle(allocated(BOUGHT, unused(B))) == {"b": 20}


def test_each_plan_goes_to_its_own_buyer() -> None:
    made = allocated(
        BOUGHT, fee(A, plan="x"), fee(B, plan="y"), unused(A, "20", "x"), unused(A, "5", "y")
    )
    assert idle(made) == {"a": 20, "b": 5}


def test_a_fee_that_nobody_owns_asks_for_percentages() -> None:
    charges = (fee(UNALLOCATED), unused(UNALLOCATED))
    with pytest.raises(ConfigurationError, match="fee of plan is zero for every receiver"):
        allocated(BOUGHT, *charges)
    stated = (("a", Fraction(75)), ("b", Fraction(25)))
    assert idle(allocated(BOUGHT, *charges, percentages=stated)) == {"a": 15, "b": 5}
    driver = replace(BOUGHT, driver="bought")
    bought = monthly("bought", {"b": "1", "c": "1"})
    assert idle(allocated(driver, *charges, drivers=(bought,))) == {"b": 10, "c": 10}


def test_the_percentage_of_a_team_that_is_gone_is_kept() -> None:
    stated = (("a", Fraction(75)), ("old", Fraction(25)))
    gone = team("old", valid=Validity(None, date(2026, 1, 1)))
    how = split(Method.COMMITMENT, BOUGHT, percentages=stated, when_missing=WhenMissing.KEEP)
    use = CommitmentUse({("p", "USD"): (unused(A),)})
    bill = [replace(charge("pool:p", "0"), amounts=effective("20"))]
    made = allocate(bill, model([*TEAMS, gone], [pool("p", how)]), OCTOBER, commitments=use)
    assert idle(made) == {"a": 15}
    assert carried(made, LineKind.KEPT) == {"": 5}


def test_who_used_by_the_effective_cost_of_what_is_covered() -> None:
    made = allocated(USING, fee(A), unused(A), covered={"plan": {"a": "150", "b": "50"}})
    assert idle(made) == {"a": 15, "b": 5}
    assert "idle-by-use" in codes(made)


def test_provisioned_throughput_by_a_driver_of_tokens() -> None:
    # PTU-hours carry no commitment status: all of it is a fee, by what meters say.
    terms = replace(USING, driver="tokens")
    tokens = monthly("tokens", {"a": "3", "c": "1"})
    made = allocated(terms, Committed("", "", A, effective("400")), drivers=(tokens,))
    assert carried(made) == {"a": 300, "c": 100}
    assert codes(made) <= {"driver-without-team"}


def test_a_plan_that_nobody_used_takes_the_fallback() -> None:
    with pytest.raises(ConfigurationError, match="covered usage of plan is zero"):
        allocated(USING, unused(A))
    even = Split(Method.EVEN, HERE)
    made = allocated(USING, unused(A, "30"), when_missing=WhenMissing.FALLBACK, fallback=even)
    assert carried(made) == {"a": 10, "b": 10, "c": 10}


def test_everybody_by_on_demand_equivalent() -> None:
    made = allocated(ON_DEMAND, fee(A), unused(A), eligible={"a": "200", "b": "100", "c": "100"})
    assert idle(made) == {"a": 10, "b": 5, "c": 5}


def test_covered_usage_in_the_pool_is_shared_and_only_the_unused_part_is_idle() -> None:
    used = Committed("plan", USED, A, effective("90"))
    made = allocated(ON_DEMAND, used, unused(A, "10"), eligible={"a": "2", "b": "1", "c": "1"})
    assert carried(made) == {"a": 45, "b": Fraction(45, 2), "c": Fraction(45, 2)}
    assert idle(made) == {"a": 5, "b": Fraction(5, 2), "c": Fraction(5, 2)}


def test_what_a_share_rests_on_adds_up_to_it_beside_the_unused_part() -> None:
    used = Committed("plan", USED, A, effective("90"))
    made = allocated(ON_DEMAND, used, unused(A, "10"), eligible={"a": "300", "b": "100"})
    for share in made.shares:
        resting = sum(use.quantity / use.total * use.weight for use in share.uses)
        assert resting == share.fraction, share


def test_usage_that_nobody_owns_is_left_out_and_said() -> None:
    made = allocated(USING, unused(A), covered={"plan": {"a": "60", "": "40"}})
    assert idle(made) == {"a": 20}
    (told,) = (one for one in made.findings if one.code == "usage-without-owner")
    assert "40.00 of 100.00 USD" in told.message


def test_a_pool_that_uses_a_plan_carries_its_part_in_its_own_cost() -> None:
    cluster = pool("cluster", Split(Method.EVEN, HERE, among=("c",)))
    covered = {"plan": {"a": "50", "cluster": "50"}}
    made = allocated(USING, unused(A), covered=covered, others=(cluster,))
    assert idle(made) == {"a": 10}
    assert carried(made, name="cluster") == {"c": 10}


def test_a_refund_of_a_plan() -> None:
    made = allocated(USING, unused(A, "-20"), covered={"plan": {"a": "150", "b": "50"}})
    assert idle(made) == {"a": -15, "b": -5}


def test_a_plan_that_is_used_to_the_full_has_billed_cost_only() -> None:
    made = allocated(USING, fee(A), covered={"plan": {"a": "100", "b": "200"}})
    assert {line.owner.name: line.amounts.BilledCost for line in made.lines} == {"a": 100, "b": 200}
    assert idle(made) == {}


def test_cost_from_other_pools_alone() -> None:
    to_p = pool("q", Split(Method.FIXED, HERE, percentages=(("p", Fraction(100)),)))
    rules = model(TEAMS, [by(Method.COMMITMENT, BOUGHT), to_p])
    with pytest.raises(ConfigurationError, match="no charges of commitments fell into it"):
        allocate([charge("pool:q", "9")], rules, OCTOBER)
