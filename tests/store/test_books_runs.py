"""Runs are kept as they were made; the latest whole-period run is the one statements show."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from apportion.domain.period import Span
from apportion.errors import NotLoaded
from apportion.store.books import ALL_PARTS, Books
from book_values import NOON, NOVEMBER, OCTOBER, run, snapshot


def test_a_period_without_a_run_has_none(books: Books) -> None:
    assert books.run(OCTOBER) is None
    assert books.runs() == ()
    with pytest.raises(NotLoaded, match="run-1"):
        books.run_by_id("run-1")


def test_the_run_saved_last_is_the_latest_of_its_period(books: Books) -> None:
    books.save_run(run("1"))
    books.save_run(run("2"))
    books.save_run(run("3", NOVEMBER))

    assert books.run(OCTOBER) == run("2")
    assert books.run(NOVEMBER) == run("3", NOVEMBER)
    assert books.run_by_id("run-1") == run("1")


def test_saving_a_run_again_changes_nothing_but_makes_it_the_latest(books: Books) -> None:
    books.save_run(run("1"))
    books.save_run(run("2"))

    books.save_run(replace(run("1"), made_at=NOON.replace(year=2027)))

    assert books.run(OCTOBER) == run("1")
    assert [head.id for head in books.runs(OCTOBER)] == ["run-1", "run-2"]


def test_a_provisional_run_never_becomes_the_latest(books: Books) -> None:
    week = Span(date(2026, 10, 1), date(2026, 10, 8))
    books.save_run(run("1"))

    books.save_run(run("week", span=week))

    assert books.run(OCTOBER) == run("1")
    assert books.run_by_id("run-week").span == week
    assert [(head.id, head.latest) for head in books.runs()] == [
        ("run-1", True),
        ("run-week", False),
    ]


def test_runs_are_listed_without_their_parts(books: Books) -> None:
    books.save_run(run("1"))

    (head,) = books.runs(OCTOBER)

    assert (head.id, head.period, head.span) == ("run-1", OCTOBER, OCTOBER.span)
    assert (head.model, head.basis, head.made_at) == ("model-1", "EffectiveCost", NOON)
    assert books.runs(NOVEMBER) == ()


@pytest.mark.parametrize("part", sorted(ALL_PARTS))
def test_a_part_of_a_run_can_be_read_by_itself(books: Books, part: str) -> None:
    whole = run("1")
    books.save_run(whole)

    found = books.run(OCTOBER, {part})

    assert found is not None
    assert getattr(found, part) == getattr(whole, part) != ()
    assert all(getattr(found, other) == () for other in ALL_PARTS - {part})
    assert books.run_by_id("run-1", {part}) == found


def test_the_shares_of_one_team_are_read_with_those_of_pools(books: Books) -> None:
    """Those of a run that converts are read in full: its statement is rounded over all."""
    converted = run("2")
    books.save_run(converted)
    read = books.run(OCTOBER, {"shares"}, "nobody")
    assert read is not None
    assert read.shares == converted.shares
    whole = replace(run("1"), currency="", rates=())
    books.save_run(whole)
    teams = {share.receiver.name for share in whole.shares if share.receiver.kind == "team"}

    for team in (*teams, "nobody"):
        found = books.run(OCTOBER, {"shares"}, team)
        assert found is not None
        assert found.shares == tuple(
            share
            for share in whole.shares
            if share.receiver.kind == "pool" or share.receiver.name == team
        )


def test_a_part_that_does_not_exist_is_refused(books: Books) -> None:
    books.save_run(run("1"))

    with pytest.raises(ValueError, match="no part line"):
        books.run(OCTOBER, {"line"})


def test_a_run_rests_on_snapshots_that_are_in_the_books(books: Books) -> None:
    with pytest.raises(NotLoaded, match="snapshot-1"):
        books.save_run(run("1", snapshots=("snapshot-1",)))
    assert books.runs() == ()

    books.commit_load("aws", [snapshot("1")], {}, "ann")
    books.save_run(run("1", snapshots=("snapshot-1",)))

    assert books.run_by_id("run-1").snapshots == ("snapshot-1",)


def test_five_thousand_lines_are_written_and_read_quickly(books: Books) -> None:
    large = run("1", lines=5000)

    started = time.perf_counter()
    books.save_run(large)
    saved = time.perf_counter() - started
    started = time.perf_counter()
    found = books.run(OCTOBER, {"lines", "teams", "proofs", "shares"})
    read = time.perf_counter() - started

    assert found is not None
    assert found.lines == large.lines
    # Well under a second each on two cores; the bound leaves room for a busy machine.
    assert saved < 3
    assert read < 3
