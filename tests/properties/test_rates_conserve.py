"""What holds for rates and capacity, whatever is used, reserved and spent."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from apportion.allocate import Allocation, allocate
from apportion.domain.amounts import Amounts
from apportion.domain.commitments import UNUSED, CommitmentUse, Committed
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import LineKind
from apportion.model.dated import Dated
from apportion.model.pools import Driver, Method, Pool, WhenMissing
from apportion.model.terms.activity import Activity, ActivityBased
from apportion.model.terms.commitment import Commitment, ShareBy
from apportion.model.terms.dual_rate import DualRate, FixedPart
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.practical_capacity import PracticalCapacity
from apportion.model.terms.standard_rate import RateBudget, StandardRate
from apportion.model.terms.time_driven import Event, TimeDriven
from companies import OCTOBER, charge, model, monthly, same, team
from rate_splits import by

NAMES = ("ann", "bob", "cyd", "dee")
HOURS = st.integers(0, 60)
BY_TEAM = st.fixed_dictionaries(dict.fromkeys(NAMES[:3], HOURS))
MONEY = st.integers(0, 9999).map(lambda cents: Fraction(cents, 100))
COSTS = st.decimals(min_value=-(10**6), max_value=10**6, places=2, allow_nan=False).map(Fraction)
Quantities = dict[str, int]


def driver(name: str, quantities: Quantities) -> Driver:
    return monthly(name, {who: str(quantity) for who, quantity in quantities.items()})


def plans_of(charges: list[Committed]) -> CommitmentUse:
    covered = {"one": {"ann": same("3"), "bob": same("1")}, "two": {"cyd": same("2")}}
    return CommitmentUse(
        {("p", "USD"): tuple(charges)}, {(plan, "USD"): own for plan, own in covered.items()}
    )


def made_of(pool: Pool, cost: Fraction, **drivers: Quantities) -> Allocation:
    rules = model(
        [team(name) for name in NAMES],
        [pool],
        [driver(name, quantities) for name, quantities in drivers.items()],
    )
    return allocate([charge("pool:p", cost)], rules, OCTOBER)


def parts(made: Allocation) -> dict[tuple[str, LineKind], Fraction]:
    return {(share.receiver.name, share.kind): share.fraction for share in made.shares}


@st.composite
def limits(draw: st.DrawFn) -> Capacity:
    to = draw(st.sampled_from(IdleTo))
    stated = draw(st.none() | st.integers(1, 150).map(Fraction))
    reserved = "res" if to is IdleTo.RESERVER or stated is None else ""
    return Capacity(
        None if stated is None else PerPeriod(stated),
        reserved,
        Idle(to, "quota" if to is IdleTo.QUOTA else ""),
    )


@st.composite
def capacities(draw: st.DrawFn) -> Pool:
    return by(
        Method.PRACTICAL_CAPACITY,
        PracticalCapacity("h", draw(limits())),
        when_missing=WhenMissing.KEEP,
        excluding=draw(st.sampled_from([(), ("bob",)])),
    )


@settings(deadline=None)
@given(capacities(), COSTS, BY_TEAM, BY_TEAM, BY_TEAM)
def test_use_and_idle_are_the_whole_cost_and_nothing_is_negative(
    pool: Pool, cost: Fraction, h: Quantities, res: Quantities, quota: Quantities
) -> None:
    made = made_of(pool, cost, h=h, res=res, quota=quota)
    found = parts(made)
    assert not cost or sum(found.values()) == 1
    assert all(fraction > 0 for fraction in found.values())
    assert not any(name == "dee" for name, _ in found)
    assert sum(line.amounts.EffectiveCost for line in made.lines) == cost


@settings(deadline=None)
@given(capacities(), BY_TEAM, BY_TEAM, BY_TEAM, st.integers(2, 7))
def test_another_unit_changes_nothing(
    pool: Pool, h: Quantities, res: Quantities, quota: Quantities, times: int
) -> None:
    terms = pool.splits[0].value.terms
    assert isinstance(terms, PracticalCapacity)
    old = terms.capacity.practical
    capacity = Capacity(
        old and PerPeriod(old.figure * times), terms.capacity.reserved, terms.capacity.idle
    )
    again = by(
        Method.PRACTICAL_CAPACITY,
        PracticalCapacity("h", capacity),
        when_missing=WhenMissing.KEEP,
        excluding=pool.splits[0].value.excluding,
    )

    def more(quantities: Quantities) -> Quantities:
        return {who: quantity * times for who, quantity in quantities.items()}

    one = made_of(pool, Fraction(100), h=h, res=res, quota=quota)
    other = made_of(again, Fraction(100), h=more(h), res=more(res), quota=more(quota))
    assert parts(one) == parts(other)


@settings(deadline=None)
@given(capacities(), BY_TEAM, BY_TEAM, HOURS)
def test_teams_that_do_the_same_carry_the_same(
    pool: Pool, h: Quantities, res: Quantities, quota: int
) -> None:
    h |= {"ann": h["cyd"]}
    res |= {"ann": res["cyd"]}
    found = parts(made_of(pool, Fraction(100), h=h, res=res, quota=dict.fromkeys(h, quota)))
    for kind in LineKind:
        assert found.get(("ann", kind)) == found.get(("cyd", kind))


@st.composite
def rates(draw: st.DrawFn) -> StandardRate:
    budget = draw(
        st.none()
        | st.builds(RateBudget, MONEY.map(PerPeriod), st.integers(1, 99).map(Fraction), MONEY)
    )
    rate = budget.rate if budget else draw(MONEY)
    return StandardRate("h", (Dated(rate),), "USD", budget)


@settings(deadline=None)
@given(rates(), COSTS, BY_TEAM)
def test_a_rate_charges_exactly_rate_times_use_and_nothing_is_lost(
    terms: StandardRate, cost: Fraction, h: Quantities
) -> None:
    pool = by(Method.STANDARD_RATE, terms, when_missing=WhenMissing.KEEP)
    made = made_of(pool, cost, h=h)
    assert sum(line.amounts.EffectiveCost for line in made.lines) == cost
    rate = terms.rates[0].value
    for line in made.lines:
        if line.kind is LineKind.SHARED:
            assert line.amounts.EffectiveCost == rate * h[line.owner.name]
    if cost:
        charged = sum(
            line.amounts.EffectiveCost for line in made.lines if line.kind is LineKind.SHARED
        )
        assert charged == rate * sum(h.values())
        assert not any(name == "dee" for name, _ in parts(made))


@st.composite
def dual_rates(draw: st.DrawFn) -> DualRate:
    fixed = draw(
        st.builds(FixedPart, part=st.fractions(0, 1))
        | st.builds(FixedPart, amount=MONEY.map(PerPeriod))
        | st.just(FixedPart(services=("EC*",)))
        | st.none()
    )
    some = MONEY.map(lambda rate: (Dated(rate),))
    rate = some if fixed is None else st.just(()) | some
    return DualRate("h", "res", fixed, "USD", draw(rate), draw(rate))


@settings(deadline=None)
@given(dual_rates(), COSTS, BY_TEAM, BY_TEAM)
def test_both_parts_are_the_whole_cost_and_the_idle_team_carries_nothing(
    terms: DualRate, cost: Fraction, h: Quantities, res: Quantities
) -> None:
    pool = by(Method.DUAL_RATE, terms, when_missing=WhenMissing.KEEP)
    made = made_of(pool, cost, h=h, res=res)
    found = parts(made)
    assert not cost or sum(found.values()) == 1
    assert sum(line.amounts.EffectiveCost for line in made.lines) == cost
    assert not any(name == "dee" for name, _ in found)


@settings(deadline=None)
@given(st.fractions(0, 1), BY_TEAM, BY_TEAM, HOURS)
def test_others_use_never_changes_a_teams_fixed_part(
    fixed: Fraction, h: Quantities, res: Quantities, other: int
) -> None:
    """With all of the variable cost taken by bob, ann pays for its commitment alone."""
    res |= {"ann": res["ann"] + 1}
    found = [
        parts(
            made_of(
                by(Method.DUAL_RATE, DualRate("h", "res", FixedPart(part=fixed), "USD")),
                Fraction(100),
                h={"bob": hours + 1},
                res=res,
            )
        )
        for hours in (h["bob"], other)
    ]
    expected = fixed * res["ann"] / sum(res.values())
    assert all(one.get(("ann", LineKind.SHARED), 0) == expected for one in found)


@st.composite
def by_cause(draw: st.DrawFn) -> Pool:
    """Activities, or a time equation."""
    first = draw(st.fractions(0, 1))
    limit = draw(st.none() | limits())
    activities = ActivityBased(
        (Activity("one", "h", first, capacity=limit), Activity("rest", "res"))
    )
    events = (Event("h", draw(MONEY) + 1), Event("res", draw(MONEY) + 1))
    if draw(st.booleans()):
        return by(Method.ACTIVITY, activities, when_missing=WhenMissing.KEEP)
    timed = TimeDriven(events, draw(limits()))
    return by(Method.TIME_DRIVEN, timed, when_missing=WhenMissing.KEEP)


@settings(deadline=None)
@given(by_cause(), COSTS, BY_TEAM, BY_TEAM, BY_TEAM)
def test_activities_and_time_are_the_whole_cost_and_nothing_is_negative(
    pool: Pool, cost: Fraction, h: Quantities, res: Quantities, quota: Quantities
) -> None:
    made = made_of(pool, cost, h=h, res=res, quota=quota)
    found = parts(made)
    assert not cost or sum(found.values()) == 1
    assert all(fraction > 0 for fraction in found.values())
    assert not any(name == "dee" for name, _ in found)
    for share in made.shares:
        if share.uses and share.kind is LineKind.SHARED:
            rests_on = sum(use.quantity / use.total * use.weight for use in share.uses)
            assert rests_on == share.fraction


COMMITTED = st.builds(
    Committed,
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(["", UNUSED]),
    st.sampled_from(NAMES[:3]).map(lambda name: Owner(OwnerKind.TEAM, name)),
    st.builds(Amounts, MONEY, MONEY),
)


@settings(deadline=None)
@given(st.lists(COMMITTED, max_size=8), st.sampled_from([ShareBy.BOUGHT, ShareBy.USED]))
def test_commitments_are_shared_whole_and_what_was_unused_is_told(
    charges: list[Committed], share_by: ShareBy
) -> None:
    pool = by(Method.COMMITMENT, Commitment(share_by), when_missing=WhenMissing.KEEP)
    bill = [replace(charge("pool:p", "0"), amounts=one.amounts) for one in charges]
    rules = model([team(name) for name in NAMES], [pool])
    made = allocate(bill, rules, OCTOBER, commitments=plans_of(charges))
    found = parts(made)
    total = sum(one.amounts.EffectiveCost for one in charges)
    assert not found or sum(found.values()) == 1
    assert all(fraction > 0 for fraction in found.values())
    assert not any(name == "dee" for name, _ in found)
    assert sum(line.amounts.EffectiveCost for line in made.lines) == total
    if total and share_by is ShareBy.BOUGHT:
        idle = sum(line.amounts.EffectiveCost for line in made.lines if line.kind is LineKind.IDLE)
        assert idle == sum(one.amounts.EffectiveCost for one in charges if one.status)
