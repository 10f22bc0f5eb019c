"""From untagged cost to an owner, as a user walks it: untagged, assign, ask, answer, run."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from apportion.cli.app import app
from apportion.errors import ApportionError, ConfigurationError, NotLoaded, UsageError
from apportion.run.open_project import OpenProject
from bills import row, write_project

OCTOBER = ("--period", "2026-10")

MODEL = """\
organisation:
  - {name: nlp, kind: team, owner: ann@example.com}
  - {name: cv, kind: team, title: Computer vision, owner: bo@example.com}
tags:
  team: {synonyms: [Team], required: true, values: [nlp, cv], aliases: {cv: [vision]}}
  env: {values: [prod, dev]}
rules:
  - {name: team tag, team_from_tag: team}
  - {name: gpu boxes, resource_name: "gpu-*", team: cv}
pools:
  - {name: platform, tag: {service: platform}, split: {by: even}}
"""

HOSTILE = "=HYPERLINK(\x1b[31m'x')"


def machine(n: int, name: str, cost: str, tags: dict[str, str], **over: str) -> dict[str, str]:
    return row(cost, tags, ResourceId=f"i-{n}", ResourceName=name, **over)


ROWS = [
    # Known: 100 to nlp (two machines), 100 to cv, one of them by an alias under a synonym.
    machine(1, "nlp-train-01", "60", {"team": "nlp", "env": "prod"}),
    machine(2, "nlp-train-02", "40", {"team": "nlp"}),
    machine(3, "vision-label-01", "70", {"team": "cv"}),
    machine(4, "vision-label-02", "30", {"Team": "Vision"}),
    # In the gap: 90 without tags, 20 misspelt, 15 by the look of a name, 5 that tell nothing.
    machine(5, "nlp-train-03", "90", {"env": "prd"}),
    machine(6, "batch-7", "20", {"team": "npl"}),
    machine(7, "gpu-1", "15", {}),
    machine(8, HOSTILE, "4", {}),
    row("1", {}, ResourceId="", ResourceName="", ServiceName="Support"),
    # What everybody shares costs fifty.
    machine(9, "cluster", "50", {"service": "platform", "team": "nlp"}),
]


def run(folder: Path, *arguments: str, code: int = 0) -> Any:
    """Run a command; its JSON where it prints some, else its text."""
    done = CliRunner().invoke(app, ["--project", str(folder), *arguments])
    if isinstance(done.exception, ApportionError):
        raise done.exception
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if "--json" in arguments else done.output


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_project(tmp_path_factory.mktemp("loaded") / "company", ROWS, model=MODEL)
    run(made, "load")
    return made


@pytest.fixture
def folder(loaded: Path, tmp_path: Path) -> Path:
    """A loaded project of the test's own: a project folder can be copied."""
    return Path(shutil.copytree(loaded, tmp_path / "company"))


def untagged(folder: Path, *more: str) -> Any:
    return run(folder, "untagged", *OCTOBER, "--json", *more)


def statement(folder: Path) -> dict[str, str]:
    """What each team carries after a new run."""
    run(folder, "run", *OCTOBER)
    found = run(folder, "statement", *OCTOBER, "--json")
    return {t["team"]: t["total"] for t in found["teams"]} | {"nobody": found["unallocated"]}


def test_coverage_is_of_the_whole_bill_and_sums_to_100(folder: Path) -> None:
    found = untagged(folder)["coverage"]
    # 380 = 100 nlp + 100 cv + 15 gpu | 50 shared | 115 unallocated
    assert found["total"] == "380.00"
    assert found["direct"]["amount"] == "215.00"
    assert found["shared"]["amount"] == "50.00"
    assert found["unallocated"]["amount"] == "115.00"
    assert sum(Decimal(found[k]["percent"]) for k in ("direct", "shared", "unallocated")) == 100


def test_compliance_states_its_denominator(folder: Path) -> None:
    found = untagged(folder)["compliance"]
    # Taggable is all but the support charge: 379. Good are 60 + 40 + 70 + 30 + 50.
    assert (found["taggable"], found["compliant"], found["percent"]) == ("379", "250", "65.96")
    (team,) = found["keys"]
    assert team["exact"] == "220"
    assert team["otherwise_spelt"] == "30"
    assert team["not_allowed"] == "20"
    assert team["missing"] == "109"
    assert "÷ cost of taggable charges" in found["formula"]
    assert "without listed values counts with any value" in found["formula"]


def test_the_costliest_come_first_each_with_its_likely_owner_and_evidence(folder: Path) -> None:
    found = untagged(folder, "--top", "3")
    assert (found["number"], found["cost"]) == (5, "130")
    names = [(one["name"], one["cost"], one["state"]) for one in found["resources"]]
    assert names == [
        ("nlp-train-03", "90", "unallocated"),
        ("batch-7", "20", "unallocated"),
        ("gpu-1", "15", "pattern"),
    ]
    first, second, third = found["resources"]
    assert first["missing_tags"] == ["team"]
    assert first["days"] == 1
    assert first["likely_owner"]["team"] == "nlp"
    parts = first["likely_owner"]["evidence"]
    assert sum(part["points"] for part in parts) == first["likely_owner"]["score"]
    assert any("shares 'nlp-train' with 2 resources of team nlp" in p["words"] for p in parts)
    assert second["missing_tags"] == []
    assert second["likely_owner"]["team"] == "nlp"
    assert third["likely_owner"]["team"] == "cv"


def test_what_tells_nothing_gets_no_owner(folder: Path) -> None:
    last = untagged(folder)["resources"][-2:]
    assert [one["likely_owner"] for one in last] == [None, None]
    assert [one["resource"] for one in last] == ["i-8", None]
    assert all(one["no_proposal"] for one in last)


def test_slips_in_tags_are_reported_with_their_cost(folder: Path) -> None:
    found = {
        (m["key"], m["value"]): (m["meant"], m["cost"]) for m in untagged(folder)["misspellings"]
    }
    assert found == {("team", "npl"): ("nlp", "20"), ("env", "prd"): ("prod", "90")}


def test_a_charge_that_bears_two_spellings_counts_once_in_the_schema(tmp_path: Path) -> None:
    rows = [
        machine(1, "a", "60", {"team": "nlp", "Team": "nlp"}),
        machine(2, "b", "20", {"Team": "cv"}),
        machine(3, "c", "20", {}),
    ]
    made = write_project(tmp_path / "p", rows, model=MODEL)
    run(made, "load")
    found = untagged(made)
    costs = {one["key"]: one["cost"] for one in found["schema"]}
    assert costs["team"] == "80"
    assert "# on 80.00 % of cost" in found["schema_yaml"]


def test_the_proposed_schema_can_be_put_into_the_model(folder: Path) -> None:
    text = run(folder, "untagged", *OCTOBER, "--schema")
    model = (folder / "model" / "model.yaml").read_text()
    before, _, rest = model.partition("tags:")
    (folder / "model" / "model.yaml").write_text(before + rest[rest.index("rules:") :])
    (folder / "model" / "tags.yaml").write_text(text)
    assert statement(folder)["nobody"] == "95.00"  # 115 less the 20 of team npl, now an alias


def test_the_page_for_people_shows_no_control_characters(folder: Path) -> None:
    page = run(folder, "untagged", *OCTOBER)
    assert "\x1b" not in page
    assert "Coverage" in page
    assert "nlp-train-03" in page
    assert "56.58 %" in page


def test_a_bill_without_a_gap_or_required_tags_is_no_fault(tmp_path: Path) -> None:
    made = write_project(tmp_path / "p", [machine(1, "a", "0", {"team": "nlp"})])
    run(made, "load")
    found = untagged(made)
    assert found["coverage"]["direct"]["percent"] is None
    assert found["compliance"]["percent"] is None
    assert found["resources"] == []
    assert "n/a" in run(made, "untagged", *OCTOBER)
    with pytest.raises(NotLoaded):
        run(made, "untagged", "--period", "2025-01")


def test_an_assignment_moves_the_cost_with_the_next_run(folder: Path) -> None:
    assert statement(folder) == {"nlp": "125.00", "cv": "140.00", "nobody": "115.00"}
    run(folder, "assign", "nlp-train-03", "--team", "nlp", "--because", "ticket 12")
    assert statement(folder) == {"nlp": "215.00", "cv": "140.00", "nobody": "25.00"}
    written = (folder / "model" / "assignments.csv").read_text().splitlines()
    assert written[1].startswith("i-5,nlp,2026-10-01,,ticket 12,")
    explained = run(folder, "explain", *OCTOBER, "--team", "nlp", "--json")
    reasons = [reason for line in explained["lines"] for reason in line["reasons"]]
    assert {r["evidence"] for r in reasons if r["rule"] == "accepted proposals"} == {"manual"}


def test_a_likely_owner_is_accepted_with_its_evidence(folder: Path) -> None:
    found = run(folder, "assign", "i-5", *OCTOBER, "--json")
    assert found["changed"] == 1
    assert found["assignments"][0]["team"] == "nlp"
    assert found["assignments"][0]["from"] == "2026-10-01"
    assert "shares 'nlp-train'" in found["assignments"][0]["because"]
    assert all(one["resource"] != "i-5" for one in untagged(folder)["resources"])
    assert run(folder, "assign", "i-5", *OCTOBER, "--json")["changed"] == 0
    with OpenProject(folder) as project:
        (entry,) = project.books.audit(action="assign")
    assert (entry.subject, entry.detail["team"]) == ("i-5", "nlp")


def test_all_that_is_sure_is_accepted_at_once_and_again_changes_nothing(folder: Path) -> None:
    found = run(folder, "assign", "--all", *OCTOBER, "--at-least", "80", "--json")
    assert [(a["resource"], a["team"]) for a in found["assignments"]] == [
        ("i-5", "nlp"),
        ("i-6", "nlp"),
    ]
    before = (folder / "model" / "assignments.csv").read_bytes()
    assert run(folder, "assign", "--all", *OCTOBER, "--at-least", "80", "--json")["changed"] == 0
    assert run(folder, "assign", "i-5", "--team", "nlp", "--json")["changed"] == 0
    assert (folder / "model" / "assignments.csv").read_bytes() == before
    with OpenProject(folder) as project:
        assert len(project.books.audit(action="assign")) == 2


@pytest.mark.parametrize(
    ("arguments", "fault", "words"),
    [
        (("nlp-train-03", "--team", "nlq"), UsageError, "did you mean 'nlp'"),
        (("nlp-train-3", "--team", "nlp"), NotLoaded, "did you mean 'nlp-train-03'"),
        (("nlp-train-01", *OCTOBER), UsageError, "has an owner"),
        (("i-8", *OCTOBER), UsageError, "nobody is likely"),
        (("i-5", "--team", "nlp", "--from", "soon"), UsageError, "YYYY-MM-DD"),
        (
            ("i-5", "--team", "nlp", "--from", "2026-10-09", "--until", "2026-10-09"),
            UsageError,
            "end",
        ),
        (("i-5",), UsageError, "--team"),
        ((), UsageError, "--all"),
        (("i-5", "--all", *OCTOBER), UsageError, "--all"),
    ],
)
def test_what_cannot_be_assigned_is_refused_and_nothing_written(
    folder: Path, arguments: tuple[str, ...], fault: type[ApportionError], words: str
) -> None:
    with pytest.raises(fault) as raised:
        run(folder, "assign", *arguments)
    assert words in str(raised.value)
    assert not (folder / "model" / "assignments.csv").exists()


def test_a_name_that_two_resources_bear_must_be_given_by_id(tmp_path: Path) -> None:
    rows = [machine(1, "twin", "1", {}), machine(2, "twin", "2", {})]
    made = write_project(tmp_path / "p", rows, model=MODEL)
    run(made, "load")
    with pytest.raises(UsageError, match="2 resources are called 'twin'"):
        run(made, "assign", "twin", "--team", "nlp")
    run(made, "assign", "i-2", "--team", "nlp")


def ask(folder: Path) -> dict[str, Path]:
    found = run(folder, "ask", *OCTOBER, "--json")
    return {one["team"]: Path(one["file"]) for one in found["files"]}


def write_answer(path: Path, resource: str, answer: str) -> int:
    """Answer one question as a person would; the line that it stands on."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"- resource: {resource}")
    at = next(n for n in range(start, len(lines)) if lines[n] == "  answer:")
    lines[at] += f" {answer}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return at + 1


def test_questions_go_to_likely_owners_and_answers_come_back(folder: Path) -> None:
    files = ask(folder)
    assert set(files) == {"nlp", "cv"}
    assert "who: ann@example.com" in files["nlp"].read_text()
    write_answer(files["nlp"], "i-5", "accept")
    write_answer(files["nlp"], "i-6", "cv")
    write_answer(files["cv"], "i-7", "deny")
    paths = [str(path) for path in files.values()]
    found = run(folder, "answer", *paths, "--json")
    assert sorted((a["resource"], a["team"]) for a in found["assignments"]) == [
        ("i-5", "nlp"),
        ("i-6", "cv"),
    ]
    assert sorted((d["resource"], d["team"]) for d in found["denials"]) == [
        ("i-6", "nlp"),
        ("i-7", "cv"),
    ]
    assert statement(folder) == {"nlp": "215.00", "cv": "160.00", "nobody": "5.00"}
    again = run(folder, "answer", *paths, "--json")
    assert (again["changed"], again["denials"]) == (0, [])
    with OpenProject(folder) as project:
        actions = [entry.action for entry in project.books.audit() if entry.subject == "i-6"]
    assert actions == ["ask", "assign", "deny"]


def test_a_denied_owner_is_not_proposed_again(folder: Path) -> None:
    files = ask(folder)
    write_answer(files["nlp"], "i-5", "deny")
    run(folder, "answer", str(files["nlp"]))
    gap = {one["resource"]: one for one in untagged(folder)["resources"]}
    assert gap["i-5"]["likely_owner"] is None
    assert gap["i-6"]["likely_owner"]["team"] == "nlp"
    assert (folder / "model" / "denials.csv").read_text().startswith("resource,team,on,by,because")


def test_answers_at_fault_are_all_named_and_nothing_is_written(folder: Path) -> None:
    files = ask(folder)
    first = write_answer(files["nlp"], "i-5", "nlpp")
    second = write_answer(files["nlp"], "i-6", "accept")
    text = files["nlp"].read_text().replace("resource: i-6", "resource: i-66")
    files["nlp"].write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        run(folder, "answer", str(files["nlp"]))
    faults = [str(fault) for fault in raised.value.all()]
    assert faults[0].startswith(f"{files['nlp']}:{first}:11: 'nlpp' is no answer, nor a team")
    assert "did you mean 'nlp'" in faults[0]
    assert faults[1].startswith(f"{files['nlp']}:{second}:11: no loaded bill knows")
    assert not (folder / "model" / "assignments.csv").exists()
    assert not (folder / "model" / "denials.csv").exists()


def test_an_answer_against_an_assignment_is_a_fault_at_its_place(folder: Path) -> None:
    files = ask(folder)
    run(folder, "assign", "i-5", "--team", "cv")
    line = write_answer(files["nlp"], "i-5", "accept")
    with pytest.raises(ConfigurationError, match=f":{line}:11: i-5 can't be nlp's"):
        run(folder, "answer", str(files["nlp"]))


def test_other_currencies_are_reported_apart(tmp_path: Path) -> None:
    rows = [
        machine(1, "nlp-a", "5", {"team": "nlp"}),
        machine(2, "nlp-b", "7", {}, BillingCurrency="EUR"),
    ]
    made = write_project(tmp_path / "p", rows, model=MODEL)
    run(made, "load")
    found = untagged(made)
    assert (found["currency"], found["number"]) == ("USD", 0)
    (euro,) = found["other_currencies"]
    assert (euro["currency"], euro["cost"], euro["coverage"]["unallocated"]["percent"]) == (
        "EUR",
        "7",
        "100.00",
    )
