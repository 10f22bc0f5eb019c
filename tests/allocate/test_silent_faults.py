"""What goes wrong in silence elsewhere (seen in cloud-cost-allocation) is told here, or refused.

Rows in another currency dropped; the part that nobody's selector covers spread over
the others; keys that are all zero split evenly; expressions in data files executed.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from apportion.allocate import Allocation, allocate
from apportion.domain.owner import OwnerKind
from apportion.domain.result import LineKind
from apportion.errors import ConfigurationError
from apportion.model.dated import Validity
from apportion.model.pools import Method, Split, WhenMissing
from companies import HERE, OCTOBER, charge, model, monthly, pool, team
from workshop import Workshop

TEAMS = [team("a"), team("b")]


def total(made: Allocation, currency: str) -> Fraction:
    amounts = [line.amounts.BilledCost for line in made.lines if line.currency == currency]
    return sum(amounts, Fraction(0))


def by(name: str, **how: object) -> Split:
    return Split(Method.DRIVER, HERE, drivers=((name, Fraction(1)),), **how)  # type: ignore[arg-type]


def test_cost_in_another_currency_is_charged_in_that_currency() -> None:
    bill = [charge("pool:p", "10"), charge("pool:p", "7", currency="EUR"), charge("a", "1")]
    made = allocate(bill, model(TEAMS, [pool("p", Split(Method.EVEN, HERE))]), OCTOBER)
    assert total(made, "USD") == 11
    assert total(made, "EUR") == 7


def test_a_part_that_nobody_is_named_for_stays_in_the_pool_and_is_told() -> None:
    gone = team("gone", valid=Validity(None, OCTOBER.start))
    split = Split(
        Method.FIXED,
        HERE,
        percentages=(("a", Fraction(30)), ("b", Fraction(30)), ("gone", Fraction(40))),
        when_missing=WhenMissing.KEEP,
    )
    made = allocate([charge("pool:p", "100")], model([*TEAMS, gone], [pool("p", split)]), OCTOBER)
    carried = {line.owner.name: line.amounts.BilledCost for line in made.lines}
    assert carried == {"a": 30, "b": 30, "p": 40}
    (kept,) = [line for line in made.lines if line.kind is LineKind.KEPT]
    assert kept.owner.kind is OwnerKind.POOL
    assert [found.code for found in made.findings] == ["pool-kept"]
    assert "pool p keeps 40.00 % of its cost in USD: " in made.findings[0].message


@pytest.mark.parametrize("quantities", [{"a": "0", "b": "0"}, {}, {"a": "2", "b": "-2"}])
def test_keys_that_say_nothing_are_refused(quantities: dict[str, str]) -> None:
    rules = model(TEAMS, [pool("p", by("gb"))], [monthly("gb", quantities)])
    with pytest.raises(ConfigurationError, match="pool p can't be split in USD"):
        allocate([charge("pool:p", "1")], rules, OCTOBER)


def test_a_cycle_is_solved_and_not_broken() -> None:
    rules = model(
        TEAMS,
        [pool("p", by("p")), pool("q", by("q"))],
        [monthly("p", {"q": "1", "a": "1"}), monthly("q", {"p": "1", "b": "1"})],
    )
    made = allocate([charge("pool:p", "3"), charge("pool:q", "0")], rules, OCTOBER)
    carried = {line.owner.name: line.amounts.BilledCost for line in made.lines}
    assert carried == {"a": 2, "b": 1}


@pytest.mark.parametrize("text", ["__import__('os').system('touch hit')", "=1+1", "1e9999", "0x10"])
def test_a_quantity_is_a_number_and_never_run(tmp_path: Path, text: str) -> None:
    shop = Workshop(tmp_path)
    shop.write("model/gb.csv", f'team,period,quantity\nnlp,2026-10,"{text}"\n')
    faults = shop.faults(
        pools="pools:\n  - {name: p, service: x, split: {by: driver, driver: gb}}\n",
        drivers="drivers:\n  - {name: gb, unit: GB, file: gb.csv}\n",
    )
    assert any("model/gb.csv:2" in fault and "can't be read" in fault for fault in faults)
    assert not (tmp_path / "hit").exists()


def test_a_condition_may_call_only_what_is_listed(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    (fault,) = shop.faults(
        "rules:\n  - {name: r, where: \"system('touch hit') = 'x'\", team: nlp}\n"
    )
    assert "model/rules.yaml:2" in fault
    assert "system" in fault.lower()
