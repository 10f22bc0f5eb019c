"""Whoever edits the books past the guards of the database is found by comparing with the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from apportion.domain.approval import ApprovalRequest, Decision
from apportion.domain.role import Grant, Role
from apportion.govern.roles import grant_role
from apportion.store.books.approvals import ask, decide
from apportion.store.books.audit import now
from apportion.store.books.verify_books import verify_books
from posting import place

EDITS = {
    "UPDATE journal_lines SET units = units * 10": "journal_documents",
    "UPDATE journal_lines SET units = 0": "journal_documents",
    "UPDATE journal_documents SET text = 'x'": "journal_documents",
    "UPDATE journal_documents SET content = 'x'": "journal_documents",
    "UPDATE journal_seals SET at = '2020-01-01'": "journal_seals",
    "DELETE FROM journal_seals": "journal_seals",
    "UPDATE period_states SET because = 'other'": "period_states",
    "DELETE FROM period_states": "period_states",
    "UPDATE role_changes SET role = 'viewer'": "role_changes",
    "UPDATE approval_requests SET content = 'other'": "approval_requests",
    "UPDATE approval_decisions SET approved = NOT approved": "approval_decisions",
    "UPDATE posting_attempts SET number = '7'": "posting_attempts",
    "UPDATE postings SET debits = '7'": "postings",
    "DELETE FROM posting_attempts WHERE id = 2": "posting_attempts",
    "INSERT INTO role_changes SELECT 99, person, 'poster', team, given, actor, because, at "
    "FROM role_changes": "role_changes",
}


def _unguard(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    named = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for name in connection.execute(named).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def test_each_edit_of_the_books_is_found_with_its_table(tmp_path: Path, books_url: str) -> None:

    with place(tmp_path / "p", "xero", books=books_url) as at:
        assert at.post().whole
        with at.small.open() as project:
            grant_role(project, Grant("adm", Role.ADMIN, ""), actor="adm", because="first")
            with project.books.writing() as connection:
                asked = ApprovalRequest("x", "c", "ben", "it is so", now(), (Role.ADMIN,))
                ask(connection, asked)
                decide(connection, "x", Decision(0, "adm", True, "yes", now()))
            assert project.books.verify_books() == ()
            for edit, table in EDITS.items():
                with pytest.raises(_Undone), project.books.writing() as connection:  # noqa: PT012
                    _unguard(connection)
                    connection.execute(text(edit))
                    found = verify_books(connection)
                    assert table in {one.table for one in found}, edit
                    raise _Undone
            assert project.books.verify_books() == ()


class _Undone(Exception):
    """Takes an edit back."""
