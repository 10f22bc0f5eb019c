"""Tiers, ceilings and multipliers over parts of a month, and on the days of the use itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.period import Span
from apportion.domain.result import LineKind
from apportion.model.counting import Counting, Tier
from apportion.model.dated import Dated, Validity
from apportion.model.limits import Exemption
from apportion.model.organisation import OrgUnit, UnitKind
from apportion.model.pools import Driver, Method, Pool, Split
from companies import HERE, OCTOBER, charge, daily, model, monthly, pool, team

MIDDLE = date(2026, 10, 16)
HALF = Counting((Tier(Fraction(100), Fraction(1)), Tier(None, Fraction(1, 2))))
TEAMS = [team("a"), team("b"), team("c")]
USE = monthly("n", {"a": "140", "b": "30", "c": "10"})
TWO = monthly("n", {"a": "140", "b": "30"})


def split(counting: Counting, method: Method = Method.DRIVER) -> Split:
    drivers = (("n", Fraction(1)),) if method is Method.DRIVER else ()
    return Split(method, HERE, drivers=drivers, counting=counting)


def twice(one: Split) -> list[Dated[Split]]:
    """The same split, written twice: until the 16th and from then on."""
    return [Dated(one, Validity(None, MIDDLE)), Dated(one, Validity(MIDDLE, None))]


def carried(
    cost: str, one: Pool, teams: Iterable[OrgUnit], *drivers: Driver, span: Span = OCTOBER
) -> dict[str, Fraction]:
    made: Allocation = allocate([charge("pool:p", cost)], model(teams, [one], drivers), span)
    return {
        line.owner.name: line.amounts.EffectiveCost
        for line in made.lines
        if line.kind is LineKind.SHARED
    }


def test_a_split_written_twice_counts_tiers_as_one_does() -> None:
    # a's 140 count as 100 + 40 ÷ 2 = 120 beside b's 30: 150 is split 120 to 30, on each day.
    assert carried("150", pool("p", split(HALF)), TEAMS[:2], TWO) == {"a": 120, "b": 30}
    assert carried("150", pool("p", *twice(split(HALF))), TEAMS[:2], TWO) == {"a": 120, "b": 30}


def test_a_split_written_twice_counts_a_ceiling_as_one_does() -> None:
    # a counts as 90 of the month at most, so as 3 a day: 120 is split 90 to 30.
    ceiling = split(Counting(at_most=Fraction(90)))
    assert carried("120", pool("p", *twice(ceiling)), TEAMS[:2], TWO) == {"a": 90, "b": 30}


def test_an_exemption_that_ends_in_the_month_moves_nobodys_part_but_its_own() -> None:
    # By 120 : 30 : 10 a carries 120 of 160, c's 10 go to b on 15 of 31 days.
    exempt = Exemption("c", HERE, "x", Validity(None, MIDDLE), "b")
    shared = replace(pool("p", split(HALF)), exempt=(exempt,))
    moved = Fraction(150, 31)
    found = carried("160", shared, TEAMS, USE)
    assert found == {"a": 120, "b": 30 + moved, "c": 10 - moved}


def test_a_span_of_days_counts_tiers_by_its_days() -> None:
    days = Span(OCTOBER.start, MIDDLE)
    assert carried("150", pool("p", split(HALF)), TEAMS[:2], TWO, span=days) == {"a": 120, "b": 30}


def test_tiers_of_direct_cost_are_those_of_the_period() -> None:
    # Direct cost is that of the whole period whatever the split's days: 140 and 30 in both.
    bill = [charge("a", "140"), charge("b", "30"), charge("pool:p", "150")]
    one = pool("p", *twice(split(HALF, Method.DIRECT_COST)))
    made = allocate(bill, model(TEAMS[:2], [one]), OCTOBER)
    assert [line.amounts.BilledCost for line in made.lines if line.pool] == [120, 30]


def stages(moves: date) -> list[OrgUnit]:
    """Two products; team a moves from production to research, where b is."""
    prod, res = (
        OrgUnit(name, UnitKind.PRODUCT, name, HERE, stage=(Dated(name),))
        for name in ("production", "research")
    )
    parent = (
        Dated("production", Validity(None, moves)),
        Dated("research", Validity(moves, None)),
    )
    a, b = replace(team("a"), parent=parent), replace(team("b"), parent=(Dated("research"),))
    return [prod, res, a, b]


DOUBLE = split(Counting(stages=(("production", Fraction(2)),)))


@pytest.mark.parametrize(
    ("moves", "use", "expected"),
    [
        # All of a's use falls on days on which it is in research, as b is: it counts once.
        (21, [("a", 25, "10"), ("b", 25, "10")], {"a": 410, "b": 410}),
        # Half of a's 20 count double, 30 beside b's 20: 820 is split 492 to 328.
        (11, [("a", 5, "10"), ("a", 20, "10"), ("b", 5, "20")], {"a": 492, "b": 328}),
    ],
)
def test_use_is_multiplied_by_the_stage_of_its_own_day(
    moves: int, use: list[tuple[str, int, str]], expected: dict[str, int]
) -> None:
    driver = daily("n", [(who, date(2026, 10, day), n) for who, day, n in use])
    teams = stages(date(2026, 10, moves))
    assert carried("820", pool("p", DOUBLE), teams, driver) == expected


def test_a_month_of_use_is_multiplied_by_the_stages_of_its_days() -> None:
    # a's 31 of the month: 10 days double, 21 once, so 41 beside b's 31.
    driver = monthly("n", {"a": "31", "b": "31"})
    found = carried("72", pool("p", DOUBLE), stages(date(2026, 10, 11)), driver)
    assert found == {"a": 41, "b": 31}
