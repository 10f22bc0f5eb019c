"""What needs the agreement of somebody else: a close, and a correction that is material."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apportion.domain.approval import Decision
from apportion.domain.period import Period
from apportion.errors import NotAllowed, PeriodClosed, UsageError
from apportion.ledger.close import ask_for_close, close, prepare_close
from apportion.ledger.correct import ask_for_correction, correct, prepare_correction
from apportion.ledger.reopen import reopen
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from apportion.run.run_period import run_period
from apportion.store.books.approvals import decide
from apportion.store.books.restatements import read_reopenings
from bills import row
from lived_projects import Lived
from small_projects import MODEL, OCTOBER

NOVEMBER = Period(2026, 11)


def project_at(folder: Path, books: str, more: str) -> Lived:
    made = Lived(folder / "lived", books, more)
    made.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    made.write(MODEL)
    made.run()
    return made


def agree(project: OpenProject, subject: str, actor: str, *, approved: bool = True) -> None:
    said = Decision(0, actor, approved, "seen", datetime.now(UTC))
    with project.books.writing() as connection:
        decide(connection, subject, said)


def restate(place: Lived, nlp: str) -> None:
    place.bill(row(nlp, {"team": "nlp"}), row("50.00", {"team": "cv"}))
    with place.open() as project:
        bring_in(project)
        run_period(project, OCTOBER)


def test_a_close_waits_for_the_agreement_of_somebody_else(tmp_path: Path, books_url: str) -> None:
    place = project_at(tmp_path, books_url, "close: {approvals: 1}")
    with place.open() as project:
        (told,) = prepare_close(project, OCTOBER).against
        assert told.message == "close 2026-10 isn't approved: nobody has asked for it yet"
        ask_for_close(project, OCTOBER, actor="ann", because="all is in")
        (told,) = prepare_close(project, OCTOBER).against
        assert told.message == "close 2026-10 isn't approved: it waits for: approver"
        agree(project, "close 2026-10", "bob")
        with pytest.raises(NotAllowed, match="bob approved 'close 2026-10' and may not do it, too"):
            close(project, OCTOBER, actor="bob")
        assert project.books.journal() == ()
        close(project, OCTOBER, actor="ann")


def test_what_changed_since_it_was_approved_is_asked_for_again(
    tmp_path: Path, books_url: str
) -> None:
    place = project_at(tmp_path, books_url, "close: {approvals: 1}")
    with place.open() as project:
        ask_for_close(project, OCTOBER, actor="ann", because="all is in")
        agree(project, "close 2026-10", "bob")
    restate(place, "101.00")
    with place.open() as project:
        (told,) = prepare_close(project, OCTOBER).against
        assert "what was asked for has changed since" in told.message
        with pytest.raises(PeriodClosed):
            close(project, OCTOBER, actor="ann")


def test_a_no_stands_against_it(tmp_path: Path, books_url: str) -> None:
    place = project_at(tmp_path, books_url, "close: {approvals: 1}")
    with place.open() as project:
        ask_for_close(project, OCTOBER, actor="ann", because="all is in")
        agree(project, "close 2026-10", "bob", approved=False)
        (told,) = prepare_close(project, OCTOBER).against
        assert "bob rejected it: seen" in told.message


def test_closes_that_need_no_approval_arent_asked_for(tmp_path: Path) -> None:
    place = project_at(tmp_path, f"sqlite:///{tmp_path}/books.sqlite", "")
    with place.open() as project, pytest.raises(UsageError, match="closes need no approvals"):
        ask_for_close(project, OCTOBER, actor="ann", because="")


def test_a_material_correction_needs_an_approval_and_a_small_one_none(
    tmp_path: Path, books_url: str
) -> None:
    place = project_at(tmp_path, books_url, "close: {materiality: {amount: 20, percent: 10}}")
    with place.open() as project:
        close(project, OCTOBER, actor="ann")
    restate(place, "114.00")  # 14 of 150: 9.33 %
    with place.open() as project:
        found = prepare_correction(project, OCTOBER, NOVEMBER)
        assert not found.material
        with pytest.raises(UsageError, match="isn't material"):
            ask_for_correction(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
    restate(place, "129.00")  # 15 more of 150: 10 %, and 29 together
    with place.open() as project:
        with pytest.raises(NotAllowed, match="'correct 2026-10' isn't approved"):
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        assert len(project.books.journal(NOVEMBER)) == 1
        ask_for_correction(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        agree(project, "correct 2026-10", "bob")
        with pytest.raises(NotAllowed):
            correct(project, OCTOBER, NOVEMBER, actor="bob", because="late")
        (made,) = correct(project, OCTOBER, NOVEMBER, actor="ann", because="late").documents
        assert made.total == 15_00


def test_slices_of_a_correction_count_together_until_somebody_agrees(
    tmp_path: Path, books_url: str
) -> None:
    place = project_at(tmp_path, books_url, "close: {materiality: {amount: 50}}")
    with place.open() as project:
        close(project, OCTOBER, actor="ann")
    restate(place, "140.00")
    with place.open() as project:
        assert correct(project, OCTOBER, NOVEMBER, actor="ann", because="late").documents
    restate(place, "180.00")
    with place.open() as project:
        (moved,) = prepare_correction(project, OCTOBER, NOVEMBER).moved
        assert [moved.amount, moved.since] == [40, 80]
        assert moved.material is True
        with pytest.raises(NotAllowed, match="'correct 2026-10' isn't approved"):
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        ask_for_correction(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        agree(project, "correct 2026-10", "bob")
        assert correct(project, OCTOBER, NOVEMBER, actor="ann", because="late").documents
    restate(place, "220.00")  # 40 since the approval
    with place.open() as project:
        (moved,) = prepare_correction(project, OCTOBER, NOVEMBER).moved
        assert [moved.amount, moved.since] == [40, 40]
        assert moved.material is False
        assert correct(project, OCTOBER, NOVEMBER, actor="ann", because="late").documents
    restate(place, "260.00")  # the same 40 for the third time is no longer what bob agreed to
    with place.open() as project, pytest.raises(NotAllowed, match="isn't approved"):
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")


def test_money_that_moves_between_teams_is_material_though_nothing_is_new(
    tmp_path: Path, books_url: str
) -> None:
    place = project_at(tmp_path, books_url, "close: {materiality: {amount: 20}}")
    with place.open() as project:
        close(project, OCTOBER, actor="ann")
    place.bill(row("80.00", {"team": "nlp"}), row("70.00", {"team": "cv"}))
    with place.open() as project:
        bring_in(project)
        (moved,) = prepare_correction(project, OCTOBER, NOVEMBER).moved
        assert moved.material
        assert [moved.amount, moved.closed] == [20, 150]


def test_reopening_is_a_correction_that_books_nothing_by_itself(
    tmp_path: Path, books_url: str
) -> None:
    place = project_at(tmp_path, books_url, "")
    with place.open() as project:
        with pytest.raises(PeriodClosed):
            reopen(project, OCTOBER, None, actor="ann", because="a mistake")
        close(project, OCTOBER, actor="ann")
        found = reopen(project, OCTOBER, None, actor="ann", because="a mistake")
        assert (found.reopening.into, found.correction) == (NOVEMBER, None)
        with pytest.raises(PeriodClosed, match="needs a reason"):
            reopen(project, OCTOBER, None, actor="ann", because=" ")
    restate(place, "130.00")
    with place.open() as project:
        found = reopen(project, OCTOBER, None, actor="ann", because="late bill")
        assert found.correction is not None
        assert found.correction.documents[0].total == 30_00
        assert project.books.journal(NOVEMBER) == ()
        assert project.books.state(OCTOBER).is_closed
        with project.books.reading() as connection:
            kept = read_reopenings(connection, OCTOBER)
        assert [one.because for one in kept] == ["a mistake", "late bill"]


def test_a_material_correction_is_decided_by_nobody_whom_it_relieves(
    tmp_path: Path, books_url: str
) -> None:
    """nlp carries 90 less, so who leads it doesn't decide."""
    place = project_at(tmp_path, books_url, "close: {materiality: {amount: 20}}")
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
    restate(place, "10.00")
    with place.open() as project:
        asked = ask_for_correction(project, OCTOBER, NOVEMBER, actor="fin", because="credit")
        assert asked.request.benefits == ("nlp",)


def test_the_same_correction_again_needs_a_new_approval(tmp_path: Path, books_url: str) -> None:
    """100 becomes 130, 100, and 130 again, each agreed on: the fourth, like the second, isn't."""
    place = project_at(tmp_path, books_url, "close: {materiality: {amount: 20}}")
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
    for amount in ("130.00", "100.00"):
        restate(place, amount)
        with place.open() as project:
            ask_for_correction(project, OCTOBER, NOVEMBER, actor="fin", because="late")
            agree(project, "correct 2026-10", "eve")
            assert correct(project, OCTOBER, NOVEMBER, actor="fin", because="late").documents
    restate(place, "130.00")
    with place.open() as project, pytest.raises(NotAllowed, match="isn't approved"):
        correct(project, OCTOBER, NOVEMBER, actor="fin", because="late")
