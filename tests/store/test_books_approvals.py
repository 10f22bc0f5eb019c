"""What is asked of others, and decided by those who may: on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from apportion.domain.approval import ApprovalRequest, ApprovalState, Decision
from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import NotAllowed, UsageError
from apportion.store.books import Books
from apportion.store.books.approvals import approvals_of, approved, ask, decide, need_approval
from apportion.store.books.roles import change_role

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ASKED = ApprovalRequest("close 2026-10", "a1", "ann", "all bills are in", NOW, says="USD 150.00")


def yes(actor: str, because: str = "checked") -> Decision:
    return Decision(0, actor, approved=True, because=because, at=NOW)


def no(actor: str, because: str = "bill of AWS lacks") -> Decision:
    return Decision(0, actor, approved=False, because=because, at=NOW)


def grant(books: Books, person: str, role: Role, team: str = "") -> None:
    with books.writing() as connection:
        change = RoleChange(Grant(person, role, team), True, "root", "test", NOW)
        change_role(connection, change)


@pytest.fixture
def governed(books: Books) -> Books:
    """ann and bob approve, fay is finance; bob leads nlp too."""
    for person, role, team in (
        ("ann", Role.APPROVER, ""),
        ("bob", Role.APPROVER, ""),
        ("bob", Role.TEAM_LEAD, "nlp"),
        ("cat", Role.APPROVER, ""),
        ("fay", Role.FINANCE, ""),
        ("vic", Role.VIEWER, ""),
    ):
        grant(books, person, role, team)
    return books


def decided(books: Books, request: ApprovalRequest, *decisions: Decision) -> ApprovalState:
    with books.writing() as connection:
        ask(connection, request)
        for one in decisions:
            decide(connection, request.subject, one)
        return approvals_of(connection, request.subject)[-1].state


def test_what_is_asked_waits_until_an_approver_agrees(governed: Books) -> None:
    with governed.writing() as connection:
        asked = ask(connection, ASKED)
        assert (asked.state, asked.waits_for) == (ApprovalState.OPEN, "approver")
        with pytest.raises(NotAllowed, match="isn't approved"):
            need_approval(connection, "close 2026-10", "a1")
        decide(connection, "close 2026-10", yes("bob"), content="a1")
        agreed = need_approval(connection, "close 2026-10", "a1")
    assert [(one.actor, one.counts_for) for one in agreed.decisions] == [("bob", (Role.APPROVER,))]
    assert [(one.actor, one.action, one.subject) for one in governed.audit("close 2026-10")] == [
        ("ann", "ask", "close 2026-10"),
        ("bob", "approve", "close 2026-10"),
    ]


@pytest.mark.parametrize(
    ("request_", "actor", "told"),
    [
        (ASKED, "ann", "asking and approving may not lie with one person: ann"),
        (
            replace(ASKED, authors=("bob",)),
            "bob",
            "authoring and approving may not lie with one person: bob",
        ),
        (replace(ASKED, benefits=("nlp", "cv")), "bob", "team nlp, which they lead"),
        (ASKED, "vic", "it waits for: approver"),
        (ASKED, "fay", "it waits for: approver"),
        (ASKED, "stranger", "it waits for: approver"),
        (replace(ASKED, needed=(), reviewers=("rob",)), "bob", "it waits for: rob"),
    ],
)
def test_who_may_not_decide_is_told_why(
    governed: Books, request_: ApprovalRequest, actor: str, told: str
) -> None:
    for decision in (yes(actor), no(actor)):
        with pytest.raises(NotAllowed) as refused:
            decided(governed, request_, decision)
        assert told in str(refused.value)


def test_two_roles_are_two_people(governed: Books) -> None:
    grant(governed, "bob", Role.FINANCE)
    asked = replace(ASKED, needed=(Role.FINANCE, Role.APPROVER))
    assert decided(governed, asked, yes("bob")) is ApprovalState.OPEN
    with pytest.raises(NotAllowed, match="bob has decided"):
        decided(governed, asked, yes("bob"))
    assert decided(governed, asked, yes("cat")) is ApprovalState.APPROVED


def test_two_approvers_are_two_people(governed: Books) -> None:
    asked = replace(ASKED, needed=(Role.APPROVER, Role.APPROVER))
    assert decided(governed, asked, yes("bob")) is ApprovalState.OPEN
    with governed.reading() as connection:
        assert approvals_of(connection, asked.subject)[-1].waits_for == "approver"
        assert approved(connection, asked.subject, asked.content) is None
    with pytest.raises(NotAllowed, match="bob has decided"):
        decided(governed, asked, yes("bob"))
    assert decided(governed, asked, yes("cat")) is ApprovalState.APPROVED


def test_every_reviewer_has_to_agree(governed: Books) -> None:
    asked = replace(ASKED, needed=(), reviewers=("bob", "vic"))
    assert decided(governed, asked, yes("bob")) is ApprovalState.OPEN
    assert decided(governed, asked, yes("vic")) is ApprovalState.APPROVED


def test_an_approval_of_what_has_changed_since_counts_for_nothing(governed: Books) -> None:
    decided(governed, ASKED, yes("bob"))
    with governed.writing() as connection:
        with pytest.raises(NotAllowed) as refused:
            need_approval(connection, "close 2026-10", "b2")
        assert "has changed since" in str(refused.value)
        ask(connection, replace(ASKED, content="b2"))
        with pytest.raises(UsageError, match="what is asked for now is b2"):
            decide(connection, "close 2026-10", yes("bob"), content="a1")
        assert approved(connection, "close 2026-10", "b2") is None
        assert approved(connection, "close 2026-10", "a1")


def test_one_no_ends_it_until_it_is_asked_for_again(governed: Books) -> None:
    assert decided(governed, ASKED, no("bob")) is ApprovalState.REJECTED
    with governed.writing() as connection:
        with pytest.raises(UsageError, match="rejected already, by bob"):
            decide(connection, "close 2026-10", yes("cat"))
        with pytest.raises(NotAllowed) as refused:
            need_approval(connection, "close 2026-10", "a1")
        assert "bob rejected it: bill of AWS lacks" in str(refused.value)
    assert decided(governed, ASKED, yes("cat")) is ApprovalState.APPROVED
    with governed.reading() as connection:
        assert len(approvals_of(connection)) == 2


def test_asking_for_the_same_again_adds_nothing(governed: Books) -> None:
    with governed.writing() as connection:
        assert ask(connection, ASKED).request.id == ask(connection, ASKED).request.id
    assert len(governed.audit("close 2026-10")) == 1


def test_nothing_is_decided_without_a_reason_or_a_request(governed: Books) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        decided(governed, ASKED, yes("bob", " "))
    with governed.writing() as connection, pytest.raises(UsageError, match="nobody asked"):
        decide(connection, "close 2026-09", yes("bob"))
    for nothing in (replace(ASKED, subject=" "), replace(ASKED, content="")):
        with pytest.raises(UsageError, match="no name, or no content"):
            decided(governed, nothing)
    with pytest.raises(UsageError, match="nobody is asked"):
        decided(governed, replace(ASKED, needed=()))


def test_while_nobody_holds_a_role_anybody_decides(books: Books) -> None:
    asked = replace(ASKED, needed=(Role.FINANCE, Role.APPROVER))
    assert decided(books, asked, yes("ann")) is ApprovalState.APPROVED


@pytest.mark.parametrize("table", ["approval_requests", "approval_decisions"])
def test_the_database_itself_refuses_to_change_what_was_decided(books: Books, table: str) -> None:
    decided(books, ASKED, yes("ann"))
    for statement in (f"UPDATE {table} SET because = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError), books._engine.begin() as connection:
            connection.execute(text(statement))


def test_an_approval_counts_once(governed: Books) -> None:
    decided(governed, ASKED, yes("bob"))
    with governed.writing() as connection:
        assert need_approval(connection, ASKED.subject, ASKED.content).used
    with governed.writing() as connection:
        with pytest.raises(NotAllowed, match="the same again is asked for again"):
            need_approval(connection, ASKED.subject, ASKED.content)
        assert ask(connection, ASKED).state is ApprovalState.OPEN
    assert decided(governed, ASKED, yes("bob")) is ApprovalState.APPROVED
    with governed.writing() as connection:
        need_approval(connection, ASKED.subject, ASKED.content)
    for statement in ("UPDATE approval_uses SET request = 9", "DELETE FROM approval_uses"):
        with pytest.raises(DBAPIError), governed._engine.begin() as connection:
            connection.execute(text(statement))
