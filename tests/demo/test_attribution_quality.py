"""How good is the sample company's model? The truth says who really owns each resource."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.attribute import attribute
from apportion.demo import write_demo
from apportion.domain.period import Period
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from apportion.store.relation import sql, table

PERIOD = Period(2026, 10)

Decided = dict[tuple[str, str, str], Decimal]
"""Cost by owner in truth, what was decided, and the evidence."""


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    folder = tmp_path_factory.mktemp("quality")
    write_demo(folder, months=1)
    with (folder / "truth" / "resources.csv").open(newline="") as file:
        truth = {row["ResourceId"]: row["owner"] for row in csv.DictReader(file)}
    found: Decided = defaultdict(Decimal)
    for resource, owner, evidence, cost in _costs(folder):
        if resource in truth:
            found[truth[resource], owner, evidence] += cost
    return found


def _costs(folder: Path) -> list[tuple[str, str, str, Decimal]]:
    with OpenProject(folder) as project:
        bring_in(project)
        charges = project.workspace.charges([PERIOD])
        found = attribute(
            project.engine,
            project.model,
            PERIOD.span,
            keys=charges.keys,
            tags=charges.tags,
            daily=charges.daily,
            monthly=charges.monthly,
        )
        rows = project.engine.fetch(
            sql(
                "SELECT k.ResourceId AS r, a.Owner AS o, a.Evidence AS e, "
                "sum(a.EffectiveCost) AS c FROM _a AS a JOIN _k AS k ON k.KeyId = a.KeyId "
                "GROUP BY k.ResourceId, a.Owner, a.Evidence",
                _a=table(found.relation),
                _k=table(charges.keys),
            )
        ).to_pylist()
    return [(row["r"], row["o"], row["e"], row["c"]) for row in rows]


def test_nothing_is_charged_to_a_wrong_team(decided: Decided) -> None:
    """Whatever isn't the owner's in truth is unallocated, or in the pool made for it."""
    expected = {"platform": "platform-tax"}
    wrong = {
        key: cost
        for key, cost in decided.items()
        if key[1] not in {key[0], expected.get(key[0]), "unallocated"} and cost
    }
    assert wrong == {}


def test_most_of_the_cost_finds_its_owner(decided: Decided) -> None:
    total = sum(decided.values())
    found = sum(cost for (_, owner, _), cost in decided.items() if owner != "unallocated")
    assert Decimal("0.70") < found / total < Decimal("0.90")


def test_the_evidence_is_of_each_strength(decided: Decided) -> None:
    kinds = {evidence for (_, _, evidence), cost in decided.items() if cost}
    assert kinds == {"tagged", "mapped", "pattern", "none"}
