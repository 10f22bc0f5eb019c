"""KPIs of allocation: worked by hand on projects whose statements are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from walk import apportion

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def kpis(folder: Path, name: str) -> dict[str, str | None]:
    project = folder / name
    shutil.copytree(SCENARIOS / name, project)
    for words in ("load", "run --period 2026-10"):
        assert apportion(project, *words.split())[0] in {0, 1}
    code, said, errors = apportion(project, *"kpis --period 2026-10 --json".split())
    assert code == 0, errors
    found = json.loads(said)["kpis"]
    assert all(one["formula"].startswith("=") for one in found)
    assert all(one["numerator"] == "0" for one in found if one["percent"] is None)
    return {one["name"]: one["percent"] for one in found}


def test_shares_of_cost_with_something_in_suspense(tmp_path: Path) -> None:
    # 840 of 1,000 direct, 70 in the pool, 90 in suspense; the pool reached teams as a whole.
    assert kpis(tmp_path, "suspense") == {
        "allocated direct": "84.00",
        "allocated by rule": "7.00",
        "not allocated": "9.00",
        "shared cost distributed": "100.00",
        "idle share": None,
        "tag compliance": None,
    }


@pytest.mark.parametrize("name", ["between-pools", "chain-of-pools", "feature-store"])
def test_three_figures_sum_to_a_hundred(tmp_path: Path, name: str) -> None:
    found = kpis(tmp_path, name)
    parts = [found[key] for key in ("allocated direct", "allocated by rule", "not allocated")]
    assert sum(float(part or 0) for part in parts) == 100
    assert found["shared cost distributed"] == "100.00"


def test_idle_capacity_has_a_share(tmp_path: Path) -> None:
    found = kpis(tmp_path, "idle-capacity")
    assert found["idle share"] is not None
    project = tmp_path / "idle-capacity"
    code, said, _ = apportion(project, *"kpis --period 2026-10".split())
    assert code == 0
    assert "idle share = cost of idle capacity" in said
