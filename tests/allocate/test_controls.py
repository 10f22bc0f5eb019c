"""Exemptions, multipliers, tiers, takeovers, days and real weights: figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.owner import OwnerKind
from apportion.domain.period import Span
from apportion.domain.result import LineKind
from apportion.errors import ConfigurationError
from apportion.model.counting import CostStructure, Counting, Takeover, Tier
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.pools import Method, Pool, Split, WhenMissing
from apportion.model.project import Model
from apportion.model.terms.activity import Activity, ActivityBased
from apportion.model.terms.dual_rate import DualRate, FixedPart
from apportion.model.terms.idle import Capacity, Idle, IdleTo
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.practical_capacity import PracticalCapacity
from companies import HERE, OCTOBER, charge, daily, model, monthly, pool, same, team

TEAMS = [team("a"), team("b"), team("c")]
USE = monthly("h", {"a": "60", "b": "30", "c": "10"})
MIDDLE = date(2026, 10, 16)


def by(**how: object) -> Split:
    return Split(Method.DRIVER, HERE, drivers=(("h", Fraction(1)),), **how)  # type: ignore[arg-type]


def carried(found: Allocation) -> dict[str, Fraction]:
    return {line.owner.name: line.amounts.EffectiveCost for line in found.lines}


def carried_whole(found: Allocation) -> dict[str, Fraction]:
    """All that each carries, idle capacity included."""
    total: dict[str, Fraction] = {}
    for line in found.lines:
        who = line.owner.name
        total[who] = total.get(who, Fraction(0)) + line.amounts.EffectiveCost
    return total


def notes(found: Allocation) -> dict[str, str]:
    return {share.receiver.name: share.note for share in found.shares if share.note}


def made(one: Pool, cost: str = "1000", *more: object) -> Allocation:
    return allocate([charge("pool:p", cost)], model(TEAMS, [one], [USE]), OCTOBER)


def exempt(name: str, **how: object) -> Exemption:
    until = date(2027, 1, 1)
    return Exemption(name, HERE, "retention", **{"valid": Validity(None, until), **how})  # type: ignore[arg-type]


def test_the_others_carry_an_exempt_part_in_proportion() -> None:
    found = made(replace(pool("p", by()), exempt=(exempt("a"),)))
    assert carried(found) == {"b": 750, "c": 250}


def test_a_named_owner_carries_it_and_says_why() -> None:
    found = made(replace(pool("p", by()), exempt=(exempt("a", charge_to="c"),)))
    assert carried(found) == {"b": 300, "c": 700}
    assert notes(found) == {"c": "carries the part of a, which is exempt: retention"}


def test_half_a_month_of_exemption_counts_by_days() -> None:
    # 15 of 31 days exempt: b and c as without a, the rest as with it.
    one = exempt("a", valid=Validity(None, MIDDLE))
    found = made(replace(pool("p", by()), exempt=(one,)), "3100")
    assert carried(found) == {"a": 960, "b": 1125 + 480, "c": 375 + 160}


def test_a_team_that_is_exempt_for_some_days_is_told_why_it_carries_less() -> None:
    one = exempt("a", valid=Validity(None, MIDDLE), charge_to="c")
    found = made(replace(pool("p", by()), exempt=(one,)), "3100")
    (own,) = [share for share in found.shares if share.receiver.name == "a"]
    assert own.note == "exempt until 2026-10-16: retention; c carries its part"
    assert sum(use.quantity / use.total * use.weight for use in own.uses) == own.fraction
    others = made(replace(pool("p", by()), exempt=(replace(one, charge_to=""),)))
    assert notes(others)["a"] == "exempt until 2026-10-16: retention; the others carry its part"


def test_an_exemption_that_leaves_nobody_is_an_error() -> None:
    alone = replace(by(), among=("a",))
    with pytest.raises(ConfigurationError, match="leaves nobody to carry pool p"):
        made(replace(pool("p", alone), exempt=(exempt("a"),)))


def test_an_exemption_that_ran_out_is_told() -> None:
    one = exempt("a", valid=Validity(None, date(2026, 9, 1)))
    found = made(replace(pool("p", by()), exempt=(one,)))
    assert carried(found) == {"a": 600, "b": 300, "c": 100}
    assert [told.code for told in found.findings] == ["exemption-ended"]


def test_what_an_exemption_moves_is_told_in_money_and_on_the_shares() -> None:
    found = made(replace(pool("p", by()), exempt=(exempt("a"),)))
    (told,) = found.findings
    assert told.message == (
        "a is exempt from 600.00 USD of pool p, carried by all others, in proportion: "
        "retention (until 2027-01-01)"
    )
    assert notes(found) == dict.fromkeys("bc", "carries a part of what a is exempt from: retention")


def test_the_order_of_exemptions_changes_nothing() -> None:
    # c has its own 100 and b's 300, and carries a's 600 alone.
    for order in ((exempt("a"), exempt("b", charge_to="c")),
                  (exempt("b", charge_to="c"), exempt("a"))):  # fmt: skip
        assert carried(made(replace(pool("p", by()), exempt=order))) == {"c": 1000}


def test_a_carrier_that_does_not_exist_leaves_the_part_in_the_pool() -> None:
    gone = team("z", valid=Validity(None, date(2026, 9, 1)))
    one = replace(pool("p", by()), exempt=(exempt("a", charge_to="z"),))
    rules = model([*TEAMS, gone], [one], [USE])
    found = allocate([charge("pool:p", "1000")], rules, OCTOBER)
    assert carried(found) == {"b": 300, "c": 100, "p": 600}
    assert "pool-kept" in [told.code for told in found.findings]


def test_an_exempt_team_carries_no_idle_capacity_either() -> None:
    # 200 hours can be used and 100 are: 500 of 1,000 are idle. By use, a has 300 of each half.
    idle = PracticalCapacity("h", Capacity(PerPeriod(Fraction(200)), "", Idle(IdleTo.USE)))
    split = Split(Method.PRACTICAL_CAPACITY, HERE, terms=idle)
    found = made(replace(pool("p", split), exempt=(exempt("a"),)))
    kinds = {(line.owner.name, line.kind): line.amounts.EffectiveCost for line in found.lines}
    assert kinds == {
        ("b", LineKind.SHARED): 375,
        ("c", LineKind.SHARED): 125,
        ("b", LineKind.IDLE): 150,
        ("c", LineKind.IDLE): 50,
        ("p", LineKind.IDLE): 300,
    }
    owned = made(replace(pool("p", split), exempt=(exempt("a", charge_to="c"),)))
    assert carried_whole(owned) == {"b": 300, "c": 700}


def test_production_counts_double() -> None:
    units = [
        OrgUnit("x", UnitKind.PRODUCT, "x", HERE, stage=(Dated("production"),)),
        *(replace(one, parent=(Dated("x"),)) if one.name == "c" else one for one in TEAMS),
    ]
    counting = Counting(stages=(("production", Fraction(2)),))
    rules = Model(
        Organisation({unit.name: unit for unit in units}),
        pools=(pool("p", by(counting=counting)),),
        drivers={"h": USE},
    )
    found = allocate([charge("pool:p", "1100")], rules, OCTOBER)
    assert carried(found) == {"a": 600, "b": 300, "c": 200}
    assert notes(found) == {"c": "10 units of h count as 20"}


def test_tiers_are_marginal_and_a_ceiling_comes_after() -> None:
    # a: 50 + 10 half = 55, b 30, c 10; then at most 40: 40, 30, 10.
    tiers = (Tier(Fraction(50), Fraction(1)), Tier(None, Fraction(1, 2)))
    plain = made(pool("p", by(counting=Counting(tiers))), "950")
    assert carried(plain) == {"a": 550, "b": 300, "c": 100}
    capped = made(pool("p", by(counting=Counting(tiers, Fraction(40)))), "800")
    assert carried(capped) == {"a": 400, "b": 300, "c": 100}


def test_a_takeover_moves_a_step_a_month() -> None:
    even = Split(Method.EVEN, HERE)
    for month, part in ((9, 0), (10, 1), (11, 2), (12, 3), (13, 4), (20, 4)):
        first = date(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 1)
        span = replace(OCTOBER, start=first, until=date.fromordinal(first.toordinal() + 28))
        use = monthly("h", {"a": "60", "b": "30", "c": "10"}, span)
        split = by(takeover=Takeover(4, date(2026, 10, 1)), previous=even)
        found = allocate([charge("pool:p", "1200")], model(TEAMS, [pool("p", split)], [use]), span)
        new = Fraction(part, 4)
        assert carried(found)["a"] == 720 * new + 400 * (1 - new)
        told = [one.message for one in found.findings if one.code == "split-grandfathered"]
        assert bool(told) == (0 < new < 1)


def test_the_previous_split_is_asked_only_while_it_decides() -> None:
    # Its driver has no quantities, which is an error as long as it decides anything.
    gone = monthly("old", {})
    before = Split(Method.DRIVER, HERE, drivers=(("old", Fraction(1)),))
    for first, sound in ((date(2026, 9, 1), False), (date(2026, 8, 1), True)):
        split = by(takeover=Takeover(3, first), previous=before)
        rules = model(TEAMS, [pool("p", split)], [USE, gone])
        if sound:
            found = allocate([charge("pool:p", "1000")], rules, OCTOBER)
            assert carried(found) == {"a": 600, "b": 300, "c": 100}
        else:
            with pytest.raises(ConfigurationError, match="driver old has no quantities"):
                allocate([charge("pool:p", "1000")], rules, OCTOBER)


def test_a_span_over_two_months_is_cut_between_them() -> None:
    # 16 days of October decide half by the new split, 15 of November all.
    span = Span(MIDDLE, date(2026, 11, 16))
    split = by(takeover=Takeover(2, date(2026, 10, 1)), previous=Split(Method.EVEN, HERE))
    use = monthly("h", {"a": "90", "b": "10"}, span)
    rules = model([team("a"), team("b")], [pool("p", split)], [use])
    found = allocate([charge("pool:p", "3100")], rules, span)
    assert carried(found)["a"] == 100 * (16 * (Fraction(9, 10) + Fraction(1, 2)) / 2
                                         + 15 * Fraction(9, 10))  # fmt: skip


def test_each_day_is_split_by_its_own_quantities() -> None:
    use = daily("h", [("a", date(2026, 10, 1), "1"), ("b", date(2026, 10, 2), "1"),
                      ("c", date(2026, 10, 2), "3")])  # fmt: skip
    days = {
        date(2026, 10, 1): same("100"),
        date(2026, 10, 2): same("400"),
        date(2026, 10, 3): same("-50"),
    }
    rules = model(TEAMS, [pool("p", by(by_day=True))], [use])
    found = allocate([charge("pool:p", "450")], rules, OCTOBER, by_day={("USD", "p"): days})
    assert carried(found) == {"a": 90, "b": 90, "c": 270}


def test_a_day_without_quantities_is_a_gap_of_that_day() -> None:
    use = daily("h", [("a", date(2026, 10, 1), "1")])
    days = {date(2026, 10, 1): same("100"), date(2026, 10, 2): same("300")}
    split = by(by_day=True, when_missing=WhenMissing.KEEP)
    rules = model(TEAMS, [pool("p", split)], [use])
    found = allocate([charge("pool:p", "400")], rules, OCTOBER, by_day={("USD", "p"): days})
    assert carried(found) == {"a": 100, "p": 300}
    assert "on 2026-10-02" in next(f for f in found.findings if f.code == "pool-kept").message
    with pytest.raises(ConfigurationError, match="no quantities on 2026-10-02"):
        allocate(
            [charge("pool:p", "400")],
            model(TEAMS, [pool("p", by(by_day=True))], [use]),
            OCTOBER,
            by_day={("USD", "p"): days},
        )


DAYS = daily("h", [("a", date(2026, 10, 1), "1"), ("b", date(2026, 10, 20), "3"),
                   ("c", date(2026, 10, 20), "1")])  # fmt: skip


def by_the_day(
    one: Pool, costs: dict[int, str], *, units: Organisation | None = None
) -> Allocation:
    """A pool split day by day, with its cost by day of October."""
    days = {date(2026, 10, day): same(cost) for day, cost in costs.items()}
    total = sum((Fraction(cost) for cost in costs.values()), Fraction(0))
    rules = model(TEAMS, [one], [DAYS])
    if units:
        rules = replace(rules, organisation=units)
    return allocate([charge("pool:p", total)], rules, OCTOBER, by_day={("USD", "p"): days})


def test_a_refund_goes_back_by_the_day_as_a_charge_came() -> None:
    cost = by_the_day(pool("p", by(by_day=True)), {1: "100", 20: "400"})
    refund = by_the_day(pool("p", by(by_day=True)), {1: "-100", 20: "-400"})
    assert carried(cost) == {"a": 100, "b": 300, "c": 100}
    assert carried(refund) == {"a": -100, "b": -300, "c": -100}


def test_what_is_printed_of_days_is_one_use_that_gives_the_part() -> None:
    found = by_the_day(pool("p", by(by_day=True)), {1: "100", 20: "400"})
    for share in found.shares:
        (use,) = share.uses
        assert use.weight * use.quantity / use.total == share.fraction
        assert use.total == 5
    assert notes(found)["b"] == "3 of 5 units of h; each day weighs by what it cost"


def test_half_a_month_of_exemption_by_the_day_counts_by_cost() -> None:
    # b is exempt from the 16th on: c carries all 400 of the 20th. The 1st stays as it was.
    one = exempt("b", valid=Validity(MIDDLE, date(2027, 1, 1)))
    found = by_the_day(replace(pool("p", by(by_day=True)), exempt=(one,)), {1: "100", 20: "400"})
    assert carried(found) == {"a": 100, "c": 400}


def test_a_stage_multiplies_the_days_on_which_it_holds() -> None:
    # c is in production from the 16th on, so on the 20th its hour counts as 3: 3 : 3.
    stage = (Dated("production", Validity(MIDDLE, None)),)
    units = [OrgUnit("x", UnitKind.PRODUCT, "x", HERE, stage=stage),
             *(replace(one, parent=(Dated("x"),)) for one in TEAMS if one.name == "c"),
             *(one for one in TEAMS if one.name != "c")]  # fmt: skip
    counting = Counting(stages=(("production", Fraction(3)),))
    found = by_the_day(
        pool("p", by(by_day=True, counting=counting)),
        {1: "100", 20: "400"},
        units=Organisation({unit.name: unit for unit in units}),
    )
    assert carried(found) == {"a": 100, "b": 200, "c": 200}


def test_a_day_of_zeros_and_one_below_zero_are_gaps_of_their_parts() -> None:
    use = daily("h", [("a", date(2026, 10, 1), "1"), ("a", date(2026, 10, 2), "0"),
                      ("a", date(2026, 10, 3), "-1")])  # fmt: skip
    days = {date(2026, 10, day): same("100") for day in (1, 2, 3)}
    split = by(by_day=True, when_missing=WhenMissing.KEEP)
    rules = model(TEAMS, [pool("p", split)], [use])
    found = allocate([charge("pool:p", "300")], rules, OCTOBER, by_day={("USD", "p"): days})
    assert carried(found) == {"a": 100, "p": 200}
    kept = " ".join(one.message for one in found.findings if one.code == "pool-kept")
    assert "zero for every receiver on 2026-10-02" in kept
    assert "negative for a receiver on 2026-10-03" in kept


def test_days_and_months_of_two_drivers_go_together() -> None:
    # 1 October: all by days to a, 2:1:1 by the month's seats. 20 October: b 3, c 1, and 2:1:1.
    seats = monthly("seats", {"a": "2", "b": "1", "c": "1"})
    split = Split(Method.WEIGHTED, HERE, drivers=(("h", Fraction(1, 2)), ("seats", Fraction(1, 2))),
                  by_day=True)  # fmt: skip
    days = {date(2026, 10, 1): same("100"), date(2026, 10, 20): same("400")}
    rules = model(TEAMS, [pool("p", split)], [DAYS, seats])
    found = allocate([charge("pool:p", "500")], rules, OCTOBER, by_day={("USD", "p"): days})
    assert carried(found) == {
        "a": 50 + 125,
        "b": 150 + Fraction(125, 2),
        "c": 50 + Fraction(125, 2),
    }


def structured(**how: object) -> Split:
    structure = CostStructure((("gb", ("*S3",)), ("h", ("Glue", "EC2*"))), **how)  # type: ignore[arg-type]
    stated = (("gb", Fraction(1, 2)), ("h", Fraction(1, 2)))
    return Split(Method.WEIGHTED, HERE, drivers=stated, structure=structure)


def store(split: Split) -> Allocation:
    bill = [
        replace(charge("pool:p", "300"), service="Amazon S3"),
        replace(charge("pool:p", "100"), service="glue"),
        replace(charge("pool:p", "80"), service="Support"),
    ]
    gb = monthly("gb", {"a": "1", "b": "1"})
    return allocate(bill, model(TEAMS, [pool("p", split)], [gb, USE]), OCTOBER)


def test_weights_of_the_pools_own_cost() -> None:
    # S3 300 : Glue 100, so storage weighs 3/4 and hours 1/4 of all 480.
    found = store(structured(decides=True))
    assert carried(found) == {"a": 180 + 72, "b": 180 + 36, "c": 12}


def test_stated_weights_that_drifted_are_told_and_stand() -> None:
    found = store(structured())
    assert carried(found) == {"a": 120 + 144, "b": 120 + 72, "c": 24}
    drifted = [one.message for one in found.findings if one.code == "weights-drifted"]
    assert len(drifted) == 2
    assert "the weight of gb is 50.00 %, what it stands for is 75.00 % of the cost" in drifted[0]
    assert not [f for f in store(structured(drift=Fraction(30))).findings if "drift" in f.code]


def test_weights_of_a_refund_are_those_of_a_charge() -> None:
    gb = monthly("gb", {"a": "1", "b": "1"})
    bill = [replace(charge("pool:p", "-300"), service="Amazon S3"),
            replace(charge("pool:p", "-100"), service="glue")]  # fmt: skip
    rules = model(TEAMS, [pool("p", structured(decides=True))], [gb, USE])
    found = allocate(bill, rules, OCTOBER)
    assert carried(found) == {"a": -150 - 60, "b": -150 - 30, "c": -10}


def test_services_below_zero_go_back_by_their_own_driver() -> None:
    # Storage 300 by 1 : 1, and a credit of 50 on hours by 6 : 3 : 1: a 150 - 30, b 150 - 15, c -5.
    gb = monthly("gb", {"a": "1", "b": "1"})
    bill = [replace(charge("pool:p", "300"), service="Amazon S3"),
            replace(charge("pool:p", "-50"), service="glue")]  # fmt: skip
    rules = model(TEAMS, [pool("p", structured(decides=True))], [gb, USE])
    assert carried(allocate(bill, rules, OCTOBER)) == {"a": 120, "b": 135, "c": -5}


def test_services_that_no_driver_stands_for_are_told() -> None:
    # 80 of 480 is Support: it follows the others, and nobody may miss it.
    found = store(structured(decides=True)).findings
    (told,) = [one.message for one in found if one.code == "service-without-driver"]
    assert "Support" in told
    assert "80.00 of 480.00 USD" in told
    assert not [one for one in store(structured()).findings if "without-driver" in one.code]


def netting(split: Split) -> Allocation:
    """Two components of 50 and -50: nothing together, and yet a part for each team."""
    bill = [replace(charge("pool:p", "50"), service="Amazon S3"),
            replace(charge("pool:p", "-50"), service="glue")]  # fmt: skip
    gb = monthly("gb", {"a": "1", "b": "1"})
    return allocate(bill, model(TEAMS, [pool("p", split)], [gb, USE]), OCTOBER)


PARTS = [
    structured(decides=True),
    Split(
        Method.ACTIVITY,
        HERE,
        terms=ActivityBased(
            (Activity("s", "gb", services=("*S3",)), Activity("g", "h", services=("glue",)))
        ),
    ),
    Split(Method.DUAL_RATE, HERE, terms=DualRate("gb", "h", FixedPart(("*S3",)), "USD")),
]


@pytest.mark.parametrize("split", PARTS)
def test_a_pool_that_nets_to_zero_is_not_passed_over_where_its_services_go_apart(
    split: Split,
) -> None:
    # a and b would carry +25 each and give back 30 and 15: no fraction of zero says so.
    with pytest.raises(ConfigurationError, match="nets to zero") as refused:
        netting(split)
    assert "a pool of each part" in refused.value.hint
    kept = netting(replace(split, when_missing=WhenMissing.KEEP))
    assert [one.code for one in kept.findings if "nets to zero" in one.message] == ["pool-kept"]
    assert not netting(by()).findings


def test_a_driver_whose_services_cost_nothing_needs_no_quantities() -> None:
    bill = [replace(charge("pool:p", "300"), service="glue")]
    rules = model(TEAMS, [pool("p", structured(decides=True))], [monthly("gb", {}), USE])
    assert carried(allocate(bill, rules, OCTOBER)) == {"a": 180, "b": 90, "c": 30}


def test_a_refund_goes_back_the_way_of_a_charge() -> None:
    one = replace(pool("p", by()), exempt=(exempt("a", charge_to="c"),))
    assert carried(made(one, "-1000")) == {"b": -300, "c": -700}
    kinds = {line.owner.kind for line in made(one, "-1000").lines}
    assert kinds == {OwnerKind.TEAM}
