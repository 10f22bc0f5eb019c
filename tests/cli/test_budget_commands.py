"""The budget's way on the command line: drawn up, approved by another, moved, held against."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.api import open_project
from bills import row
from commands import apportion
from small_projects import MODEL, Small

BUDGET = """owner,month,amount,allowance
team:nlp,2026-10,80.00,
team:nlp,2026-10,10.00,yes
product:assistant,2026-10,90.00,
central:unallocated,2026-10,40.00,
"""


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}), row("30.00", {}))
    small.write(MODEL)
    small.run()
    (small.root / "b.csv").write_text(BUDGET)
    return small


def test_the_whole_way(place: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    root = place.root
    by = monkeypatch.setenv
    by("APPORTION_ACTOR", "ann")
    made = apportion(root, "budget", "import", str(root / "b.csv"), "--name", "2026", "--json")
    assert (made["id"], made["state"], made["total"]) == ("2026 v1", "draft", "220.00")
    apportion(root, "budget", "submit")
    told = apportion(root, "budget", "approve", expect=2)
    assert "ann drew up budget 2026 v1, and can't decide on it" in told
    by("APPORTION_ACTOR", "ben")
    assert apportion(root, "budget", "approve", "--json")["state"] == "approved"

    by("APPORTION_ACTOR", "ann")
    moved = apportion(
        root,
        *("budget", "transfer", "--from", "central:unallocated", "--to", "product:assistant"),
        *("--amount", "30", "--months", "2026-10", "--because", "it moved", "--json"),
    )
    assert (moved["kind"], moved["state"], moved["total"]) == ("transfer", "draft", "0.00")
    apportion(root, "budget", "submit", "--transfer", "1")
    by("APPORTION_ACTOR", "ben")
    apportion(root, "budget", "approve", "--transfer", "1")

    shown = apportion(root, "budget", "show", "--json")
    assert shown["total"] == "220.00"
    status = apportion(root, "budget", "status", "--period", "2026-10", "--json")
    by_owner = {one["owner"]: one for one in status["owners"]}
    assert by_owner["team:nlp"]["variance_percent"] == "12.50"
    assert by_owner["team:nlp"]["allowance_used"] == "10.00"
    assert by_owner["product:assistant"]["left"] == "20.00"
    assert "variance %" in apportion(root, "budget", "status", "--period", "2026-10")
    with open_project(root) as project:
        table = project.budget_status("2026-10").to_pylist()
    assert {one["owner"]: one["burn"] for one in table}["product:assistant"] == "5/6"

    phased = apportion(
        root,
        *("budget", "phase", "--name", "2026", "--owner", "team:cv", "--amount", "100", "--json"),
    )
    assert phased["number"] == 2
    assert sum(round(float(one["amount"]) * 100) for one in phased["lines"]) == 320_00
    differ = apportion(root, "budget", "compare", "1", "2", "--json")["differences"]
    assert {one["owner"] for one in differ} >= {"team:cv"}
    assert "2026 v1 transfer 1" in apportion(root, "budget", "list")
    (root / "f.csv").write_text("month,amount\n2026-10,117\n")
    kept = apportion(root, "budget", "forecast", "import", str(root / "f.csv"), "--json")
    assert kept["forecasts"][0]["wape_percent"] == "10.00"
    assert "WAPE" in apportion(root, "budget", "forecast", "accuracy")
    assert apportion(root, "audit", "verify", "--json")["broken"] is None


def test_a_budget_that_isnt_there_is_told(place: Small) -> None:
    assert "there is no budget" in apportion(place.root, "budget", "show", expect=2)
    told = apportion(place.root, "budget", "status", "--period", "2026-10", expect=2)
    assert "no approved budget covers 2026-10" in told
