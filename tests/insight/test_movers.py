"""Movers: rules apart, one-offs only where months on both sides say so, nothing left over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apportion.domain.period import Period
from apportion.errors import UsageError
from apportion.insight.mover_values import Moved
from apportion.insight.movers import find_movers
from apportion.insight.price_volume_mix import Effects
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from unit_projects import MODEL, UnitProject, charge

ANN = '{"team": "ann"}'


@pytest.fixture
def place(tmp_path: Path) -> UnitProject:
    return UnitProject(tmp_path / "project")


def machine(month: str, name: str, cost: str, **over: Any) -> dict[str, str]:
    return charge(month, cost, "Compute", ResourceId=name, SkuId="m", Tags=ANN, **over)


def moved(place: UnitProject, before: str, after: str, team: str = "") -> Moved:
    with OpenProject(place.root) as project:
        runs = [latest_run(project.books, Period.parse(month)) for month in (before, after)]
        return find_movers(project.workspace, project.model, *runs, team=team)


def effects(found: Moved) -> Effects:
    (movers,) = found.movers
    assert movers.effects.total == movers.after - movers.before
    return movers.effects


def test_a_machine_of_one_month_is_one_off_only_if_the_next_month_is_known(
    place: UnitProject,
) -> None:
    place.bill("2026-09", machine("2026-09", "vm-1", "100"))
    place.bill("2026-10", machine("2026-10", "vm-1", "100"), machine("2026-10", "once", "100"))
    place.runs("2026-09", "2026-10")
    assert effects(moved(place, "2026-09", "2026-10")) == Effects(volume=100)  # type: ignore[arg-type]
    last = machine("2026-11", "vm-1", "100"), machine("2026-11", "last", "40")
    place.bill("2026-11", *last)
    place.runs("2026-11")
    found = moved(place, "2026-09", "2026-10")
    assert effects(found).one_off == 100
    assert found.movers[0].items[0].effect == "one_off"
    gone = effects(moved(place, "2026-10", "2026-11"))
    assert gone.one_off == -100
    assert gone.volume + gone.price == 40  # whether `last` stays, December will tell


def test_what_is_small_and_what_comes_again_is_no_one_off(place: UnitProject) -> None:
    for month in ("2026-09", "2026-10", "2026-11"):
        rows = [machine(month, "vm-1", "100")]
        if month == "2026-10":
            rows += [machine(month, "small", "4"), machine(month, "new", "50")]
        if month == "2026-11":
            rows += [machine(month, "new", "50")]
        place.bill(month, *rows)
    place.runs("2026-09", "2026-10")
    assert effects(moved(place, "2026-09", "2026-10")).one_off == 0


def test_a_one_time_charge_is_one_off_by_what_the_bill_says(place: UnitProject) -> None:
    place.bill("2026-09", machine("2026-09", "vm-1", "100"))
    fee = machine("2026-10", "fee", "30", ChargeCategory="Purchase", ChargeFrequency="One-Time")
    place.bill("2026-10", machine("2026-10", "vm-1", "100"), fee)
    place.runs("2026-09", "2026-10")
    assert effects(moved(place, "2026-09", "2026-10")).one_off == 30


def test_another_model_is_an_effect_of_rules(place: UnitProject) -> None:
    for month in ("2026-09", "2026-10"):
        place.bill(month, machine(month, "vm-1", "100"), charge(month, "60", "Tax"))
    place.runs("2026-09")
    place.model(MODEL.replace("split: {by: direct_cost", "split: {by: even"))
    place.runs("2026-10")
    found = moved(place, "2026-09", "2026-10", team="bob")
    assert found.before.model != found.after.model
    assert effects(found) == Effects(rule=30)  # type: ignore[arg-type]
    (line,) = found.movers[0].lines
    assert not line.before
    assert line.after == 30


def test_bills_that_changed_since_the_earlier_run_are_told(place: UnitProject) -> None:
    for month in ("2026-09", "2026-10"):
        place.bill(month, machine(month, "vm-1", "100"))
    place.runs("2026-09", "2026-10")
    place.bill("2026-09", machine("2026-09", "vm-1", "70"))
    place.runs("2026-10")
    found = moved(place, "2026-09", "2026-10")
    assert [one.code for one in found.findings] == ["movers-restated"]
    assert effects(found).rule == -30


def test_a_changed_model_is_refused(place: UnitProject) -> None:
    for month in ("2026-09", "2026-10"):
        place.bill(month, machine(month, "vm-1", "100"))
    place.runs("2026-09", "2026-10")
    place.model(MODEL.replace("split: {by: direct_cost", "split: {by: even"))
    with pytest.raises(UsageError, match="model has changed"):
        moved(place, "2026-09", "2026-10")
