"""Roles are given and taken by an admin, with a reason, and some never meet in one person."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.cli.state import actor
from apportion.domain.role import Grant, Role
from apportion.errors import NotAllowed, UsageError
from apportion.govern.pseudonymise import pseudonymise
from apportion.govern.roles import grant_role, revoke_role, role_named, ungovern
from apportion.store.books.schema.said import people
from bills import row
from small_projects import MODEL, Small

ADMIN = Grant("ann", Role.ADMIN)


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}))
    small.write(MODEL)
    return small


def test_the_first_role_is_an_admins_and_governs_the_project(place: Small) -> None:
    with place.open() as project:
        with pytest.raises(UsageError, match="the first role is an admin's"):
            grant_role(project, Grant("fay", Role.FINANCE), actor="fay", because="x")
        assert not project.books.roles().governed
        assert grant_role(project, ADMIN, actor="eve", because="sets it up").governed
        with pytest.raises(NotAllowed, match="eve may not change roles"):
            grant_role(project, Grant("eve", Role.FINANCE), actor="eve", because="x")
        grant_role(project, Grant("fay", Role.FINANCE), actor="ann", because="closes")
        (line,) = project.books.audit("fay")
    assert (line.actor, line.action) == ("ann", "grant-role")
    assert line.detail["because"] == "closes"


@pytest.mark.parametrize(("first", "then"), [("admin", "finance"), ("finance", "admin")])
def test_admin_and_finance_never_meet(place: Small, first: str, then: str) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        grant_role(project, Grant("bob", Role(first)), actor="ann", because="x")
        with pytest.raises(NotAllowed, match="bob can't be both admin and finance"):
            grant_role(project, Grant("bob", Role(then)), actor="ann", because="x")


def test_the_last_admin_stays_unless_nobody_is_governed_any_more(place: Small) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        grant_role(project, Grant("fay", Role.FINANCE), actor="ann", because="x")
        with pytest.raises(NotAllowed, match="ann is the last admin"):
            revoke_role(project, ADMIN, actor="ann", because="x")
        grant_role(project, Grant("bob", Role.ADMIN), actor="ann", because="x")
        left = revoke_role(project, ADMIN, actor="bob", because="left the company")
        assert not left.of_person("ann")
        with pytest.raises(NotAllowed, match="fay may not change roles"):
            ungovern(project, actor="fay", because="x")
        assert not ungovern(project, actor="bob", because="pilot ends").governed


@pytest.mark.parametrize(
    ("grant", "because", "told"),
    [
        (Grant("tom", Role.TEAM_LEAD), "x", "of which team"),
        (Grant("tom", Role.TEAM_LEAD, "nlpp"), "x", "no team is called 'nlpp'"),
        (Grant("tom", Role.TEAM_LEAD, "assistant"), "x", "no team is called 'assistant'"),
        (Grant("tom", Role.FINANCE, "nlp"), "x", "no role of a team"),
        (Grant("", Role.VIEWER), "x", "no name of a person"),
        (Grant(" tom", Role.VIEWER), "x", "no name of a person"),
        (Grant("t\x1bom", Role.VIEWER), "x", "no name of a person"),
        (Grant("tom", Role.VIEWER), " ", "needs a reason"),
        (ADMIN, "x", "ann is admin already"),
    ],
)
def test_what_can_be_no_grant_is_refused(
    place: Small, grant: Grant, because: str, told: str
) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        with pytest.raises(UsageError, match=told):
            grant_role(project, grant, actor="ann", because=because)


def test_a_role_that_nobody_holds_is_not_taken(place: Small) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        grant_role(project, Grant("tom", Role.TEAM_LEAD, "nlp"), actor="ann", because="x")
        with pytest.raises(UsageError) as told:
            revoke_role(project, Grant("tom", Role.TEAM_LEAD, "cv"), actor="ann", because="x")
    assert "tom isn't team lead of cv" in str(told.value)
    assert "tom holds: team lead of nlp" in str(told.value)


def test_a_role_that_does_not_exist_has_a_hint() -> None:
    with pytest.raises(UsageError) as told:
        role_named("finnance")
    assert "finance" in str(told.value)


@pytest.mark.parametrize("name", ["Eve", "\uff45ve", "EVE"])
def test_a_name_that_looks_like_anothers_is_refused(place: Small, name: str) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        roles = grant_role(project, Grant("eve", Role.FINANCE), actor="ann", because="x")
        with pytest.raises(NotAllowed, match="can't be told from 'eve'"):
            grant_role(project, Grant(name, Role.APPROVER), actor="ann", because="x")
        with pytest.raises(NotAllowed, match="may not lie with one person"):
            roles.keep_apart(name, "eve", "closing and posting")


@pytest.mark.parametrize(
    ("name", "told"),
    [("\u0435ve", "mixes letters"), ("person-" + "0" * 32, "is a pseudonym")],
)
def test_a_name_that_can_be_nobodys_is_refused(place: Small, name: str, told: str) -> None:
    with place.open() as project, pytest.raises(UsageError, match=told):
        grant_role(project, Grant(name, Role.ADMIN), actor="ann", because="x")


def test_nobody_acts_under_a_pseudonym(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPORTION_ACTOR", "person-" + "0" * 32)
    with pytest.raises(UsageError, match="nobody acts under it"):
        actor()


def test_who_is_forgotten_holds_no_role(place: Small) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        grant_role(project, Grant("fay", Role.FINANCE), actor="ann", because="x")
        with pytest.raises(NotAllowed, match="ann is the last admin"):
            pseudonymise(project, "ann", actor="ann", because="asked for it")
        pseudonymise(project, "fay", actor="ann", because="asked for it")
        assert project.books.roles().grants == {ADMIN}
        assert project.books.verify_audit()[2] is None


def test_another_name_put_to_a_grantee_breaks_the_chain(place: Small) -> None:
    with place.open() as project:
        grant_role(project, ADMIN, actor="ann", because="x")
        grant_role(project, Grant("fay", Role.FINANCE), actor="ann", because="x")
        with project.books.writing() as connection:
            connection.execute(people.update().where(people.c.name == "fay").values(name="eve"))
        broken = project.books.verify_audit()[2]
        assert broken is not None
        assert "another name was put" in broken.why
