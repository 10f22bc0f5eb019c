"""Splits that have no answer: where the fault is, what to do, and who decided in their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from apportion.allocate import Allocation, allocate
from apportion.errors import ConfigurationError, Place
from apportion.model.dated import Dated, Validity
from apportion.model.pools import Between, BetweenPools, Driver, Method, Split, WhenMissing
from apportion.model.terms.games import NestedNeeds, Step
from apportion.model.terms.shapley import Shapley
from apportion.model.terms.standard_rate import StandardRate
from companies import HERE, OCTOBER, charge, daily, model, monthly, pool, same, team
from workshop import Workshop

TEAMS = [team("a"), team("b"), team("c")]
EVEN = Split(Method.EVEN, HERE)
CELL = Place("n.csv", 3, 11)


def by(name: str = "n", **how: Any) -> Split:
    return Split(Method.DRIVER, HERE, drivers=((name, Fraction(1)),), **how)


FALLS_BACK = by(when_missing=WhenMissing.FALLBACK, fallback=EVEN)


def negative() -> Driver:
    """Quantities of a, b and c, of which b's is below zero."""
    found = monthly("n", {"a": "10", "b": "-1", "c": "5"})
    rows = tuple(replace(row, place=CELL) if row.quantity < 0 else row for row in found.rows)
    return replace(found, rows=rows)


def made(split: Split, *drivers: Driver, **how: Any) -> Allocation:
    return allocate(
        [charge("pool:p", "300")], model(TEAMS, [pool("p", split)], drivers), OCTOBER, **how
    )


def refused(split: Split, *drivers: Driver) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as found:
        made(split, *drivers)
    return found.value


def test_a_fallback_tells_that_it_decided_and_where_the_fault_is() -> None:
    found = made(FALLS_BACK, negative())
    (told,) = found.findings
    assert (told.code, told.place) == ("split-fell-back", CELL)
    assert "split by the fallback `even` in place of `driver`: n is negative for b" in told.message
    assert {share.method for share in found.shares} == {"even (fallback)"}


def test_a_fallback_for_some_days_decides_beside_the_split() -> None:
    # Of 300, 100 fall on a day with quantities, and 200 on one without: a third each of these.
    use = daily("n", [("a", date(2026, 10, 1), "1")])
    days = {date(2026, 10, 1): same("100"), date(2026, 10, 2): same("200")}
    found = made(replace(FALLS_BACK, by_day=True), use, by_day={("USD", "p"): days})
    carried = {line.owner.name: line.amounts.EffectiveCost for line in found.lines}
    third = Fraction(200, 3)
    assert carried == {"a": 100 + third, "b": third, "c": third}
    assert {share.method for share in found.shares} == {"driver and even (fallback)"}
    (told,) = [one for one in found.findings if one.code == "split-fell-back"]
    assert told.message.startswith("66.67 % of pool p")


@pytest.mark.parametrize("how", [{"among": ("a", "b")}, {"excluding": ("c",)}])
def test_a_fallback_may_name_its_own_receivers(how: dict[str, Any]) -> None:
    split = replace(FALLS_BACK, fallback=replace(EVEN, **how))
    found = made(split, negative())
    carried = {line.owner.name: line.amounts.EffectiveCost for line in found.lines}
    assert carried == {"a": 150, "b": 150}


def test_only_splits_of_the_period_are_named_as_its_method() -> None:
    middle = date(2026, 10, 1)
    splits = Dated(EVEN, Validity(None, middle)), Dated(by(), Validity(middle, None))
    rules = model(TEAMS, [pool("p", *splits)], [monthly("n", {"a": "1", "b": "1", "c": "2"})])
    found = allocate([charge("pool:p", "4")], rules, OCTOBER)
    assert {share.method for share in found.shares} == {"driver"}


def test_a_quantity_below_zero_is_refused_where_it_stands() -> None:
    fault = refused(by(), negative())
    assert fault.place == CELL
    assert "`driver` at test.yaml:1:1" in fault.why
    assert "correct the quantity" in fault.hint
    assert "fallback" not in fault.hint


def test_a_driver_file_names_the_cell_of_a_quantity_below_zero(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("model/n.csv", "team,period,quantity\nnlp,2026-10,4\nvision,2026-10,-1\n")
    found = shop.model(drivers="drivers:\n  - {name: n, unit: GB, file: n.csv}\n")
    assert [str(row.place) for row in found.drivers["n"].rows] == [
        "model/n.csv:2",
        "model/n.csv:3:16",
    ]


def test_each_fault_says_what_would_mend_it() -> None:
    step = Shapley(NestedNeeds("n", (Step(Fraction(20), Fraction(1)),)))
    needs = refused(Split(Method.SHAPLEY, HERE, terms=step), monthly("n", {"a": "30"}))
    assert "add a step" in needs.hint
    euro = StandardRate("n", (Dated(Fraction(1)),), "EUR")
    rates = refused(Split(Method.STANDARD_RATE, HERE, terms=euro), monthly("n", {"a": "30"}))
    assert "make a pool of the cost in USD" in rates.hint
    nobody = refused(replace(EVEN, excluding=("a", "b", "c")))
    assert "`excluding` leaves no team" in nobody.what


def test_a_receiver_that_has_closed_is_named() -> None:
    # p closes first and passes all to q by its only use; q's only use is p's, and p has closed.
    splits = pool("p", by("up")), pool("q", by("uq"))
    drivers = monthly("up", {"q": "1", "a": "1"}), monthly("uq", {"p": "1"})
    rules = model(TEAMS, splits, drivers)
    step = Between(BetweenPools.STEP_DOWN, ("p", "q"))
    rules = replace(rules, allocation=(Dated(step),))
    with pytest.raises(ConfigurationError, match="uq is zero for every receiver; p used all of it"):
        allocate([charge("pool:p", "1"), charge("pool:q", "1")], rules, OCTOBER)
