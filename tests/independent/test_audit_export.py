"""An exported audit log is verified by a program that knows nothing of apportion."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from apportion.run.open_project import OpenProject
from commands import apportion
from independent.verify_audit_export import verify
from small_projects import Small

ODD = [
    "=1+1",
    "+1",
    "-1",
    "@now",
    "\tx",
    "\rx",
    "'quoted",
    " =spaced",
    "\u200f\u05e2\u05d1\u05e8 🙂",
    "a\nb",
    "\uff1dwide",
]


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.write("rules: []\n")
    with small.open() as project:
        for odd in ODD:
            project.books.log(f"{odd} person", "note", odd, {"because": odd, "amount": "-1.50"})
    return small


def exported(place: Small, name: str, *more: str) -> Path:
    to = place.root / name
    told = apportion(place.root, "audit", "export", "--to", str(to), "--json", *more)
    assert told["head"] == apportion(place.root, "audit", "head", "--json")["head"]
    assert verify(to, told["head"]) == ""
    return to


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.csv"])
def test_the_file_holds_and_any_change_of_it_is_found(place: Small, name: str) -> None:
    to = exported(place, name)
    whole = to.read_bytes()
    script = Path(__file__).with_name("verify_audit_export.py")
    done = subprocess.run([sys.executable, "-I", script, to], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"every line holds\n")
    to.write_bytes(whole.replace(b"-1.50", b"-1.51", 1))
    assert "line 1 doesn't say what it said" in verify(to)
    lines = whole.splitlines(keepends=True)
    to.write_bytes(b"".join((*lines[:3], *lines[4:])))
    assert "doesn't follow" in verify(to)
    if name.endswith("jsonl"):
        to.write_bytes(b"".join(lines[:-1]))
        assert verify(to) == "lines are missing at the end"


def test_only_the_csv_is_neutralised(place: Small) -> None:
    lines = exported(place, "audit.jsonl").read_text().splitlines()[1:]
    assert [json.loads(line)["subject"] for line in lines] == ODD
    with exported(place, "audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for text in row.values():
            assert text.lstrip(" ")[:1] not in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
    assert [row["subject"].removeprefix("'") for row in rows] == ODD


def test_since_begins_within_the_chain_and_names_can_be_left_out(place: Small) -> None:
    to = exported(place, "later.jsonl", "--since", "2020-01-01", "--no-names")
    assert 'person"' not in to.read_text()
    with OpenProject(place.root) as project:
        last = project.books.audit()[-1].at
    to = exported(place, "last.jsonl", "--since", last.isoformat())
    assert len(to.read_text().splitlines()) == 2


def test_a_person_goes_from_the_next_export_and_the_head_that_was_kept_still_holds(
    place: Small,
) -> None:
    kept = apportion(place.root, "audit", "head", "--json")["head"]
    told = apportion(
        place.root,
        "audit",
        "pseudonymise",
        "@now person",
        "--because",
        "@now person left",
        "--json",
    )
    assert told["left"] == []
    to = exported(place, "after.jsonl")
    assert "@now person" not in to.read_text()
    checked = apportion(place.root, "audit", "verify", "--head", kept, "--json")
    assert (checked["broken"], checked["lines"]) == (None, len(ODD) + 1)
    apportion(place.root, "audit", "verify", "--head", "0" * 63 + "1", expect=3)
