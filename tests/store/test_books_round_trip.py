"""What goes into the books comes out again exactly, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

import book_values as values
from apportion.domain.result import Run
from apportion.domain.snapshot import Snapshot
from apportion.store.books import Books

SHARED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
numbers = count()


def renamed(snapshot: Snapshot) -> Snapshot:
    """The same under names that no other example has."""
    mark = f"{next(numbers)} "
    units = tuple(replace(unit, id=mark + unit.id) for unit in snapshot.units)
    return replace(snapshot, id=mark + snapshot.id, source=mark + snapshot.source, units=units)


@SHARED
@given(values.snapshots)
def test_any_snapshot_is_read_back_as_it_was(books: Books, snapshot: Snapshot) -> None:
    snapshot = renamed(snapshot)

    committed = books.commit_load(snapshot.source, [snapshot], {snapshot.period: None}, "ann")

    assert committed == (snapshot,)
    assert books.snapshot(snapshot.id) == snapshot
    assert books.current(snapshot.source) == (snapshot,)


@SHARED
@given(values.runs)
def test_any_run_is_read_back_as_it_was(books: Books, run: Run) -> None:
    run = replace(run, id=f"{next(numbers)} {run.id}")

    books.save_run(run)

    assert books.run_by_id(run.id) == run


def test_a_run_keeps_its_snapshots_in_their_order(books: Books) -> None:
    for source in ("aws", "azure", "gcp"):
        snapshot = values.snapshot(source, source=source)
        books.commit_load(source, [snapshot], {}, "ann")
    run = values.run("1", snapshots=("snapshot-gcp", "snapshot-aws", "snapshot-azure"))

    books.save_run(run)

    assert books.run(values.OCTOBER) == run


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.50", "1234.50"),
        ("0.000000000000000001", "0.000000000000000001"),
        ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"),
        ("1E+3", "1000"),
    ],
)
def test_a_budget_keeps_every_digit_and_place(books: Books, amount: str, text: str) -> None:
    run = values.run("1")
    teams = (replace(run.teams[0], budget=Decimal(amount)),)

    books.save_run(replace(run, teams=teams))

    budget = books.run_by_id("run-1").teams[0].budget
    assert budget is not None
    assert format(budget, "f") == text


def test_both_databases_hold_the_same_texts(new_database: Callable[[str], str]) -> None:
    """So that books can be moved from one to the other as they are."""
    from sqlalchemy import create_engine, text

    from apportion.store.books.connect import read_url

    held = []
    for kind in ("sqlite", "postgresql"):
        url = new_database(kind)
        books = Books.open(url)
        books.save_run(values.run("1"))
        books.close()
        engine = create_engine(read_url(url))
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM run_lines ORDER BY position"))
            held.append([tuple(row) for row in rows])
        engine.dispose()

    assert held[0] == held[1]
    assert held[0][0][-5:-1] == ("1/3", "1/3", "0", "0")


def test_an_amount_that_is_no_number_is_refused(books: Books) -> None:
    run = values.run("1")
    teams = (replace(run.teams[0], budget=Decimal("NaN")),)

    with pytest.raises(Exception, match="NaN is no amount"):
        books.save_run(replace(run, teams=teams))

    assert books.runs() == ()
