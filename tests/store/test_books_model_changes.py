"""Proposed changes of the model and its reviews, in the books: on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import UsageError
from apportion.store.books import Books
from apportion.store.books.model_changes import (
    ModelChange,
    add_change,
    model_change,
    read_model_changes,
)
from apportion.store.books.model_reviews import (
    ModelReview,
    add_review,
    last_review,
    review_of_change,
)
from apportion.store.books.roles import change_role

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
CHANGE = ModelChange(
    "next", "a" * 64, "b" * 64, date(2027, 1, 1), "pool x\nrule y", "alf", "t", NOW
)


def test_changes_and_reviews_are_read_as_they_were_written(books: Books) -> None:
    with books.writing() as connection:
        first = add_change(connection, CHANGE)
        second = add_change(connection, replace(CHANGE, named="other"))
        add_review(connection, ModelReview("b" * 64, "alf", "applied", NOW, first.id))
        add_review(connection, ModelReview("c" * 64, "bob", "looked", NOW))
    with books.reading() as connection:
        assert read_model_changes(connection) == (first, second)
        assert model_change(connection, second.id).subject == f"model-change {second.id}"
        applied = review_of_change(connection, first.id)
        assert applied == ModelReview("b" * 64, "alf", "applied", NOW, first.id)
        assert review_of_change(connection, second.id) is None
        newest = last_review(connection)
        assert newest is not None
        assert (newest.actor, newest.change) == ("bob", None)
        with pytest.raises(UsageError, match="there is no change 9"):
            model_change(connection, 9)
    acts = [one.action for one in books.audit()]
    assert acts == ["propose", "propose", "review-model", "review-model"]


def test_roles_are_what_was_given_and_not_taken_since(books: Books) -> None:
    grant = Grant("tom", Role.TEAM_LEAD, "nlp")
    given = RoleChange(grant, True, "ann", "leads it", NOW)
    with books.writing() as connection:
        change_role(connection, given)
        change_role(connection, replace(given, grant=replace(grant, team="cv")))
        change_role(connection, replace(given, given=False, because="left"))
    assert books.roles().teams("tom") == frozenset({"cv"})


@pytest.mark.parametrize("table", ["model_changes", "model_reviews", "role_changes"])
def test_the_database_itself_refuses_to_change_them(books: Books, table: str) -> None:
    with books.writing() as connection:
        made = add_change(connection, CHANGE)
        add_review(connection, ModelReview("b" * 64, "alf", "applied", NOW, made.id))
        change_role(connection, RoleChange(Grant("ann", Role.ADMIN), True, "ann", "x", NOW))
    for statement in (f"UPDATE {table} SET because = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError), books._engine.begin() as connection:
            connection.execute(text(statement))
