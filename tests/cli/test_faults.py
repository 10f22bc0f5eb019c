"""What goes wrong on the command line: told with place and remedy, and as JSON where asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bills import SETTINGS, row, write_bill, write_project
from walk import apportion

ROWS = [row("60.005", {"team": "nlp"}), row("30.003", {"team": "cv"})]
PERIOD = ("--period", "2026-10")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "company", ROWS)


def run(folder: Path, *words: str, expect: int = 0) -> str:
    code, output, errors = apportion(folder, *words)
    assert code == expect, output + errors
    return output if "--json" in words else output + errors


def faults(folder: Path, *words: str) -> list[dict[str, Any]]:
    document = json.loads(run(folder, *words, "--json", expect=2))
    assert document["ok"] is False
    found: list[dict[str, Any]] = document["faults"]
    return found


@pytest.mark.parametrize("command", [["check"], ["load"], ["run", *PERIOD], ["untagged", *PERIOD]])
def test_faults_of_the_model_are_json_where_json_was_asked_for(
    folder: Path, command: list[str]
) -> None:
    (folder / "model" / "more.yaml").write_text("rules:\n  - {name: a, tema: nlp}\npols: []\n")
    found = faults(folder, *command)
    assert [(one["line"], one["column"]) for one in found] == [(2, 5), (2, 15), (3, 1)]
    assert found[0]["file"].endswith("more.yaml")
    assert "team" in found[1]["hint"]
    assert set(found[0]) == {"file", "line", "column", "what", "why", "hint"}


def test_every_other_fault_is_json_too(folder: Path) -> None:
    (one,) = faults(folder, "statement", *PERIOD)
    assert one["what"] == "no run was made for 2026-10"
    (one,) = faults(folder, "statement", "--perod", "2026-10")
    assert "--perod" in one["what"]
    assert "apportion statement --help" in one["hint"]


def test_the_project_stands_before_the_command(folder: Path) -> None:
    said = run(folder, "check", "--project", "elsewhere", expect=2)
    assert "No such option: --project" in said
    assert "apportion --project DIR COMMAND" in said


def test_no_command_prints_the_help(folder: Path) -> None:
    assert "Usage" in run(folder, expect=2)
    assert "Usage" in run(folder, "--help")


def test_all_rows_that_were_set_aside_are_counted(folder: Path) -> None:
    write_bill(folder / "bills" / "2026-10.csv", [*ROWS, *(row("1,5") for _ in range(1200))])
    run(folder, "load", expect=1)
    assert "the first 1,000 of 1,200 rows set aside" in run(folder, "quarantine", *PERIOD)
    found = json.loads(run(folder, "quarantine", *PERIOD, "--json"))
    assert (found["total"], found["shown"], len(found["rows"])) == (1200, 1000, 1000)


def test_an_unknown_source_is_answered_with_the_nearest(folder: Path) -> None:
    run(folder, "load")
    words = ["acknowledge", "--source", "clod", *PERIOD, "--because", "test"]
    assert "did you mean 'cloud'" in run(folder, *words, expect=2)
    assert "did you mean 'cloud'" in run(folder, "load", "--source", "clod", expect=2)


def test_init_on_a_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    said = run(tmp_path, "init", str(path), expect=2)
    assert str(path) in said
    assert "choose another name" in said


def test_what_the_system_refuses_names_the_file_and_a_remedy() -> None:
    import errno

    from apportion.cli.faults import of_system

    said = str(of_system(FileNotFoundError(errno.ENOENT, "No such file or directory", "a/b.csv")))
    assert said.startswith("a/b.csv: the system refused: No such file or directory")
    assert "put it back" in said


def test_figures_of_the_proof_have_one_form(folder: Path) -> None:
    run(folder, "load")
    run(folder, "run", *PERIOD)
    (proof, *_) = json.loads(run(folder, "reconcile", *PERIOD, "--json"))["proofs"]
    assert (proof["read"], proof["direct"], proof["difference"]) == ("90.008", "90.008", "0")


def test_counts_of_one_are_singular(folder: Path) -> None:
    assert "1 file read, 0 known already, 0 duplicates; 2 rows in" in run(folder, "load")


def test_what_is_told_of_a_month_names_it_where_a_bill_holds_several(folder: Path) -> None:
    november = {"BillingPeriodStart": "2026-11-01T00:00:00Z"}
    rows = [
        row("1", None, ServiceCategory="Odd"),
        row("1", None, ServiceCategory="Odd", **november),
    ]
    write_bill(folder / "bills" / "2026-10.csv", rows)
    said = run(folder, "load")
    assert "2026-10: ServiceCategory" in said
    assert "2026-11: ServiceCategory" in said


def test_a_source_that_brings_nothing_is_noted(folder: Path) -> None:
    more = "  saas: {format: focus, path: saas.csv}\n"
    (folder / "apportion.yaml").write_text(SETTINGS + more)
    run(folder, "load", "--source", "cloud")
    for command in ("run", "reconcile"):
        assert "source saas brings no charges for 2026-10" in run(folder, command, *PERIOD)
        found = json.loads(run(folder, command, *PERIOD, "--json"))["findings"]
        assert "source-without-charges" in [one["code"] for one in found]


def test_one_bill_in_two_sources_is_a_warning_that_names_both(folder: Path) -> None:
    (folder / "apportion.yaml").write_text(SETTINGS + "  again: {format: focus, path: copy.csv}\n")
    (folder / "copy.csv").write_bytes((folder / "bills" / "2026-10.csv").read_bytes())
    said = run(folder, "load")
    assert "duplicate-in-sources: copy.csv: the same content, to the byte" in said
    assert "bills/2026-10.csv of source cloud" in said
    assert "duplicate-in-sources: bills/2026-10.csv" in run(folder, "load")


def test_a_link_that_leads_nowhere_is_no_bill_to_pass_over(folder: Path) -> None:
    (folder / "bills" / "2026-11.csv").symlink_to(folder / "gone.csv")
    said = run(folder, "load", expect=2)
    assert "bills/2026-11.csv: a link that leads nowhere" in said


def test_faults_of_driver_and_resource_lists_name_the_column(folder: Path) -> None:
    model = folder / "model"
    (model / "gb.csv").write_text("team,period,quantity\nnlp,2026-10,ten\nnlpp,2026-11,1\n")
    (model / "gb.yaml").write_text("drivers:\n  - {name: gb, unit: GB, file: gb.csv}\n")
    (model / "list.csv").write_text("ResourceId,team,from\nr-1,nlpp,\nr-2,nlp,soon\n")
    (model / "list.yaml").write_text("rules:\n  - {name: listed, resources: list.csv}\n")
    found = {
        (Path(one["file"]).name, one["line"], one["column"]) for one in faults(folder, "check")
    }
    assert found == {("gb.csv", 2, 13), ("gb.csv", 3, 1), ("list.csv", 2, 5), ("list.csv", 3, 9)}
