"""Causes sum to each difference exactly, and don't depend on how changes are listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apportion.domain.period import Period
from apportion.model.dated import Dated
from apportion.model.digest import digest
from apportion.model.mix import Mix
from apportion.model.pools import Driver, DriverRow, Method, Split, WhenMissing
from apportion.model.project import Model
from apportion.run.bring_in import bring_in
from apportion.run.causes import Caused, find_causes
from apportion.run.group_changes import group_changes
from apportion.run.open_project import OpenProject
from apportion.run.trials import Trials
from bills import row, write_project
from random_models import HERE, TEAMS, models

OCTOBER = Period(2026, 10)
KEEP = WhenMissing.KEEP


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenProject]:
    values = ("a", "ab", "nlp", "cv")
    rows = [
        row(f"{n + 1}.0{n}", {"team": values[n % 3], "env": values[n // 3 % 4]},
            ServiceName=values[n % 4], SubAccountId=values[n // 4 % 4],
            ResourceName=values[n // 2 % 4])
        for n in range(12)
    ]  # fmt: skip
    folder = write_project(tmp_path_factory.mktemp("causes") / "company", rows)
    with OpenProject(folder) as opened:
        bring_in(opened)
        yield opened


@st.composite
def splits(draw: st.DrawFn) -> tuple[Dated[Split], ...]:
    method = draw(st.sampled_from([Method.EVEN, Method.DIRECT_COST, Method.DRIVER]))
    drivers = (("gb", Fraction(1)),) if method is Method.DRIVER else ()
    return (Dated(Split(method, HERE, drivers=drivers, when_missing=KEEP)),)


@st.composite
def companies(draw: st.DrawFn) -> Model:
    """A model whose pools can be split, now and then by quantities of teams and of a pool."""
    made = draw(models())
    pools = tuple(replace(pool, splits=draw(splits())) for pool in made.pools)
    receivers = draw(st.dictionaries(st.sampled_from((*TEAMS, "lake")), st.integers(1, 3)))
    rows = tuple(
        DriverRow(name, OCTOBER.start, OCTOBER.until, quantity, HERE)  # type: ignore[arg-type]
        for name, quantity in sorted(receivers.items())
        if name in TEAMS or draw(st.booleans())
    )
    drivers = {"gb": Driver("gb", "GB", "gb.csv", HERE, rows)}
    model = replace(made, pools=pools, drivers=drivers)
    return replace(model, hash=digest(model))


def caused(project: OpenProject, mix: Mix, *, backwards: bool = False) -> tuple[Caused, Trials]:
    changes = mix.changes[::-1] if backwards else mix.changes
    causes = group_changes(changes, mix.old, mix.new)
    return find_causes(Trials(project.workspace, mix, causes, OCTOBER), causes)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(companies(), companies(), st.data())
def test_causes_sum_to_the_difference_in_whatever_order(
    project: OpenProject, old: Model, other: Model, data: st.DataObject
) -> None:
    wider = Mix(old, other)
    taken = data.draw(st.lists(st.sampled_from(wider.changes), max_size=4)) if wider.changes else []
    mix = Mix(old, wider.of(taken))
    found, trials = caused(project, mix)
    before = trials.amounts(frozenset())
    after = trials.amounts(frozenset(trials.causes))
    for figure in before.keys() | after.keys() | found.effects.keys():
        moved = after.get(figure, Fraction(0)) - before.get(figure, Fraction(0))
        assert sum(found.effects.get(figure, {}).values(), Fraction(0)) == moved
    assert sum(before.values()) == sum(after.values())
    assert caused(project, Mix(old, mix.new), backwards=True)[0] == found


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(companies(), st.data())
def test_parts_that_are_looked_at_apart_are_what_the_whole_gives(
    project: OpenProject, old: Model, data: st.DataObject
) -> None:
    """Pools split another way, each apart: the same as all subsets of all changes."""
    from apportion.run.shapley import shapley

    pools = tuple(replace(pool, splits=data.draw(splits())) for pool in old.pools)
    rules = old.rules[1:] if data.draw(st.booleans()) else old.rules
    new = replace(old, pools=pools, rules=rules, hash="new")
    mix = Mix(old, new)
    found, trials = caused(project, mix)
    whole = shapley([cause.number for cause in found.causes], trials.amounts)
    for number, own in whole.items():
        for figure, amount in own.items():
            assert found.effects.get(figure, {}).get(number) == amount
    assert sum(map(len, whole.values())) == sum(map(len, found.effects.values()))
