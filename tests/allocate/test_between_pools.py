"""Pools that use each other: loops, chains, orders, and who is left to pay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.allocate import Allocation, allocate
from apportion.allocate.origins import final_shares, origins
from apportion.allocate.solve_loops import ClosedLoop, solve_loops
from apportion.domain.owner import OwnerKind
from apportion.domain.result import LineKind
from apportion.errors import ConfigurationError
from apportion.model.dated import Dated
from apportion.model.pools import Between, BetweenPools, Method, Pool, Split
from apportion.model.project import Model
from companies import HERE, OCTOBER, charge, model, monthly, pool, team


def by_percent(**parts: int | Fraction) -> Split:
    percentages = tuple((name, Fraction(part)) for name, part in parts.items())
    return Split(Method.FIXED, HERE, percentages=percentages)


def by_driver(name: str) -> Split:
    return Split(Method.DRIVER, HERE, drivers=((name, Fraction(1)),))


def carried(made: Allocation) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for line in made.lines:
        found[line.owner.name] = found.get(line.owner.name, Fraction(0)) + line.amounts.BilledCost
    return found


def with_method(rules: Model, method: BetweenPools, order: tuple[str, ...] = ()) -> Model:
    return replace(rules, allocation=(Dated(Between(method, order)),))


# Two support departments that serve each other (10 % and 20 %), two teams.
CYCLE = model(
    [team("x"), team("y")],
    [
        pool("it", by_percent(hr=10, x=60, y=30)),
        pool("hr", by_percent(it=20, x=20, y=60)),
    ],
)
BILL = [charge("pool:it", "9800"), charge("pool:hr", "4900")]


def test_reciprocal_solves_both_equations_at_once() -> None:
    # IT = 9800 + 0.2 HR, HR = 4900 + 0.1 IT: IT = 10780 / 0.98 = 11000, HR = 6000.
    made = allocate(BILL, CYCLE, OCTOBER)
    assert made.full["USD", "it"].BilledCost == 11000
    assert made.full["USD", "hr"].BilledCost == 6000
    assert carried(made) == {"x": 6600 + 1200, "y": 3300 + 3600}


def test_step_down_in_a_stated_order() -> None:
    # HR first: 980 to IT, 980 to x, 2940 to y; then IT has 10780, x : y = 2 : 1.
    made = allocate(BILL, with_method(CYCLE, BetweenPools.STEP_DOWN, ("hr", "it")), OCTOBER)
    third = Fraction(10780, 3)
    assert carried(made) == {"x": 980 + 2 * third, "y": 2940 + third}
    (note,) = [found for found in made.findings if found.code == "step-down-order"]
    assert "hr, it (as the model says" in note.message


def test_step_down_takes_first_what_serves_other_pools_most() -> None:
    made = allocate(BILL, with_method(CYCLE, BetweenPools.STEP_DOWN), OCTOBER)
    (note,) = [found for found in made.findings if found.code == "step-down-order"]
    assert "hr, it (by most service" in note.message


def test_a_tie_is_told_and_goes_by_name() -> None:
    # Each renders half of its service to the other.
    used = monthly("h", {"it": "1", "x": "1"}), monthly("i", {"hr": "1", "y": "1"})
    by = [Split(Method.DRIVER, HERE, drivers=((name, Fraction(1)),)) for name in "hi"]
    rules = model([team("x"), team("y")], [pool("hr", by[0]), pool("it", by[1])], used)
    made = allocate(BILL, with_method(rules, BetweenPools.STEP_DOWN), OCTOBER)
    (note,) = [found for found in made.findings if found.code == "step-down-order"]
    assert "hr and it render the same, so they go by name" in note.message


def test_direct_leaves_out_what_pools_use() -> None:
    # IT by 60 : 30, HR by 20 : 60.
    made = allocate(BILL, with_method(CYCLE, BetweenPools.DIRECT), OCTOBER)
    assert carried(made) == {
        "x": Fraction(9800 * 60, 90) + Fraction(4900 * 20, 80),
        "y": Fraction(9800 * 30, 90) + Fraction(4900 * 60, 80),
    }


def test_a_closed_loop_is_named() -> None:
    pools = [
        pool("a", by_percent(b=100)),
        pool("b", by_percent(c=50, a=50)),
        pool("c", by_percent(a=100)),
        pool("d", by_percent(a=50, x=50)),
    ]
    with pytest.raises(ConfigurationError, match="closed loop: a → b → a"):
        allocate([charge("pool:d", "1")], model([team("x")], pools), OCTOBER)


def test_a_closed_loop_that_no_cost_reaches_harms_nobody() -> None:
    pools = [
        pool("a", by_percent(b=100)),
        pool("b", by_percent(a=100)),
        pool("c", by_percent(x=100)),
    ]
    made = allocate([charge("pool:c", "7")], model([team("x")], pools), OCTOBER)
    assert carried(made) == {"x": 7}


def test_a_pool_that_serves_only_itself_is_refused() -> None:
    gpu = monthly("h", {"gpu": "5"})
    with pytest.raises(ConfigurationError, match="serves nobody but itself"):
        allocate(
            [charge("pool:gpu", "1")],
            model([team("x")], [pool("gpu", by_driver("h"))], [gpu]),
            OCTOBER,
        )


def test_own_use_is_passed_on_in_proportion() -> None:
    gpu = monthly("h", {"gpu": "40", "x": "20", "y": "40"})
    made = allocate(
        [charge("pool:gpu", "90")],
        model([team("x"), team("y")], [pool("gpu", by_driver("h"))], [gpu]),
        OCTOBER,
    )
    assert carried(made) == {"x": 30, "y": 60}


def test_a_team_wins_a_name_that_a_pool_has_too() -> None:
    both = monthly("h", {"x": "1", "y": "1"})
    pools = [pool("p", by_driver("h")), pool("x", by_percent(y=100))]
    made = allocate([charge("pool:p", "8")], model([team("x"), team("y")], pools, [both]), OCTOBER)
    assert carried(made) == {"x": 4, "y": 4}


def test_a_refund_runs_through_a_loop_like_a_charge() -> None:
    refund = [charge("pool:it", "-9800"), charge("pool:hr", "-4900")]
    made, mirrored = allocate(refund, CYCLE, OCTOBER), allocate(BILL, CYCLE, OCTOBER)
    assert carried(made) == {who: -amount for who, amount in carried(mirrored).items()}


def test_a_chain_of_fifty_pools_has_no_limit_of_depth() -> None:
    pools = [pool(f"p{n:03}", by_percent(**{f"p{n + 1:03}": 50, "x": 50})) for n in range(2000)] + [
        pool("p2000", by_percent(y=100))
    ]
    made = allocate([charge("pool:p000", "1")], model([team("x"), team("y")], pools), OCTOBER)
    assert carried(made) == {"x": 1 - Fraction(1, 2**2000), "y": Fraction(1, 2**2000)}


def test_currencies_are_solved_apart() -> None:
    bill = [*BILL, charge("pool:it", "98", currency="JPY")]
    made = allocate(bill, CYCLE, OCTOBER)
    yen = {line.owner.name: line.amounts.BilledCost for line in made.lines if line.currency == "JPY"
           and line.pool == "it"}  # fmt: skip
    assert made.full["JPY", "it"].BilledCost == 100
    assert yen == {"x": 60, "y": 30}


def _gauss(passed: dict[str, dict[str, Fraction]], own: dict[str, Fraction]) -> dict[str, Fraction]:
    """An independent judge: plain elimination of (I - Aᵀ) R = d."""
    names = sorted(own)
    rows = [
        [Fraction(j == i) - passed[i].get(j, Fraction(0)) for i in names] + [own[j]] for j in names
    ]
    for k in range(len(rows)):
        pivot = next(r for r in range(k, len(rows)) if rows[r][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for r in range(len(rows)):
            if r != k:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k], strict=True)]
    return {name: row[-1] for name, row in zip(names, rows, strict=True)}


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Pool], dict[str, Fraction]]:
    names = [f"p{n}" for n in range(draw(st.integers(1, 6)))]
    pools = []
    for name in names:
        weights = {other: draw(st.integers(0, 3)) for other in names if other != name}
        weights |= {"x": draw(st.integers(1, 3)), "y": draw(st.integers(0, 3))}
        whole = sum(weights.values())
        parts = {who: Fraction(100 * weight, whole) for who, weight in weights.items() if weight}
        pools.append(pool(name, by_percent(**parts)))
    return pools, {name: Fraction(draw(st.integers(-99, 99))) for name in names}


@given(networks(), st.sampled_from(BetweenPools))
def test_what_reaches_the_teams_is_what_the_pools_cost(
    network: tuple[list[Pool], dict[str, Fraction]], method: BetweenPools
) -> None:
    pools, own = network
    rules = with_method(model([team("x"), team("y")], pools), method)
    made = allocate([charge(f"pool:{name}", cost) for name, cost in own.items()], rules, OCTOBER)
    assert sum(carried(made).values(), Fraction(0)) == sum(own.values())
    assert all(line.kind is LineKind.SHARED for line in made.lines)


@given(networks())
def test_a_loop_agrees_with_plain_elimination(
    network: tuple[list[Pool], dict[str, Fraction]],
) -> None:
    pools, own = network
    passed = {
        each.name: {
            name: part / 100 for name, part in each.splits[0].value.percentages if name in own
        }
        for each in pools
    }
    solved = solve_loops(passed, {name: {"cost": cost} for name, cost in own.items()})
    assert {name: found["cost"] for name, found in solved.items()} == _gauss(passed, own)


@given(networks())
def test_full_costs_are_made_of_own_costs(
    network: tuple[list[Pool], dict[str, Fraction]],
) -> None:
    pools, own = network
    bill = [charge(f"pool:{name}", cost) for name, cost in own.items()]
    made = allocate(bill, model([team("x"), team("y")], pools), OCTOBER)
    for (currency, name), from_ in origins(made.shares).items():
        full = sum((own[origin] * part for origin, part in from_.items()), Fraction(0))
        assert made.full[currency, name].BilledCost == full
    for name in own:
        ends = [share for share in final_shares(made.shares) if share.pool == name]
        assert sum(share.fraction for share in ends) == (1 if own[name] or ends else 0)
        assert all(share.receiver.kind is OwnerKind.TEAM for share in ends)


def test_the_path_of_a_closed_loop_leads_back() -> None:
    one = Fraction(1)
    with pytest.raises(ClosedLoop) as loop:
        solve_loops({"a": {"b": one}, "b": {"c": one}, "c": {"a": one}}, {"a": {"x": one}})
    assert loop.value.path == ("a", "b", "c", "a")
