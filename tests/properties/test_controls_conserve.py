"""Controls of fairness move cost and lose none of it, whatever they are and however they meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import Allocation, allocate
from apportion.domain.amounts import Amounts
from apportion.domain.money import is_currency
from apportion.domain.result import LineKind
from apportion.errors import ConfigurationError
from apportion.model.counting import Counting, Takeover, Tier
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption, Limit, Limits
from apportion.model.pools import Method, Pool, Split, WhenMissing
from companies import HERE, OCTOBER, charge, daily, model, pool, same, team

is_currency("USD")  # reads the names of currencies, which takes a while the first time

NAMES = ["ann", "bob", "cyd", "dee"]
WHO = st.sampled_from(NAMES)
DAYS = st.integers(1, 31).map(lambda day: date(2026, 10, day))
COSTS = st.decimals(-1000, 1000, places=3, allow_nan=False).map(Fraction)
SMALL = st.integers(0, 12).map(Fraction)
LIMIT = st.builds(Limit, st.integers(0, 60).map(Fraction), st.booleans())
COUNTINGS = st.none() | st.builds(
    Counting,
    st.just(()) | st.tuples(st.builds(Tier, st.integers(1, 5).map(Fraction), SMALL))
    .map(lambda tiers: (*tiers, Tier(None, Fraction(1, 3)))),
    st.none() | SMALL,
    st.dictionaries(WHO, SMALL).map(lambda factors: tuple(sorted(factors.items()))),
)  # fmt: skip
LIMITS = st.builds(
    lambda caps, floors, fee: Limits(HERE, "USD", tuple(caps.items()), tuple(floors.items()), fee),
    st.dictionaries(WHO, LIMIT),
    st.dictionaries(WHO, LIMIT),
    st.none() | LIMIT,
)
QUANTITIES = st.dictionaries(
    st.tuples(WHO, DAYS), st.decimals(-1, 9, places=1, allow_nan=False).map(str), max_size=12
)


@st.composite
def splits(draw: st.DrawFn, *, plain: bool = False) -> Split:
    method = draw(st.sampled_from([Method.DRIVER, Method.EVEN, Method.WEIGHTED]))
    drivers = {
        Method.DRIVER: (("h", Fraction(1)),),
        Method.WEIGHTED: (("h", Fraction(1, 3)), ("gb", Fraction(2, 3))),
    }.get(method, ())
    made = Split(
        method,
        HERE,
        drivers=drivers,
        when_missing=WhenMissing.KEEP,
        counting=draw(COUNTINGS),
        by_day=method is not Method.EVEN and draw(st.booleans()),
    )
    if plain or draw(st.booleans()):
        return made
    start = date(2026, draw(st.integers(6, 12)), 1)
    over = Takeover(draw(st.integers(1, 6)), start)
    return replace(made, takeover=over, previous=draw(splits(plain=True)))


@st.composite
def exemptions(draw: st.DrawFn) -> tuple[Exemption, ...]:
    """Of some teams, each to be carried by all others or by a team that isn't exempt."""
    names = sorted(draw(st.sets(WHO, max_size=2)))
    free = [name for name in NAMES if name not in names]
    return tuple(
        Exemption(
            name,
            HERE,
            "policy",
            Validity(None, draw(st.sampled_from([date(2026, 10, 9), date(2027, 1, 1)]))),
            draw(st.sampled_from(["", *free])),
        )
        for name in names
    )


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    limits = draw(st.none() | LIMITS)
    return replace(
        pool("p", draw(splits())),
        exempt=draw(exemptions()),
        limits=(Dated(limits),) if limits else (),
    )


COMPANIES = st.tuples(
    pools(), QUANTITIES, QUANTITIES, st.dictionaries(DAYS, COSTS, min_size=1, max_size=5)
)
Company = tuple[
    Pool, dict[tuple[str, date], str], dict[tuple[str, date], str], dict[date, Fraction]
]


def allocated(company: Company, one: Pool | None = None) -> Allocation | None:
    """None where exemptions leave nobody, which is refused."""
    made, hours, space, costs = company
    drivers = [
        daily(name, [(who, day, quantity) for (who, day), quantity in rows.items()])
        for name, rows in (("h", hours), ("gb", space))
    ]
    rules = model([team(name) for name in NAMES], [one or made], drivers)
    days = {day: same(cost) for day, cost in costs.items()}
    total = sum(costs.values(), Fraction(0))
    try:
        return allocate([charge("pool:p", total)], rules, OCTOBER, by_day={("USD", "p"): days})
    except ConfigurationError as refused:
        if "leaves nobody" in str(refused):
            return None
        raise


@given(COMPANIES)
def test_controls_lose_nothing(company: Company) -> None:
    if (found := allocated(company)) is None:
        return
    total = sum(company[3].values(), Fraction(0))
    assert Amounts.total([same("0"), *(line.amounts for line in found.lines)]) == same(total)
    if found.shares:
        assert sum(share.fraction for share in found.shares) == 1
        assert all(share.fraction > 0 for share in found.shares)


@given(COMPANIES)
def test_a_team_that_is_exempt_all_month_carries_nothing(company: Company) -> None:
    unlimited = replace(company[0], limits=())
    if (found := allocated(company, unlimited)) is None:
        return
    spared = {one.team for one in unlimited.exempt if one.valid.until == date(2027, 1, 1)}
    assert not spared & {share.receiver.name for share in found.shares}


@given(COMPANIES)
def test_limits_hold_where_they_can(company: Company) -> None:
    found, free = allocated(company), allocated(company, replace(company[0], limits=()))
    total = sum(company[3].values(), Fraction(0))
    if found is None or free is None or not company[0].limits or total <= 0:
        return
    limits = company[0].limits[0].value
    parts = {share.receiver.name: share.fraction for share in found.shares}
    for who, cap in limits.caps:
        assert parts.get(who, Fraction(0)) <= cap.part_of(total)
    codes = {one.code for one in found.findings}
    charged = any(share.kind is LineKind.SHARED for share in free.shares)
    if charged and not codes & {"floors-too-high", "cap-below-floor", "floor-without-share"}:
        for who, floor in limits.floors:
            assert parts.get(who, Fraction(0)) >= floor.part_of(total)
    if "limits-applied" not in codes:
        assert [s.fraction for s in found.shares] == [s.fraction for s in free.shares]


@given(COMPANIES)
def test_a_refund_is_the_mirror_of_a_charge(company: Company) -> None:
    unlimited = replace(company[0], limits=())
    back = (*company[:3], {day: -cost for day, cost in company[3].items()})
    charged, refunded = allocated(company, unlimited), allocated(back, unlimited)
    assert (charged is None) is (refunded is None)
    if charged is not None and refunded is not None and sum(company[3].values(), Fraction(0)):
        assert [s.fraction for s in charged.shares] == [s.fraction for s in refunded.shares]


@given(COMPANIES, st.integers(1, 6), st.integers(0, 7))
def test_a_takeover_moves_on_a_straight_line(company: Company, months: int, gone: int) -> None:
    """The parts lie between those of both splits, as far along as months have gone."""
    split = replace(company[0].splits[0].value, takeover=None, previous=None)
    before = Split(Method.EVEN, HERE)
    start = date(2026, 10 - min(gone, 9), 1)
    over = replace(split, takeover=Takeover(months, start), previous=before)
    ends = []
    for one in (before, over, split):
        found = allocated(company, pool("p", one))
        assert found is not None
        ends.append({share.receiver: share.fraction for share in found.shares})
    part = Fraction(min(min(gone, 9) + 1, months), months)
    if sum(company[3].values(), Fraction(0)):
        for who in {*ends[0], *ends[1], *ends[2]}:
            old, mixed, new = (end.get(who, Fraction(0)) for end in ends)
            assert mixed == (1 - part) * old + part * new


@pytest.mark.parametrize(("currency", "cost"), [("JPY", "1"), ("KWD", "0.001"), ("USD", "1/300")])
def test_amounts_below_the_minor_unit_are_shared_exactly(currency: str, cost: str) -> None:
    limits = Limits(HERE, currency, caps=(("ann", Limit(Fraction(20), of_pool=True)),))
    one = replace(pool("p", Split(Method.EVEN, HERE)), limits=(Dated(limits),))
    rules = model([team(name) for name in NAMES], [one])
    found = allocate([charge("pool:p", cost, currency=currency)], rules, OCTOBER)
    assert {line.kind for line in found.lines} == {LineKind.SHARED}
    amounts = {line.owner.name: line.amounts.EffectiveCost for line in found.lines}
    assert amounts.pop("ann") == Fraction(cost) / 5
    assert set(amounts.values()) == {Fraction(cost) * 4 / 15}
