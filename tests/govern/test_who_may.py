"""Who may run which command: every command, for every role, through the command line itself.

`who_may.csv` is the table that people agree on. `own` is: with --team, for a team that they lead.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from typer.main import get_command

from apportion.cli.app import app
from apportion.domain.role import Grant, Role
from apportion.errors import ApportionError, NotAllowed
from apportion.govern.acts import ACTS
from apportion.govern.roles import grant_role
from apportion.run.open_project import OpenProject
from apportion.store.books import AuditEntry
from bills import row
from small_projects import MODEL, Small

TABLE = Path(__file__).with_name("who_may.csv")
NOBODY = "nobody"


class Cell(NamedTuple):
    """A command line, who runs it, and whether it may be run: yes, own or no."""

    words: tuple[str, ...]
    person: str
    expected: str

    @property
    def command(self) -> str:
        """The command's own name: `role grant` of `role grant eve viewer`."""
        longer = (" ".join(self.words[:n]) for n in (3, 2))
        return next((one for one in longer if one in ACTS), self.words[0])


def cells() -> list[Cell]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return [
            Cell(tuple(line["command"].split()), person, line[person])
            for line in csv.DictReader(file)
            for person in line
            if person != "command"
        ]


def commands(group: Any, path: str = "") -> Iterator[str]:
    for name, one in group.commands.items():
        whole = f"{path} {name}".strip()
        if not hasattr(one, "commands"):
            yield whole
            continue
        yield from commands(one, whole)
        if one.invoke_without_command and whole in ACTS:  # a group that is a command too
            yield whole


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A governed project with one person of each role, each called as their role is."""
    small = Small(tmp_path_factory.mktemp("governed") / "project")
    small.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    small.write(MODEL)
    small.run()
    with small.open() as project:
        for role in (Role.ADMIN, *(one for one in Role if one is not Role.ADMIN)):
            team = "nlp" if role is Role.TEAM_LEAD else ""
            grant = Grant(str(role).replace("_", " "), role, team)
            grant_role(project, grant, actor="admin", because="test")
    return small.root


@pytest.fixture
def place(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(shutil.copytree(template, tmp_path / "project"))
    return tmp_path / "project"


def refused(place: Path, cell: Cell, monkeypatch: pytest.MonkeyPatch, *more: str) -> bool:
    """Run a command line in this process; whether the one who runs it is refused."""
    monkeypatch.setenv("APPORTION_ACTOR", cell.person)
    words = [word.format(new=place.parent / "new", project=place) for word in cell.words]
    try:
        app(["--project", str(place), *words, *more], standalone_mode=False)
    except NotAllowed:
        return True
    except (ApportionError, OSError, typer.Exit):
        return False  # whatever else ended it, it was let through
    return False


def refusals(place: Path) -> tuple[AuditEntry, ...]:
    with OpenProject(place) as project:
        return project.books.audit(action="refuse")


@pytest.mark.parametrize("cell", cells(), ids=lambda one: f"{one.person}: {one.command}")
def test_every_command_for_every_role(
    cell: Cell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cell.expected == "own":
        assert not refused(place, cell, monkeypatch, "--team", "nlp")
        assert refused(place, cell, monkeypatch, "--team", "cv")
        assert refused(place, cell, monkeypatch)
        return
    assert refused(place, cell, monkeypatch) is (cell.expected == "no")
    told = [(one.actor, one.subject) for one in refusals(place)]
    assert told == [(cell.person, cell.command)] * (cell.expected == "no")


def test_the_table_has_every_command_and_every_role() -> None:
    known = set(commands(get_command(app)))
    assert known == set(ACTS), "say in govern/acts.py who may run it"
    assert known == {one.command for one in cells()}, "add a line to who_may.csv"
    roles = {str(role).replace("_", " ") for role in Role}
    assert {one.person for one in cells()} == roles | {NOBODY}
    assert {one.expected for one in cells()} == {"yes", "own", "no"}


def test_a_command_without_a_row_is_refused_to_all(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ACTS, "statement")
    for person in ("admin", "finance"):
        asked = Cell(("statement", "--period", "2026-10"), person, "no")
        assert refused(place, asked, monkeypatch)


def test_who_holds_two_roles_may_what_either_may(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenProject(place) as project:
        lead = Grant("ann", Role.TEAM_LEAD, "cv")
        grant_role(project, lead, actor="admin", because="test")
        second = replace(lead, team="nlp")
        grant_role(project, second, actor="admin", because="test")
        grant_role(project, Grant("ann", Role.ANALYST), actor="admin", because="test")
    for words in ("load", "statement --period 2026-10"):
        assert not refused(place, Cell(tuple(words.split()), "ann", "yes"), monkeypatch)


def test_while_nobody_holds_a_role_anybody_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Small(tmp_path / "free")
    small.bill(row("100.00", {"team": "nlp"}))
    small.write(MODEL)
    for words in ("load", "run --period 2026-10", "close --period 2026-10", "role list"):
        assert not refused(small.root, Cell(tuple(words.split()), "eve", "yes"), monkeypatch)
    assert refusals(small.root) == ()


def test_a_refusal_says_who_what_is_needed_and_what_to_do(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPORTION_ACTOR", "viewer")
    with pytest.raises(NotAllowed) as told:
        app(["--project", str(place), "close", "--period", "2026-10"], standalone_mode=False)
    assert str(told.value).splitlines() == [
        "viewer may not run `close`",
        "  why: it takes the role of: finance; viewer is viewer",
        "  do: let somebody with that role do it, or ask an admin for it: `apportion role grant`",
    ]
