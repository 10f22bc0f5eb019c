"""`apportion statement --format`, `statements`, `statements send` and `verify` as commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import apportion
from paper_projects import Papers


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    more = "delivery: {email: {server: 127.0.0.1, port: 1, security: none, from: f@example.com}}\n"
    return Papers(tmp_path_factory.mktemp("papers") / "acme", more=more).root


MONTH = ("--period", "2026-10")


def test_a_team_gets_a_draft_and_it_holds_without_the_project(root: Path, tmp_path: Path) -> None:
    for form in ("pdf", "xlsx", "html"):
        file = tmp_path / f"nlp.{form}"
        said = apportion(root, "statement", *MONTH, "--team", "nlp", "-o", str(file), "--json")
        assert said["number"] is None
        assert file.stat().st_size > 1000
    found = apportion(tmp_path, "verify", str(tmp_path / "nlp.pdf"), "--json")
    assert (found["ok"], found["team"], found["evidence"]) == (True, "nlp", found["evidence"])
    assert "<style>" in (tmp_path / "nlp.html").read_text()


def test_all_are_issued_and_verified_against_the_books(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = apportion(
        root, "statements", *MONTH, "--to", str(out), "--format", "pdf,xlsx,html", "--json"
    )
    assert [one["team"] for one in said["statements"]] == ["cv", "nlp"]
    assert said["number"] == 1
    assert sorted(path.suffix for path in out.iterdir()) == sorted(
        [".css", ".html", ".html", ".html", ".pdf", ".pdf", ".xlsx", ".xlsx"]
    )
    told = apportion(root, "verify", str(out / "statement-2026-10-nlp.pdf"), "--books")
    assert "the statement holds" in told
    assert "issued on" in told
    draft = apportion(root, "statements", *MONTH, "--to", str(tmp_path / "d"), "--draft", "--json")
    assert draft["number"] == 1


def test_a_changed_file_ends_with_3(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "nlp.pdf"
    apportion(root, "statement", *MONTH, "--team", "nlp", "--format", "pdf", "-o", str(file))
    file.write_bytes(file.read_bytes() + b" ")
    told = apportion(tmp_path, "verify", str(file), expect=3)
    assert "THE STATEMENT DOESN'T HOLD" in told


def test_sending_says_what_it_would_and_what_it_couldnt(root: Path) -> None:
    planned = apportion(root, "statements", "send", *MONTH, "--to", "email", "--dry-run", "--json")
    assert [one["state"] for one in planned["sent"]] == ["planned", "planned"]
    failed = apportion(
        root, "statements", "send", *MONTH, "--to", "email", "--team", "nlp", "--json", expect=1
    )
    assert [one["state"] for one in failed["sent"]] == ["failed"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("statement", "--format", "pdf", *MONTH), "say whose statement"),
        (("statement", "--format", "doc", *MONTH, "--team", "nlp"), "no format is called 'doc'"),
        (("statement", "--format", "pdf", *MONTH, "--team", "x"), "no team is called 'x'"),
        (
            ("statement", "--format", "pdf", *MONTH, "--team", "nlp", "--original"),
            "whole statement",
        ),
        (("statements",), "say which month"),
        (("statements", "send", *MONTH, "--to", "webhook"), "by webhook"),
        (("statements", "send", *MONTH, "--to", "fax"), "can't be sent to 'fax'"),
        (("verify", "nothing.pdf"), "can't be read"),
    ],
)
def test_wrong_use_is_told(root: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in apportion(root, *arguments, expect=2)
