"""Who may post what, and what is refused before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from apportion.domain.journal import DocumentKind, reversal
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.posting import PostingState
from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import (
    ConfigurationError,
    JournalConflict,
    NotAllowed,
    PeriodClosed,
    UsageError,
)
from apportion.ledger.correct import correct
from apportion.publish.erp.post.post_period import Outside, post, prepare_post
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from apportion.store.books.postings import add_postings, read_postings
from apportion.store.books.roles import change_role
from bills import row
from posting import ENVIRONMENT, TARGETS, place, project_settings
from small_projects import MODEL, OCTOBER, Small

NOVEMBER = Period(2026, 11)


def test_an_open_month_is_not_posted(tmp_path: Path) -> None:
    small = Small(tmp_path / "p")
    small.bill(row("100.00", {"team": "nlp"}))
    small.write(MODEL)
    small.run()
    with (small.root / "apportion.yaml").open("a") as handle:
        handle.write(project_settings("sap", "http://127.0.0.1:9"))
    with small.open() as project, pytest.raises(PeriodClosed, match="2026-10 is open: nothing"):
        prepare_post(project, OCTOBER, "sap")


def test_a_correction_in_an_open_month_is_posted_and_the_month_stays_open(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at:
        at.post()
        at.small.bill(row("130.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
        with at.small.open() as project:
            bring_in(project)
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
            (booked,) = project.books.journal(NOVEMBER)
            assert booked.kind is DocumentKind.CORRECTION
            found = post(project, NOVEMBER, "sap", actor="ben", outside=Outside(ENVIRONMENT))
            assert (found.whole, found.state) == (True, PeriodState.OPEN)
        assert at.kept == 2


def test_a_reversal_is_posted_after_what_it_takes_back(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at:
        outside = Outside(ENVIRONMENT)
        with at.small.open() as project:
            (booked,) = project.books.journal(OCTOBER)
            project.books.book([reversal(booked, NOVEMBER, date(2026, 11, 1))], "ann")
            with pytest.raises(UsageError, match="which isn't posted yet"):
                post(project, NOVEMBER, "sap", actor="ben", outside=outside)
            assert at.kept == 0
            post(project, OCTOBER, "sap", actor="ben", outside=outside)
            assert post(project, NOVEMBER, "sap", actor="ben", outside=outside).whole
        entries = at.server.vendor.book.entries
        assert sum(amount for one in entries for _, amount in one.lines) == 0
        assert {name: -amount for name, amount in entries[0].lines} == dict(entries[1].lines)


def test_who_closed_the_month_does_not_post_it(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at:
        with at.small.open() as project, project.books.writing() as connection:
            for name in ("ann", "ben"):
                grant = Grant(name, Role.FINANCE)
                change = RoleChange(grant, True, "root", "", datetime.now(UTC))
                change_role(connection, change)
        with pytest.raises(NotAllowed, match="preparing and posting may not lie with one person"):
            at.post(actor="ann")
        assert (at.kept, at.server.asked) == (0, [])
        assert at.post(actor="ben").whole


@pytest.mark.parametrize("target", ["sap", "netsuite"])
def test_a_cost_centre_too_long_is_refused_before_anything_is_sent(
    tmp_path: Path, target: str
) -> None:
    more = ", codes: {cost_centers: {CC-1: '12345678901'}}" if target == "sap" else ""
    with place(tmp_path / "p", target, more=more) as at:
        if target == "netsuite":
            settings = at.small.root / "apportion.yaml"
            settings.write_text(settings.read_text().replace('CC-1: "1"', f'CC-1: "{"1" * 31}"'))
        with pytest.raises(UsageError, match="may not be posted") as told:
            at.post()
        assert "characters" in str(told.value)
        assert (at.kept, at.server.asked) == (0, [])
        with at.small.open() as project, project.books.reading() as connection:
            assert read_postings(connection) == ()


def test_another_content_under_the_same_id_is_refused(tmp_path: Path) -> None:
    """Fewer lines a part, once a part may have been sent: the same id would say something else."""
    with place(tmp_path / "p", "sap") as at:
        at.post()
        settings = at.small.root / "apportion.yaml"
        settings.write_text(settings.read_text().replace("{options", "{lines: 2, options"))
        with pytest.raises(JournalConflict, match="with another content"):
            at.post()
        assert at.kept == 1


def test_a_document_goes_to_one_erp_alone(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at:
        with (at.small.root / "apportion.yaml").open("a") as handle:
            handle.write(project_settings("xero", at.server.url).removeprefix("erp:\n"))
        with at.small.open() as project:
            ((_, second),) = prepare_post(project, OCTOBER, "xero").messages
        assert at.post().whole
        with at.small.open() as project:
            with pytest.raises(JournalConflict, match="is in the outbox of sap-journal-entry"):
                prepare_post(project, OCTOBER, "xero")
            with pytest.raises(JournalConflict), project.books.writing() as connection:
                add_postings(connection, [second])
        assert at.kept == 1


def _void(project: OpenProject) -> None:
    (booked,) = project.books.journal(OCTOBER)
    void = replace(reversal(booked, OCTOBER, date(2026, 10, 31)), id=f"{booked.id}-void")
    project.books.book([void], "ann")


def test_what_was_taken_back_before_it_was_sent_stays_unsent(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at, at.small.open() as project:
        _void(project)
        drawn = prepare_post(project, OCTOBER, "sap")
        assert (drawn.messages, drawn.documents) == ((), ())
        assert [one.code for one in drawn.findings] == ["posting-cancelled-out"]


def test_what_was_sent_is_followed_by_what_takes_it_back(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at:
        at.post()
        with at.small.open() as project:
            _void(project)
        found = at.post()
        assert (found.whole, at.kept) == (True, 2)


def test_parts_are_posted_each_and_the_month_with_the_last(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap", ["busy"] * 5, more=", lines: 2") as at:
        found = at.post()
        assert [one.state for one in found.postings] == [PostingState.PREPARED, None]
        assert found.state is PeriodState.CLOSED
        found = at.post()
        assert (found.whole, found.state, at.kept) == (True, PeriodState.POSTED, 2)


def test_the_outbox_refuses_what_cannot_be(tmp_path: Path, books_url: str) -> None:
    from apportion.store.books import Books

    with place(tmp_path / "p", "sap") as at, at.small.open() as project:
        ((_, posting),) = prepare_post(project, OCTOBER, "sap").messages
    books = Books.open(books_url)
    with books.writing() as connection:
        assert add_postings(connection, [posting]) == (posting,)
        assert add_postings(connection, [posting]) == ()
        (held,) = read_postings(connection, OCTOBER, posting.target)
        assert (held.posting, held.last) == (posting, None)
        with pytest.raises(JournalConflict):
            add_postings(connection, [replace(posting, content="other")])
        with pytest.raises(JournalConflict):
            add_postings(connection, [replace(posting, id="another")])
    books.close()


TWO = MODEL
for before, after in (
    ("CC-2, mode: chargeback, entity: DE", "CC-2, mode: chargeback, entity: US"),
    ('{name: DE, code: "1010"}', '{name: DE, code: "1010"}, {name: US, code: "2020"}'),
    (
        "kind: recovery}",
        """kind: recovery}
  - {name: "120000", title: Owed, kind: receivable}
  - {name: "220000", title: Due, kind: payable}""",
    ),
    ('recovery: "659900"}', 'recovery: "659900", receivable: "120000", payable: "220000"}'),
):
    TWO = TWO.replace(before, after)


@pytest.mark.parametrize("target", TARGETS)
def test_two_entities_go_where_their_books_are(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posting.MODEL", TWO)
    codes = 'accounts: {"120000": "12", "220000": "22", "500100"'
    with place(tmp_path / "p", target) as at:
        settings = at.small.root / "apportion.yaml"
        text = settings.read_text().replace('accounts: {"500100"', codes)
        settings.write_text(text.replace('entities: {DE: "1"}', 'entities: {DE: "1", US: "2"}'))
        if target in {"xero", "quickbooks"}:
            with pytest.raises(UsageError, match="is the ERP of one entity"):
                at.post()
            text = settings.read_text()
            settings.write_text(text.replace("options: {", "options: {entities: [DEE], "))
            with pytest.raises(UsageError, match="names 'DEE': there is no such entity"):
                at.post()
            text = text.replace("options: {", "options: {entities: [DE], ")
            settings.write_text(text)
            found = at.post()
            assert (len(found.left_out), at.kept) == (1, 1)
            assert found.whole
            assert found.state is PeriodState.CLOSED
        else:
            assert at.post().state is PeriodState.POSTED
            assert at.kept == (1 if target == "netsuite" else 2)


@pytest.mark.parametrize("target", TARGETS)
def test_a_missing_credential_names_its_variable(tmp_path: Path, target: str) -> None:
    with place(tmp_path / "p", target) as at, at.small.open() as project:
        outside = Outside({}, lambda _: None)
        with pytest.raises(ConfigurationError, match="the environment variable APPORTION_"):
            post(project, OCTOBER, target, actor="ben", outside=outside)
        assert at.server.asked == []


def test_what_has_no_interface_is_not_posted(tmp_path: Path) -> None:
    with place(tmp_path / "p", "sap") as at, at.small.open() as project:
        with pytest.raises(UsageError, match="nothing can be posted to 'workday'"):
            prepare_post(project, OCTOBER, "workday")
        with pytest.raises(ConfigurationError, match="can't be posted to without `account`"):
            prepare_post(project, OCTOBER, "xero")
