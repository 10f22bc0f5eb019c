"""Comments of teams, and shadow runs beside runs, on each database."""

from __future__ import annotations

import pytest

from apportion.domain.comment import Comment
from apportion.errors import UsageError
from apportion.store.books import Books
from book_values import NOON, NOVEMBER, OCTOBER, run


def said(text: str, team: str = "nlp") -> Comment:
    return Comment(OCTOBER, team, "line-1", text, "ann", NOON)


def test_comments_come_back_as_they_were_in_order(books: Books) -> None:
    for comment in (said("one"), said("zwei 'ü' \x00", "cv"), said("three")):
        books.comment(comment)
    assert [one.text for one in books.comments(OCTOBER)] == ["one", "zwei 'ü' \x00", "three"]
    assert books.comments(OCTOBER, "cv") == (said("zwei 'ü' \x00", "cv"),)
    assert books.comments(NOVEMBER) == ()
    entry = books.audit(action="comment")[0]
    assert (entry.actor, entry.subject, entry.detail["text"]) == ("ann", "line-1", "one")


def test_a_comment_needs_words(books: Books) -> None:
    with pytest.raises(UsageError, match="without words"):
        books.comment(said(" "))


def test_a_shadow_run_stands_for_no_period(books: Books) -> None:
    books.save_run(run("1"))
    books.save_shadow("run-1", run("2"), "model-next")
    assert books.run(OCTOBER) == run("1")
    assert books.shadow("run-1") == (run("2"), "model-next")
    assert books.shadow("run-2") is None
    assert [head.latest for head in books.runs(OCTOBER)] == [True, False]


def test_another_shadow_run_takes_its_place(books: Books) -> None:
    books.save_run(run("1"))
    books.save_shadow("run-1", run("2"), "model-next")
    books.save_shadow("run-1", run("3"), "model-other")
    found = books.shadow("run-1", ("lines",))
    assert found is not None
    assert (found[0].id, found[1]) == ("run-3", "model-other")
    assert found[0].lines == run("3").lines
    assert found[0].shares == ()


def test_a_shadow_model_that_becomes_the_model_is_the_same_run(books: Books) -> None:
    books.save_run(run("1"))
    books.save_shadow("run-1", run("2"), "model-next")
    books.save_run(run("2"))
    assert books.run(OCTOBER) == run("2")
