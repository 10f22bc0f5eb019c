"""Whatever was used: what is traced is what is carried, and groups add up to the whole."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.insight.carried import carried, in_reporting
from apportion.insight.movers import find_movers
from apportion.insight.unit_costs import find_unit_costs
from apportion.run.open_project import OpenProject
from unit_projects import random_project

MONTHS = ("2026-09", "2026-10", "2026-11")
GROUPS = ("team", "model", "key", "day", "run", "pool")


@pytest.mark.parametrize("seed", range(6))
def test_parts_add_up_to_what_teams_carry(tmp_path: Path, seed: int) -> None:
    place = random_project(tmp_path / "project", seed, MONTHS)
    before, after, _ = place.runs(*MONTHS)
    with OpenProject(place.root) as project:
        traced: dict[str, Fraction] = defaultdict(Fraction)
        for piece in carried(project.workspace, project.model, after).pieces:
            traced[piece.line.id] += piece.amount
        assert traced == {one.id: one.amounts.of(after.basis) for one in in_reporting(after)}

        whole = find_unit_costs(project.workspace, project.model, after)
        sums = {(one.measure, one.of, one.note): (one.cost, one.count) for one in whole.costs}
        tokens = [one for one in whole.costs if one.measure == "per 1M tokens"]
        classes = [one for one in tokens if one.of != "blended"]
        (blended,) = (one for one in tokens if one.of == "blended")
        assert sum(one.cost for one in classes) == blended.cost
        assert sum(one.count or 0 for one in classes) == blended.count
        for by in GROUPS:
            told = find_unit_costs(project.workspace, project.model, after, by=by)
            costs: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
            counts: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
            for one in told.costs:
                costs[one.measure, one.of, one.note] += one.cost
                counts[one.measure, one.of, one.note] += one.count or 0
            for at, cost in costs.items():
                assert sums[at][0] == cost, (by, at)
                if "run" not in at[0] or by in {"run", "team"}:
                    assert (sums[at][1] or 0) == counts[at], (by, at)

        (movers,) = find_movers(project.workspace, project.model, before, after).movers
        assert movers.effects.total == movers.after - movers.before
        items = sum(item.change for item in movers.items)
        assert items + movers.effects.rule == movers.after - movers.before
        for line in movers.lines:
            assert line.effects.total == line.change
        totals = [
            sum(line.amounts.of(run.basis) for line in in_reporting(run)) for run in (before, after)
        ]
        assert movers.after - movers.before == totals[1] - totals[0]
