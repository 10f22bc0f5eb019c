"""Caps, floors and minimum fees: figures by hand, and against a slower way."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import Allocation, allocate
from apportion.allocate.water_fill import Bounds, water_fill
from apportion.domain.owner import OwnerKind
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Limit, Limits
from apportion.model.pools import Method, Split
from companies import HERE, OCTOBER, charge, model, monthly, pool, team

TEAMS = [team("a"), team("b"), team("c")]
USE = monthly("h", {"a": "60", "b": "30", "c": "10"})


def money(amount: int) -> Limit:
    return Limit(Fraction(amount))


def percent(part: int) -> Limit:
    return Limit(Fraction(part), of_pool=True)


def made(cost: str, limits: Limits, *, currency: str = "USD") -> Allocation:
    split = Split(Method.DRIVER, HERE, drivers=(("h", Fraction(1)),))
    limited = replace(pool("p", split), limits=(Dated(limits),))
    bill = [charge("pool:p", cost, currency=currency)]
    return allocate(bill, model(TEAMS, [limited], [USE]), OCTOBER)


def carried(found: Allocation) -> dict[str, Fraction]:
    return {line.owner.name: line.amounts.EffectiveCost for line in found.lines}


def codes(found: Allocation) -> list[str]:
    return [one.code for one in found.findings]


def test_what_a_cap_takes_off_falls_on_the_others_in_proportion() -> None:
    # a would carry 600 of 1,000 and is capped at 400; b : c = 3 : 1 share the other 600.
    found = made("1000", Limits(HERE, "USD", caps=(("a", money(400)),)))
    assert carried(found) == {"a": 400, "b": 450, "c": 150}
    (note,) = found.findings
    assert note.message == "limits of pool p moved, in USD: a -200.00, b +150.00, c +50.00"


def test_a_cap_that_pushes_another_over_its_own_goes_on_to_the_rest() -> None:
    found = made("1000", Limits(HERE, "USD", caps=(("a", percent(40)), ("b", money(350)))))
    assert carried(found) == {"a": 400, "b": 350, "c": 250}


def test_where_all_are_at_their_caps_the_rest_stays_in_the_pool() -> None:
    caps = tuple((name, money(100)) for name in "abc")
    found = made("1000", Limits(HERE, "USD", caps=caps))
    assert carried(found) == {"a": 100, "b": 100, "c": 100, "p": 700}
    kept = [line for line in found.lines if line.owner.kind is OwnerKind.POOL]
    assert len(kept) == 1
    assert found.shares[-1].note == "every team that shares it is at its cap"


def test_a_floor_is_paid_by_the_others_in_proportion() -> None:
    # c pays 190 instead of 100; a : b = 2 : 1 share the other 810.
    found = made("1000", Limits(HERE, "USD", floors=(("c", money(190)),)))
    assert carried(found) == {"a": 540, "b": 270, "c": 190}


def test_a_minimum_fee_is_a_floor_for_all_who_use_it() -> None:
    found = made("100", Limits(HERE, "USD", minimum_fee=money(20)))
    assert carried(found) == {"a": Fraction(160, 3), "b": Fraction(80, 3), "c": 20}


def test_floors_that_ask_for_too_much_shrink_in_proportion() -> None:
    floors = (("a", money(1000)), ("b", money(500)), ("c", money(500)))
    found = made("1000", Limits(HERE, "USD", floors=floors))
    assert carried(found) == {"a": 500, "b": 250, "c": 250}
    assert "floors-too-high" in codes(found)


def test_what_limits_moved_is_told_on_each_share() -> None:
    found = made("1000", Limits(HERE, "USD", caps=(("a", money(400)),)))
    assert {share.receiver.name: share.note for share in found.shares} == {
        "a": "600.00 USD by its split alone, 400.00 USD within the limits",
        "b": "300.00 USD by its split alone, 450.00 USD within the limits",
        "c": "100.00 USD by its split alone, 150.00 USD within the limits",
    }


def test_what_stays_in_the_pool_is_told_with_its_amount() -> None:
    caps = tuple((name, money(100)) for name in "abc")
    found = made("1000", Limits(HERE, "USD", caps=caps))
    (told,) = (one for one in found.findings if one.code == "pool-kept")
    assert told.message == "pool p keeps 700.00 USD: every team that shares it is at its cap"


def test_a_cap_in_percent_below_a_floor_in_money_decides_and_is_told() -> None:
    # 10 % of 1,000 are 100, and the floor asks for 300.
    limits = Limits(HERE, "USD", caps=(("a", percent(10)),), floors=(("a", money(300)),))
    found = made("1000", limits)
    assert carried(found) == {"a": 100, "b": 675, "c": 225}
    assert "cap-below-floor" in codes(found)


def test_a_floor_of_a_team_that_does_not_share_the_pool_is_told() -> None:
    found = made("1000", Limits(HERE, "USD", floors=(("z", money(300)),)))
    assert carried(found) == {"a": 600, "b": 300, "c": 100}
    assert codes(found) == ["floor-without-share"]


def test_currencies_without_and_with_three_places() -> None:
    yen = made("100", Limits(HERE, "JPY", caps=(("a", money(33)),)), currency="JPY")
    assert carried(yen) == {"a": 33, "b": Fraction(201, 4), "c": Fraction(67, 4)}
    assert yen.findings[0].message.endswith("moved, in JPY: a -27, b +20, c +7")
    dinar = made("0.100", Limits(HERE, "KWD", caps=(("a", percent(33)),)), currency="KWD")
    assert carried(dinar)["a"] == Fraction("0.033")
    assert dinar.findings[0].message.endswith("moved, in KWD: a -0.027, b +0.020, c +0.007")


def test_a_third_of_a_cent_within_a_cap_is_exact() -> None:
    third = Fraction(1, 300)
    found = made(str(third), Limits(HERE, "USD", caps=(("a", percent(50)),)))
    assert carried(found) == {"a": third / 2, "b": third * 3 / 8, "c": third / 8}


def test_a_refund_is_not_limited() -> None:
    found = made("-1000", Limits(HERE, "USD", caps=(("a", money(1)),)))
    assert carried(found) == {"a": -600, "b": -300, "c": -100}


def test_money_of_another_currency_does_not_limit_and_is_told() -> None:
    limits = Limits(HERE, "USD", caps=(("a", money(1)), ("b", percent(10))))
    found = made("1000", limits, currency="JPY")
    b = Fraction(100)
    assert carried(found) == {"a": 900 * Fraction(60, 70), "b": b, "c": 900 * Fraction(10, 70)}
    assert "limits-in-another-currency" in codes(found)


def test_limits_are_dated_by_the_first_day() -> None:
    late = Dated(Limits(HERE, "USD", caps=(("a", money(1)),)), Validity(OCTOBER.until, None))
    split = Split(Method.DRIVER, HERE, drivers=(("h", Fraction(1)),))
    limited = replace(pool("p", split), limits=(late,))
    bill = [charge("pool:p", "1000")]
    found = allocate(bill, model(TEAMS, [limited], [USE]), OCTOBER)
    assert carried(found) == {"a": 600, "b": 300, "c": 100}


NAMES = ("a", "b", "c", "d")
PARTS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9).map(Fraction), min_size=1)
LIMITS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 12).map(Fraction))


def slowly(parts: dict[str, Fraction], bounds: Bounds) -> dict[str, Fraction]:
    """Bisection on the scale, in floats of a hundred steps: another way to the same parts."""

    def at(scale: Fraction) -> dict[str, Fraction]:
        found = {}
        for who, part in parts.items():
            raised = max(bounds.least.get(who, Fraction(0)), scale * part)
            found[who] = min(bounds.most.get(who, raised), raised)
        return found

    low, high, whole = Fraction(0), Fraction(10**6), sum(parts.values(), Fraction(0))
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle).values()) < whole else (low, middle)
    return at(high)


@given(PARTS, LIMITS, LIMITS)
def test_parts_within_bounds(
    parts: dict[str, Fraction], least: dict[str, Fraction], most: dict[str, Fraction]
) -> None:
    whole = sum(parts.values(), Fraction(0))
    most = {who: limit for who, limit in most.items() if who in parts}
    least = {who: min(low, most.get(who, low)) for who, low in least.items() if who in parts}
    if sum(least.values()) > whole:
        least = {}
    bounds = Bounds(least, most)
    held = water_fill(parts, bounds)
    assert sum(held.values(), Fraction(0)) <= whole
    for who, part in held.items():
        assert part >= least.get(who, 0)
        assert who not in most or part <= most[who]
    if sum(held.values(), Fraction(0)) < whole:
        assert all(held[who] == most.get(who, held[who]) for who in parts if parts[who])
    else:
        other = slowly(parts, bounds)
        assert all(abs(held[who] - other[who]) < Fraction(1, 10**6) for who in parts)
    if all(least.get(w, 0) <= p <= most.get(w, p) for w, p in parts.items()):
        assert held == parts


@given(PARTS, LIMITS)
def test_caps_are_the_same_as_handing_on_round_by_round(
    parts: dict[str, Fraction], most: dict[str, Fraction]
) -> None:
    """What is over a cap goes to those below theirs in proportion, until nobody is over."""
    held, capped = dict(parts), set[str]()
    while over := {
        who for who in held if who not in capped and held[who] > most.get(who, held[who])
    }:
        capped |= over
        left = sum(parts.values()) - sum(most[who] for who in capped)
        open_ = {who: part for who, part in parts.items() if who not in capped and part}
        held = {who: most[who] for who in capped} | {
            who: left * part / sum(open_.values()) for who, part in open_.items()
        } | {who: part for who, part in parts.items() if not part}  # fmt: skip
    assert water_fill(parts, Bounds({}, most)) == held


def test_many_limits_are_quick() -> None:
    # 2,000 teams with a cap and a floor each: a search, not a round for each of them.
    parts = {f"t{n}": Fraction(n + 1) for n in range(2_000)}
    least = {who: part / 2 + 100 for who, part in parts.items()}
    most = {who: part * 2 + 100 for who, part in parts.items()}
    started = perf_counter()
    held = water_fill(parts, Bounds(least, most))
    assert sum(held.values()) == sum(parts.values())
    assert perf_counter() - started < 2
