"""apportion compare, the shadow model and comments, as people use them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bills import row, write_bill, write_project
from walk import apportion

ROWS = [
    row("60", {"team": "nlp"}),
    row("30", {"team": "cv"}, ServiceName="Storage"),
    row("100", {"service": "platform"}),
]
MODEL = """\
organisation:
  - {name: nlp, kind: team, head_count: 3, title: "<NLP> | team"}
  - {name: cv, kind: team, head_count: 1}
rules:
  - {name: team tag, team_from_tag: team}
pools:
  - {name: platform, tag: {service: platform}, split: {by: even}}
"""
NEXT = MODEL.replace("by: even", "by: head_count")
CAUSE = "pool platform: split by even → head_count"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_project(tmp_path / "company", ROWS, model=MODEL)
    november = [
        {**each, "BillingPeriodStart": "2026-11-01", "BillingPeriodEnd": "2026-12-01",
         "ChargePeriodStart": "2026-11-05", "ChargePeriodEnd": "2026-11-06"}
        for each in ROWS
    ]  # fmt: skip
    write_bill(made / "bills" / "2026-11.csv", november)
    (made / "model-next").mkdir()
    (made / "model-next" / "model.yaml").write_text(NEXT)
    run(made, "load")
    return made


def run(folder: Path, *words: str, expect: int = 0) -> str:
    code, output, errors = apportion(folder, *words)
    assert code == expect, output + errors
    return output + errors


def compared(folder: Path, *words: str) -> Any:
    return json.loads(run(folder, "compare", "--period", "2026-10", *words, "--json"))


def owners(document: Any, period: int = 0) -> dict[str, Any]:
    (found,) = document["periods"][period]["currencies"]
    assert found["old_total"] == found["new_total"]
    for own in found["owners"]:
        for part in (own, *own["lines"]):
            assert Decimal(part["old"]) + Decimal(part["difference"]) == Decimal(part["new"])
            added = sum((Decimal(one["amount"]) for one in part["causes"]), Decimal(0))
            assert added == Decimal(part["difference"])
    return {own["owner"]: own for own in found["owners"]}


def test_a_folder_in_the_project(folder: Path) -> None:
    document = compared(folder, "--with", "model-next")
    nlp = owners(document)["nlp"]
    assert (nlp["old"], nlp["new"], nlp["percent"]) == ("110.00", "135.00", "22.73")
    assert document["periods"][0]["causes"][0]["title"] == CAUSE
    assert nlp["causes"] == [{"cause": 1, "amount": "25.00", "exact": "25"}]


def test_a_whole_project_elsewhere_and_the_other_way_round(folder: Path, tmp_path: Path) -> None:
    other = write_project(tmp_path / "other", [], model=NEXT)
    nlp = owners(compared(folder, "--with", str(other), "--as-current"))["nlp"]
    assert (nlp["old"], nlp["new"]) == ("135.00", "110.00")


def test_several_months_and_their_sum(folder: Path) -> None:
    words = ("--period", "2026-11", "--months", "2", "--with", "model-next")
    document = json.loads(run(folder, "compare", *words, "--json"))
    assert [one["period"] for one in document["periods"]] == ["2026-10", "2026-11"]
    (sums,) = document["months"]
    assert {one["owner"]: one["difference"] for one in sums["owners"]} == {
        "nlp": "50.00", "cv": "-50.00",
    }  # fmt: skip
    assert "2 months" in run(folder, "compare", *words)


def test_the_table_says_why(folder: Path) -> None:
    said = run(folder, "compare", "--with", "model-next")
    assert "2026-11" in said, "the last loaded month when no period is given"
    assert f"cv: -25.00 {CAUSE}" in said
    lines = run(folder, "compare", "--with", "model-next", "--team", "cv")
    assert "pool platform" in lines
    assert "Storage" in lines


def test_csv_has_a_row_for_each_line(folder: Path) -> None:
    text = run(folder, "compare", "--with", "model-next", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    wholes = {one["owner"]: one["difference"] for one in rows if not one["line"]}
    assert wholes == {"nlp": "25.00", "cv": "-25.00"}
    assert {one["pool"] for one in rows if one["line"]} == {"", "platform"}


class Page(HTMLParser):
    """Every element must be closed; elements and texts are collected."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_one_page_without_scripts(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    run(folder, "compare", "--with", "model-next", "--format", "html", "--out", str(out))
    page = Page()
    page.feed(out.read_text(encoding="utf-8"))
    assert page.open == []
    assert not page.seen & {"script", "link", "img", "iframe", "nlp"}
    assert "<NLP> | team" in page.texts
    assert any(CAUSE in text for text in page.texts)


def test_markdown_is_a_comment_for_a_pull_request(folder: Path) -> None:
    text = run(folder, "compare", "--with", "model-next", "--format", "markdown")
    assert text.startswith("<!-- apportion compare -->\n")
    assert "Charge of 2026-12, if it is used like 2026-11" in text
    assert "| \\<NLP\\> \\| team | 110.00 | 135.00 | +25.00 | 22.73 | +25.00 pool platform" in text


def test_markdown_links_nothing_and_notifies_nobody(folder: Path) -> None:
    path = folder / "model-next" / "model.yaml"
    text = path.read_text().replace("name: platform,", "name: platform, title: 'ask @ann|#12',")
    path.write_text(text)
    shown = run(folder, "compare", "--with", "model-next", "--format", "markdown")
    assert "- `pool platform: title platform → ask @ann`\\|`#12, split by" in shown


def test_a_change_dated_from_next_month_shows_as_of_next_month(folder: Path) -> None:
    dated = MODEL.replace(
        "split: {by: even}",
        "split: [{by: even, until: 2026-12-01}, {by: head_count, from: 2026-12-01}]",
    )
    (folder / "model-next" / "model.yaml").write_text(dated)
    words = ("compare", "--with", "model-next", "--period", "2026-11")
    assert owners(json.loads(run(folder, *words, "--json")))["nlp"]["difference"] == "0.00"
    ahead = json.loads(run(folder, *words, "--as-of", "2026-12", "--json"))
    assert owners(ahead)["nlp"]["difference"] == "25.00"
    assert "+25.00" in run(folder, *words, "--format", "markdown")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_commit_of_git(folder: Path) -> None:
    def git(*words: str) -> None:
        names = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
        subprocess.run(["git", "-C", str(folder.parent), *names, *words], check=True,
                       capture_output=True)  # fmt: skip

    told = run(folder, "compare", "--with", "main", expect=2)
    assert "git" in told
    git("init", "-q", "-b", "main")
    git("add", "company/model", "company/apportion.yaml")
    git("commit", "-qm", "first")
    (folder / "model" / "model.yaml").write_text(NEXT)
    nlp = owners(compared(folder, "--with", "main", "--as-current"))["nlp"]
    assert (nlp["old"], nlp["new"]) == ("110.00", "135.00")
    assert "no commit of that name" in run(folder, "compare", "--with", "nowhere", expect=2)
    for bad in ("--output=x", "main:model", "main..x", "a b", "$(id)"):
        assert "no name of a commit" in run(folder, "compare", f"--with={bad}", expect=2)


def test_nothing_to_compare_with(folder: Path) -> None:
    assert "--with model-next" in run(folder, "compare", expect=2)
    assert "did you mean 'nlp'" in run(
        folder, "compare", "--with", "model-next", "--team", "nlpp", expect=2
    )
    assert "no charges are loaded for 2026-09" in run(
        folder, "compare", "--with", "model-next", "--months", "3", expect=2
    )


def pilot(folder: Path, until: str = "2026-11") -> None:
    settings = folder / "apportion.yaml"
    shadow = f"shadow: {{model: model-next, from: 2026-10, until: {until}}}\n"
    settings.write_text(settings.read_text() + shadow)


def test_a_shadow_model_is_a_column_of_the_pilot_months(folder: Path) -> None:
    pilot(folder)
    made = json.loads(run(folder, "run", "--period", "2026-10", "--json"))
    run(folder, "run", "--period", "2026-11")
    october = json.loads(run(folder, "statement", "--period", "2026-10", "--json"))
    assert october["shadow"] == {"run": made["shadow"], "model": "model-next", "stale": False}
    assert october["total"] == "190.00"
    teams = {one["team"]: one for one in october["teams"]}
    assert {name: one["shadow_total"] for name, one in teams.items()} == {
        "nlp": "135.00", "cv": "55.00",
    }  # fmt: skip
    assert {
        one["pool"] or one["service"]: (one["amount"], one["shadow_amount"])
        for one in teams["cv"]["lines"]
    } == {"Storage": ("30.00", "30.00"), "platform": ("50.00", "25.00")}
    november = json.loads(run(folder, "statement", "--period", "2026-11", "--json"))
    assert "shadow" not in november
    said = run(folder, "statement", "--period", "2026-10")
    assert "by model-next" in said
    assert "for information only" in said
    assert "135.00" in run(folder, "statement", "--period", "2026-10", "--team", "nlp")


def test_a_shadow_model_that_changed_since_is_marked(folder: Path) -> None:
    pilot(folder)
    run(folder, "run", "--period", "2026-10")
    path = folder / "model-next" / "model.yaml"
    path.write_text(path.read_text().replace("split: {by: head_count}", "split: {by: even}"))
    shown = run(folder, "statement", "--period", "2026-10")
    assert "shadow-stale: the shadow model model-next has changed since this run" in shown
    assert "by model-next (stale)" in " ".join(shown.split())
    said = json.loads(run(folder, "statement", "--period", "2026-10", "--json"))
    assert said["shadow"]["stale"] is True
    assert said["stale"] is False


def test_lines_that_only_the_shadow_model_has(folder: Path) -> None:
    moved = MODEL.replace("rules:\n", "rules:\n  - {name: s, service: Storage, team: nlp}\n")
    (folder / "model-next" / "model.yaml").write_text(moved)
    pilot(folder)
    run(folder, "run", "--period", "2026-10")
    document = json.loads(run(folder, "statement", "--period", "2026-10", "--json"))
    teams = {one["team"]: one for one in document["teams"]}
    assert [one["service"] for one in teams["nlp"]["shadow_lines"]] == ["Storage"]
    storage = next(one for one in teams["cv"]["lines"] if one["service"] == "Storage")
    assert storage["shadow_amount"] is None


def test_reading_a_statement_evaluates_nothing(folder: Path) -> None:
    pilot(folder)
    run(folder, "run", "--period", "2026-10")
    shutil.rmtree(folder / ".apportion" / "lake")
    assert "by model-next" in run(folder, "statement", "--period", "2026-10")


def test_a_faulty_shadow_model_does_not_keep_the_run_from_being_made(folder: Path) -> None:
    (folder / "model-next" / "model.yaml").write_text("rules: [{name: x, team: nobody}]\n")
    pilot(folder)
    made = json.loads(run(folder, "run", "--period", "2026-10", "--json"))
    assert made["shadow"] is None
    assert "shadow-not-evaluated" in {one["code"] for one in made["findings"]}
    assert "model-next/model.yaml:1:25" in run(folder, "check", expect=2)


def test_the_shadow_model_is_what_is_compared_with(folder: Path) -> None:
    pilot(folder)
    assert owners(compared(folder))["nlp"]["difference"] == "25.00"


def test_comments_are_collected_from_teams(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPORTION_ACTOR", "ann")
    pilot(folder)
    run(folder, "run", "--period", "2026-10")
    document = json.loads(run(folder, "statement", "--period", "2026-10", "--json"))
    nlp = next(one for one in document["teams"] if one["team"] == "nlp")
    line = next(one["id"] for one in nlp["lines"] if one["pool"])
    words = ("comment", "--period", "2026-10", "--team", "nlp")
    run(folder, *words, "--line", line, "two of us left <b>in May</b>")
    assert "two of us left" in run(folder, *words)
    assert "nothing was said" in run(folder, "comment", "--period", "2026-10", "--team", "cv")
    listed = json.loads(run(folder, *words, "--json"))["comments"]
    assert [(one["by"], one["line"]) for one in listed] == [("ann", line)]
    assert "has no line 'x'" in run(folder, *words, "--line", "x", "hm", expect=2)
    assert "on which line" in run(folder, *words, "hm", expect=2)
    assert "without words" in run(folder, *words, "--line", line, expect=2)

    shared = next(one for one in owners(compared(folder))["nlp"]["lines"] if one["id"] == line)
    assert [one["text"] for one in shared["comments"]] == ["two of us left <b>in May</b>"]
    page = run(folder, "compare", "--period", "2026-10", "--format", "html")
    assert "&lt;b&gt;in May&lt;/b&gt;" in page
