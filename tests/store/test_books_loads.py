"""A load takes effect as a whole, once, and says so when another one was first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from apportion.domain.period import Period
from apportion.domain.snapshot import Snapshot
from apportion.errors import LoadConflict, NotLoaded, UsageError
from apportion.store.books import Books
from book_values import NOVEMBER, OCTOBER, snapshot, unit


def ids(snapshots: tuple[Snapshot, ...]) -> list[str]:
    return [found.id for found in snapshots]


def test_a_first_load_becomes_current(books: Books) -> None:
    october, november = snapshot("1"), snapshot("2", NOVEMBER)

    committed = books.commit_load("aws", [november, october], {}, "ann")

    assert committed == (october, november)
    assert books.current() == (october, november)
    assert books.current(period=NOVEMBER) == (november,)
    assert books.current("azure") == ()


def test_current_snapshots_come_by_source_and_period(books: Books) -> None:
    for source, period in [("b", OCTOBER), ("a", NOVEMBER), ("a", OCTOBER)]:
        books.commit_load(source, [snapshot(f"{source}{period}", period, source)], {}, "ann")

    found = [(held.source, str(held.period)) for held in books.current()]

    assert found == [("a", "2026-10"), ("a", "2026-11"), ("b", "2026-10")]
    assert ids(books.current("a", OCTOBER)) == ["snapshot-a2026-10"]


def test_loading_the_same_again_changes_nothing(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    before = books.audit()

    again = books.commit_load("aws", [snapshot("1")], {OCTOBER: "snapshot-1"}, "ben")

    assert again == ()
    assert books.audit() == before


def test_a_restated_period_replaces_the_older_one_which_stays_readable(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")

    books.commit_load("aws", [snapshot("2")], {OCTOBER: "snapshot-1"}, "ben")

    assert ids(books.current()) == ["snapshot-2"]
    older = books.snapshot("snapshot-1")
    assert older == replace(snapshot("1"), current=False)
    assert [(held.id, held.current) for held in books.history("aws", OCTOBER)] == [
        ("snapshot-1", False),
        ("snapshot-2", True),
    ]


def test_an_older_content_can_become_current_again(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    books.commit_load("aws", [snapshot("2")], {OCTOBER: "snapshot-1"}, "ann")

    books.commit_load("aws", [snapshot("1")], {OCTOBER: "snapshot-2"}, "ann")

    assert ids(books.current()) == ["snapshot-1"]
    assert len(books.history("aws", OCTOBER)) == 2


def test_snapshots_share_the_units_that_did_not_change(books: Books) -> None:
    kept = unit("kept")
    first = snapshot("1", units=[kept, unit("old")])
    second = snapshot("2", units=[kept, unit("new")])
    books.commit_load("aws", [first], {}, "ann")

    books.commit_load("aws", [second], {OCTOBER: "snapshot-1"}, "ann")

    assert books.current()[0].units == (kept, unit("new"))
    assert books.snapshot("snapshot-1").units == (kept, unit("old"))


def test_units_are_found_by_their_content_and_settings(books: Books) -> None:
    both = [unit("1"), replace(unit("1", NOVEMBER), id="unit-1b")]
    loads = [snapshot("1", units=both[:1]), snapshot("2", NOVEMBER, units=both[1:])]
    books.commit_load("aws", loads, {}, "ann")

    assert books.units("aws", "content-1", "config-1") == tuple(both)
    assert books.units("aws", "content-1", "config-2") == ()
    assert books.units("azure", "content-1", "config-1") == ()


def test_quarantined_rows_can_be_left_out(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")

    light = books.current(quarantined=False)[0].units[0]

    assert light == replace(unit("1"), quarantined=())


def test_what_is_current_can_be_asked_without_reading_it(books: Books) -> None:
    books.commit_load("aws", [snapshot("1"), snapshot("2", NOVEMBER)], {}, "ann")

    assert books.seen("aws") == {OCTOBER: "snapshot-1", NOVEMBER: "snapshot-2"}
    assert books.seen("azure") == {}


def test_the_files_that_snapshots_refer_to_are_known(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    books.commit_load("aws", [snapshot("2")], {OCTOBER: "snapshot-1"}, "ann")

    assert books.files() == {
        "keys/aa/1.parquet",
        "daily/bb/1.parquet",
        "keys/aa/2.parquet",
        "daily/bb/2.parquet",
    }


def test_the_second_of_two_loads_changes_nothing_and_says_who_was_first(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    books.commit_load("aws", [snapshot("2")], {OCTOBER: "snapshot-1"}, "ann")
    rival = [snapshot("3"), snapshot("4", NOVEMBER)]

    with pytest.raises(LoadConflict) as told:
        books.commit_load("aws", rival, {OCTOBER: "snapshot-1", NOVEMBER: None}, "ben")

    assert "source aws, period 2026-10" in str(told.value)
    assert "ann committed" in str(told.value)
    assert "nothing was changed" in str(told.value)
    assert ids(books.current()) == ["snapshot-2"]
    with pytest.raises(NotLoaded):
        books.snapshot("snapshot-4")


def test_a_rival_with_the_same_content_is_no_conflict(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")

    assert books.commit_load("aws", [snapshot("1")], {OCTOBER: None}, "ben") == ()


def test_a_period_that_was_loaded_meanwhile_is_a_conflict(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")

    with pytest.raises(LoadConflict):
        books.commit_load("aws", [snapshot("2")], {OCTOBER: None}, "ben")


@pytest.mark.parametrize("seen", [None, "snapshot-0"], ids=["first load", "restatement"])
def test_of_many_threads_exactly_one_wins(books: Books, seen: str | None) -> None:
    if seen:
        books.commit_load("aws", [snapshot("0")], {}, "ann")
    together = Barrier(6)

    def load(number: int) -> str | None:
        together.wait()
        try:
            found = books.commit_load(
                "aws", [snapshot(f"rival {number}")], {OCTOBER: seen}, f"loader {number}"
            )
        except LoadConflict:
            return None
        return found[0].id

    with ThreadPoolExecutor(6) as pool:
        won = [found for found in pool.map(load, range(6)) if found]

    assert len(won) == 1
    assert ids(books.current()) == won


def test_threads_that_load_different_sources_all_win(books: Books) -> None:
    def load(number: int) -> int:
        source = f"source {number}"
        found = [snapshot(f"{source} {month}", Period(2026, month), source) for month in (1, 2)]
        return len(books.commit_load(source, found, {}, "ann"))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(load, range(6))) == 12

    assert len(books.current()) == 12


def test_a_load_is_in_the_audit_log_with_what_it_replaced(books: Books) -> None:
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    books.commit_load("aws", [snapshot("2")], {OCTOBER: "snapshot-1"}, "ben")

    assert [(e.actor, e.action, e.subject, e.detail) for e in books.audit()] == [
        ("ann", "load", "aws 2026-10", {"snapshot": "snapshot-1"}),
        ("ben", "load", "aws 2026-10", {"snapshot": "snapshot-2", "replaces": "snapshot-1"}),
    ]


def test_a_snapshot_of_another_source_is_refused(books: Books) -> None:
    with pytest.raises(ValueError, match="azure"):
        books.commit_load("aws", [snapshot("1", source="azure")], {}, "ann")


def test_two_snapshots_of_one_period_are_refused(books: Books) -> None:
    with pytest.raises(ValueError, match="2026-10"):
        books.commit_load("aws", [snapshot("1"), snapshot("2")], {}, "ann")


def test_a_snapshot_that_was_never_loaded_is_told(books: Books) -> None:
    with pytest.raises(NotLoaded, match="snapshot-9"):
        books.snapshot("snapshot-9")


def test_an_acknowledgement_is_kept_with_its_reason(books: Books) -> None:
    books.commit_load("aws", [snapshot("1"), snapshot("2", NOVEMBER)], {}, "ann")

    books.acknowledge("snapshot-1", "cfo", "one cent, ticket 7")

    (found,) = books.acknowledgements(["snapshot-1", "snapshot-2"])
    assert (found.snapshot, found.actor, found.because) == (
        "snapshot-1",
        "cfo",
        "one cent, ticket 7",
    )
    assert books.acknowledgements(["snapshot-2"]) == ()
    assert books.audit(action="acknowledge")[0].subject == "snapshot-1"


def test_a_declaration_that_a_month_is_final_is_kept_and_taken_back(books: Books) -> None:
    assert books.declare_final("aws", OCTOBER, "cfo", "invoice 4711 is paid")
    assert books.declare_final("aws", NOVEMBER, "cfo")
    assert books.declare_final("gcp", OCTOBER, "ann")
    assert not books.declare_final("aws", OCTOBER, "ben", "says it again")

    found = books.declared_final("aws")
    assert [(one.period, one.actor, one.because) for one in found] == [
        (OCTOBER, "cfo", "invoice 4711 is paid"),
        (NOVEMBER, "cfo", ""),
    ]
    assert len(books.declared_final()) == 3

    assert books.take_back_final("aws", OCTOBER, "ann", "a credit note is due")
    assert not books.take_back_final("aws", OCTOBER, "ann")
    assert [one.period for one in books.declared_final("aws")] == [NOVEMBER]
    said = [(one.actor, one.action, one.detail) for one in books.audit(subject="aws 2026-10")]
    assert said == [
        ("cfo", "final", {"because": "invoice 4711 is paid"}),
        ("ann", "not final", {"because": "a credit note is due"}),
    ]


def test_an_acknowledgement_needs_a_snapshot_and_a_reason(books: Books) -> None:
    with pytest.raises(NotLoaded):
        books.acknowledge("snapshot-1", "cfo", "small")
    books.commit_load("aws", [snapshot("1")], {}, "ann")
    with pytest.raises(UsageError):
        books.acknowledge("snapshot-1", "cfo", " ")
