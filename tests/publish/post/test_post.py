"""A closed month is posted once to each ERP, whatever answers and whoever else posts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from apportion.demo.erp.entry_book import Entry, EntryBook
from apportion.domain.period_life import PeriodState
from apportion.domain.posting import PostingState
from posting import TARGETS, place
from small_projects import OCTOBER

S = PostingState


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_month_is_posted_read_back_and_reconciled(
    tmp_path: Path, target: str, books_url: str
) -> None:
    with place(tmp_path / "p", target, books=books_url) as at:
        found = at.post()
        (one,) = found.postings
        assert (found.whole, found.state, one.state) == (True, PeriodState.POSTED, S.POSTED)
        assert one.last is not None
        assert one.last.number
        assert one.last.reasons == ("read back: debits 150.00, credits 150.00, 3 lines",)
        again = at.post()
        assert (again.postings, at.kept) == (found.postings, 1)
        assert at.post(reconcile=True).state is PeriodState.RECONCILED
        assert at.kept == 1
        with at.small.open() as project:
            assert [str(step.state) for step in project.books.steps(OCTOBER)] == [
                "closed",
                "posted",
                "reconciled",
            ]
            assert project.books.verify_audit()[2] is None
            states = [one.detail["after"] for one in project.books.audit(action="post")]
        assert states == ["prepared", "sent", "accepted", "posted", "posted"]


def test_copied_books_find_what_the_erp_has_and_send_nothing(tmp_path: Path, target: str) -> None:
    book = EntryBook()
    with place(tmp_path / "p", target, book=book) as at:
        assert at.post().whole
    with place(tmp_path / "copy", target, book=book) as at:
        found = at.post()
        assert (found.whole, at.kept) == (True, 1)
        (one,) = found.postings
        assert one.last is not None
        assert "nothing was sent" in one.last.reasons[0]
        assert not any(at.server.vendor.is_posting(asked) for asked in at.server.asked)


def test_another_content_that_the_erp_has_is_told_and_not_doubled(
    tmp_path: Path, target: str
) -> None:
    book = EntryBook()
    with place(tmp_path / "p", target, ["other"], book=book) as at:
        at.post()
    with place(tmp_path / "copy", target, book=book) as at:
        (one,) = at.post().postings
        assert (one.state, at.kept) == (S.DIFFERS, 1)


TAKEN = ["time-out", "error", "malformed", "bomb"]


@pytest.mark.parametrize("fault", TAKEN)
def test_what_was_taken_and_not_answered_is_found_and_not_sent_again(
    tmp_path: Path, target: str, fault: str
) -> None:
    with place(tmp_path / "p", target, [fault]) as at:
        assert at.post().whole
        assert at.kept == 1
        assert sum(at.server.vendor.is_posting(one) for one in at.server.asked) == 1


@pytest.mark.parametrize("fault", ["lost", "busy", "unavailable"])
def test_what_was_not_taken_is_sent_again(tmp_path: Path, target: str, fault: str) -> None:
    with place(tmp_path / "p", target, [fault]) as at:
        assert at.post().whole
        assert at.kept == 1
        assert sum(at.server.vendor.is_posting(one) for one in at.server.asked) == 2


def test_sap_is_given_time_before_anything_is_sent_again(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap", ["lost"], settled=40) as at:
        assert at.post().whole
        assert any(35 < wait <= 40 for wait in at.waits)


def test_a_rejection_is_told_with_its_reason_and_posted_once_it_is_mended(
    tmp_path: Path, target: str
) -> None:
    with place(tmp_path / "p", target, ["reject"]) as at:
        found = at.post()
        (one,) = found.postings
        assert (one.state, at.kept, found.state) == (S.REJECTED, 0, PeriodState.CLOSED)
        assert one.last is not None
        assert "999" in " ".join(one.last.reasons)
        assert at.post().whole
        assert at.kept == 1


def test_a_closed_period_of_the_erp_is_told_and_nothing_is_lost(
    tmp_path: Path, target: str
) -> None:
    book = EntryBook(closed=frozenset({"2026-10"}))
    with place(tmp_path / "p", target, book=book) as at:
        (one,) = at.post().postings
        assert one.state is S.REJECTED
        assert one.last is not None
        said = " ".join(one.last.reasons).lower()
        assert "period" in said
        book.closed = frozenset()
        assert at.post().whole
        assert at.kept == 1


def test_a_lock_is_tried_once_more(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap", ["lock"]) as at:
        assert at.post().whole
    with place(tmp_path / "q", "sap", ["lock", "lock"]) as at:
        (one,) = at.post().postings
        assert one.state is S.REJECTED


def test_an_erp_that_stays_busy_is_left_alone(tmp_path: Path, target: str) -> None:
    with place(tmp_path / "p", target, ["busy"] * 5) as at:
        found = at.post()
        assert [one.state for one in found.postings] == [S.PREPARED]
        assert (at.kept, found.whole) == (0, False)
        assert at.post().whole


def test_credentials_are_not_sent_elsewhere(tmp_path: Path, target: str) -> None:
    with place(tmp_path / "p", target, ["redirect"]) as at:
        (one,) = at.post().postings
        assert one.last is not None
        assert (one.state, "points elsewhere" in one.last.reasons[0]) == (S.REJECTED, True)


def test_what_the_erp_keeps_otherwise_is_not_posted(tmp_path: Path, target: str) -> None:
    with place(tmp_path / "p", target, ["other"]) as at:
        found = at.post()
        (one,) = found.postings
        assert (one.state, found.state) == (S.DIFFERS, PeriodState.CLOSED)
        assert one.last is not None
        assert "sent: debits 150.00, credits 150.00, 3 lines" in one.last.reasons[0]
        assert at.post().postings[0].state is S.DIFFERS
        assert at.kept == 1


@pytest.mark.parametrize("target", ["sap", "xero", "quickbooks"])
def test_an_entry_that_is_there_twice_is_told(tmp_path: Path, target: str) -> None:
    with place(tmp_path / "p", target, ["twice"]) as at:
        (one,) = at.post().postings
        assert one.state is S.DIFFERS
        assert one.last is not None
        assert "the ERP has it 2 times" in one.last.reasons[0]


def test_netsuite_says_exists_and_counts_only_if_it_is_the_same(tmp_path: Path) -> None:
    with place(tmp_path / "p", "netsuite", ["time-out"]) as at:
        at.post()
        entries = at.server.vendor.book.entries
    with place(tmp_path / "q", "netsuite", book=EntryBook(entries=list(entries))) as at:
        assert at.post().whole
        assert at.kept == 1
    changed = EntryBook(entries=[_other(entries[0])])
    with place(tmp_path / "r", "netsuite", book=changed) as at:
        (one,) = at.post().postings
        assert (one.state, at.kept) == (S.DIFFERS, 1)


def _other(entry: Entry) -> Entry:
    items = entry.whole["line"]["items"][:1]
    return replace(entry, whole={**entry.whole, "line": {"items": items}})


def test_a_draft_of_xero_is_not_posted_until_somebody_posts_it_there(tmp_path: Path) -> None:
    with place(tmp_path / "p", "xero") as at:
        settings = at.small.root / "apportion.yaml"
        settings.write_text(settings.read_text().replace("status: POSTED", "status: DRAFT"))
        found = at.post()
        assert [one.state for one in found.postings] == [S.ACCEPTED]
        (entry,) = at.server.vendor.book.entries
        entry.whole["Status"] = "POSTED"  # type: ignore[index]
        assert at.post().whole
        assert at.kept == 1


def test_what_an_erp_lost_since_is_told_when_it_is_reconciled(tmp_path: Path, target: str) -> None:
    with place(tmp_path / "p", target) as at:
        at.post()
        at.server.vendor.book.entries.clear()
        found = at.post(reconcile=True)
        assert (found.postings[0].state, found.state) == (S.DIFFERS, PeriodState.POSTED)
