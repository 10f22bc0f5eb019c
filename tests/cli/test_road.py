"""The road from a bill to a proven statement, as a user walks it on the command line."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bills import SETTINGS, row, write_bill, write_project
from commands import ROWS, apportion


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "company", ROWS)


def road(folder: Path) -> Any:
    apportion(folder, "load")
    apportion(folder, "run", "--period", "2026-10")
    return apportion(folder, "statement", "--period", "2026-10", "--json")


def test_statement_totals_equal_the_bill(folder: Path) -> None:
    found = road(folder)
    # 60.005 + 30.003 + 25.01 - 5.5 + 9.99 = 119.508, rounded 119.51.
    assert found["total"] == "119.51"
    assert found["rounding"] == "0.002"
    assert found["unallocated"] == "9.99"
    teams = {team["team"]: team for team in found["teams"]}
    assert sum(Decimal(t["total"]) for t in teams.values()) + Decimal("9.99") == Decimal("119.51")
    # nlp: 60.005 - 5.5 + 12.505 = 67.01; cv: 30.003 + 12.505 = 42.508.
    assert teams["nlp"]["total"] == "67.01"
    assert teams["cv"]["total"] == "42.51"
    assert teams["nlp"]["budget"] == "100.00"
    assert teams["nlp"]["variance"] == "-32.99"
    assert teams["nlp"]["cost_center"] == "CC-1"
    for team in teams.values():
        assert sum(Decimal(line["amount"]) for line in team["lines"]) == Decimal(team["total"])


def test_proof_holds_to_the_last_digit(folder: Path) -> None:
    road(folder)
    found = apportion(folder, "reconcile", "--period", "2026-10", "--json")
    assert found["ok"]
    assert found["complete"]
    assert {proof["basis"] for proof in found["proofs"]} == {
        "BilledCost",
        "EffectiveCost",
        "ListCost",
        "ContractedCost",
    }
    for proof in found["proofs"]:
        assert Decimal(proof["read"]) == Decimal("119.508")
        assert Decimal(proof["difference"]) == 0
        assert proof["proven_to"] == "file"
        parts = [Decimal(proof[k]) for k in ("direct", "shared", "idle", "unallocated", "other")]
        assert sum(parts) == Decimal(proof["loaded"])


def test_an_invoice_that_differs_fails_the_proof(tmp_path: Path) -> None:
    settings = SETTINGS.replace("path: bills}", 'path: bills, control: {2026-10: "120.00"}}')
    folder = write_project(tmp_path / "company", ROWS, settings=settings)
    road(folder)
    found = apportion(folder, "reconcile", "--period", "2026-10", "--json", expect=3)
    assert not found["ok"]
    billed = next(proof for proof in found["proofs"] if proof["basis"] == "BilledCost")
    assert Decimal(billed["difference"]) == Decimal("0.492")
    assert billed["proven_to"] == "invoice"


def test_an_invoice_that_agrees_is_named(tmp_path: Path) -> None:
    settings = SETTINGS.replace("path: bills}", 'path: bills, control: {2026-10: "119.508"}}')
    folder = write_project(tmp_path / "company", ROWS, settings=settings)
    road(folder)
    found = apportion(folder, "reconcile", "--period", "2026-10", "--json")
    assert {p["proven_to"] for p in found["proofs"] if p["basis"] == "BilledCost"} == {"invoice"}


def test_an_unreadable_cost_makes_the_proof_incomplete_until_acknowledged(tmp_path: Path) -> None:
    bad = row("1,5", {"team": "cv"})
    folder = write_project(tmp_path / "company", [*ROWS, bad])
    said = apportion(folder, "load", expect=1)
    assert "2026-10.csv:7" in said
    listed = apportion(folder, "quarantine", "--period", "2026-10", "--json")["rows"]
    assert [(one["line"], one["row"]["BilledCost"]) for one in listed] == [(7, "1,5")]
    apportion(folder, "run", "--period", "2026-10")
    found = apportion(folder, "reconcile", "--period", "2026-10", "--json", expect=1)
    assert found["ok"]
    assert not found["complete"]
    because = ["--because", "row 7 is a test row"]
    apportion(folder, "acknowledge", "--source", "cloud", "--period", "2026-10", *because)
    found = apportion(folder, "reconcile", "--period", "2026-10", "--json")
    assert found["complete"]
    assert found["set_aside"][0]["acknowledged"][0]["because"] == "row 7 is a test row"
    said = apportion(folder, "reconcile", "--period", "2026-10")
    assert "but for the rows that were acknowledged" in said


def test_loading_twice_changes_nothing_and_a_restated_bill_replaces_the_month(folder: Path) -> None:
    first = road(folder)
    assert road(folder) == first
    write_bill(folder / "bills" / "2026-10.csv", [row("1", {"team": "cv"})])
    apportion(folder, "load")
    stale = apportion(folder, "reconcile", "--period", "2026-10", "--json")
    assert stale["stale"]
    older = apportion(folder, "statement", "--period", "2026-10", "--json")
    assert [one["code"] for one in older.pop("findings")] == ["run-stale"]
    assert older | {"findings": []} == first | {"stale": True}
    assert road(folder)["total"] == "1.00"


def test_a_moved_project_works(folder: Path, tmp_path: Path) -> None:
    first = road(folder)
    moved = folder.rename(tmp_path / "elsewhere")
    assert apportion(moved, "statement", "--period", "2026-10", "--json") == first
    apportion(moved, "run", "--period", "2026-10")
    apportion(moved, "reconcile", "--period", "2026-10")


def test_two_currencies_have_statements_of_their_own(tmp_path: Path) -> None:
    yen = row("1000.4", {"team": "cv"}, BillingCurrency="JPY")
    folder = write_project(tmp_path / "company", [*ROWS, yen])
    found = road(folder)
    assert found["currency"] == "USD"
    (other,) = found["other_currencies"]
    assert (other["currency"], other["total"], other["rounding"]) == ("JPY", "1000", "-0.4")


@pytest.mark.parametrize("costs", [["0"], ["5", "-5"]])
def test_a_month_without_a_line_has_a_statement_of_nothing(
    tmp_path: Path, costs: list[str]
) -> None:
    model = """\
organisation: [{name: nlp, kind: team}]
pools: [{name: all of it, service: EC2, split: {by: even}}]
"""
    rows = [row(cost, {}, ServiceName="EC2") for cost in costs]
    folder = write_project(tmp_path / "p", rows, model=model)
    apportion(folder, "load")
    apportion(folder, "run", "--period", "2026-10")
    found = apportion(folder, "statement", "--period", "2026-10", "--json")
    assert Decimal(found["total"]) == 0
    assert found["currency"] == "USD"
    assert "0.00" in apportion(folder, "statement", "--period", "2026-10")


def test_a_span_is_provisional_and_goes_by_day_of_usage(folder: Path) -> None:
    apportion(folder, "load")
    span = ["--from", "2026-10-01", "--until", "2026-10-05", "--json"]
    apportion(folder, "statement", "--from", "2026-10-01", "--until", "2026-10-05", expect=2)
    del span
    days = ["--from", "2026-10-05", "--until", "2026-10-06"]
    found = apportion(folder, "statement", *days, "--json")
    assert found["provisional"]
    assert found["total"] == "119.51"


def test_explain_names_rule_evidence_share_and_charges(folder: Path) -> None:
    road(folder)
    arguments = ["explain", "--period", "2026-10", "--team", "nlp", "--charges", "3", "--json"]
    found = apportion(folder, *arguments)
    direct, shared = found["lines"]
    assert direct["reasons"][0]["rule"] == "team tag"
    assert direct["reasons"][0]["evidence"] == "tagged"
    assert shared["share"] == "0.5"
    assert shared["pool_cost"] == "25.01"
    assert Decimal(found["charges"][0]["amount"]) == Decimal("60.005")
    assert "team tag" in apportion(folder, "explain", "--period", "2026-10", "--team", "nlp")


def test_a_wrong_team_is_answered_with_the_nearest(folder: Path) -> None:
    road(folder)
    said = apportion(folder, "statement", "--period", "2026-10", "--team", "nlpp", expect=2)
    assert "did you mean 'nlp'" in said


def test_what_is_not_there_yet_is_said_with_the_command_that_makes_it(folder: Path) -> None:
    assert "apportion load" in apportion(folder, "run", "--period", "2026-10", expect=2)
    apportion(folder, "load")
    said = apportion(folder, "statement", "--period", "2026-10", expect=2)
    assert "apportion run --period 2026-10" in said


def test_reading_a_statement_needs_neither_engine_nor_lake(folder: Path) -> None:
    road(folder)
    script = (
        "import sys; from apportion.cli.app import app\n"
        f"app(['--project', {str(folder)!r}, 'statement', '--period', '2026-10'],"
        " standalone_mode=False)\n"
        "assert not {'duckdb', 'pyarrow', 'sqlglot', 'alembic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("pattern", ["a{1,2000}", "(?>a)b", "(", "(?=a)"])
def test_a_pattern_that_the_engine_cannot_read_is_refused_by_check(
    folder: Path, pattern: str
) -> None:
    rules = folder / "model" / "more.yaml"
    where = f"regexp_matches(ServiceName, '{pattern}')"
    rules.write_text(f'rules:\n  - {{name: odd, where: "{where}", team: nlp}}\n')
    assert "more.yaml:2:" in apportion(folder, "check", expect=2)


def test_a_full_disk_is_told_and_not_traced(folder: Path) -> None:
    road(folder)
    words = [
        sys.executable,
        "-m",
        "apportion",
        "-p",
        str(folder),
        "statement",
        "--period",
        "2026-10",
    ]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


def test_a_period_goes_out_as_focus(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    apportion(folder, "load")
    words = ["export", "focus", "--version", "1.3", "--period", "2026-10", "--output", str(path)]
    found = apportion(folder, *words, "--json")
    assert path.read_text(encoding="utf-8").startswith("AllocatedMethodDetails,")
    assert (found["rows"], found["version"]) == (len(ROWS), "1.3")
    assert {"currency": "USD", "basis": "BilledCost", "amount": "119.508"} in found["totals"]


def test_a_statement_says_that_the_model_has_changed_since(folder: Path) -> None:
    assert road(folder)["findings"] == []
    with (folder / "model" / "model.yaml").open("a", encoding="utf-8") as model:
        model.write("tags: {team: {synonyms: [squad]}}\n")
    found = apportion(folder, "statement", "--period", "2026-10", "--json")
    assert found["stale"]
    assert [one["code"] for one in found["findings"]] == ["model-changed"]


def test_money_that_the_basis_doesnt_show_is_named(folder: Path) -> None:
    settings = (folder / "apportion.yaml").read_text(encoding="utf-8")
    (folder / "apportion.yaml").write_text(
        settings.rstrip() + "\n  other: {format: focus, path: other, without: [EffectiveCost]}\n",
        encoding="utf-8",
    )
    path = write_bill(folder / "other" / "bill.csv", [row("300", {"team": "nlp"})])
    text = path.read_text(encoding="utf-8").replace("EffectiveCost", "x_Effective")
    path.write_text(text, encoding="utf-8")
    found = road(folder)
    assert found["total"] == "119.51"
    (told,) = found["findings"]
    assert told["code"] == "basis-not-carried"
    assert "BilledCost of 300 USD" in told["message"]
    assert apportion(folder, "statement", "--period", "2026-10", "--basis", "billed")
    proof = apportion(folder, "reconcile", "--period", "2026-10", "--json", expect=1)
    assert (proof["ok"], proof["complete"]) == (True, False)


def test_a_bill_of_more_than_28_digits_is_proven(tmp_path: Path) -> None:
    costs = ["12345678901.123456789012345678", "0.000000000000000001", "-2.5"]
    tagged = [row(costs[0], {"team": "nlp"}), row(costs[1]), row(costs[2], {"team": "cv"})]
    project = write_project(tmp_path / "company", tagged)
    assert road(project)["total"] == "12345678898.62"
    found = apportion(project, "reconcile", "--period", "2026-10", "--json")
    assert {one["read"] for one in found["proofs"]} == {"12345678898.623456789012345679"}
    assert {one["difference"] for one in found["proofs"]} == {"0"}
    words = ["export", "focus", "--period", "2026-10", "--output", str(tmp_path / "out.csv")]
    made = apportion(project, *words, "--json")
    assert {one["amount"] for one in made["totals"]} == {"12345678898.623456789012345679"}
