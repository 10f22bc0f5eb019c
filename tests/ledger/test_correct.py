"""What changes after a close is a correction in an open month, to the cent and only once."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.domain.journal import DocumentKind
from apportion.domain.period import Period
from apportion.errors import NotLoaded, PeriodClosed
from apportion.govern.quarter_review import review_quarter
from apportion.ledger.checklist import checklists
from apportion.ledger.close import close
from apportion.ledger.correct import correct
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.notices import notices
from apportion.run.saved import latest_run
from bills import row
from small_projects import MODEL, OCTOBER, Small

NOVEMBER = Period(2026, 11)
CORRECT = "`apportion correct --period 2026-10`"


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    small.write(MODEL)
    small.run()
    with small.open() as project:
        close(project, OCTOBER, actor="ann")
    return small


def restate(place: Small, nlp: str, cv: str) -> None:
    place.bill(row(nlp, {"team": "nlp"}), row(cv, {"team": "cv"}))
    with place.open() as project:
        bring_in(project)
        project.books.save_run(evaluate(project.workspace, project.model, OCTOBER))


def test_a_restated_bill_is_corrected_in_the_open_month(place: Small) -> None:
    restate(place, "130.00", "45.00")
    with place.open() as project:
        (made,) = correct(project, OCTOBER, NOVEMBER, actor="ann", because="late").documents
        sums = {line.at.cost_center: line.signed for line in made.lines}
        assert sums == {"CC-1": 30_00, "CC-2": -5_00, "CC-9": -25_00}
        assert (made.kind, made.period, made.original) == (
            DocumentKind.CORRECTION,
            NOVEMBER,
            "2026-10",
        )


def test_the_same_restatement_again_is_empty_and_another_is_the_difference(place: Small) -> None:
    restate(place, "130.00", "45.00")
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        again = correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        assert again.documents == ()
    restate(place, "100.00", "45.00")
    with place.open() as project:
        (made,) = correct(project, OCTOBER, NOVEMBER, actor="ann", because="back").documents
        assert {line.at.cost_center: line.signed for line in made.lines} == {
            "CC-1": -30_00,
            "CC-9": 30_00,
        }


def test_a_restatement_that_is_taken_back_is_booked_back(place: Small) -> None:
    """The bill is again what it was when the month was closed, and so is its run."""
    restate(place, "130.00", "50.00")
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
    restate(place, "100.00", "50.00")
    with place.open() as project:
        (made,) = correct(project, OCTOBER, NOVEMBER, actor="ann", because="back").documents
        sums = {line.at.cost_center: line.signed for line in made.lines}
        assert sums == {"CC-1": -30_00, "CC-9": 30_00}
        assert correct(project, OCTOBER, NOVEMBER, actor="ann", because="x").documents == ()


def test_a_correction_that_is_not_proven_is_not_booked(place: Small) -> None:
    """The later bill has a row whose cost nobody can read: 130 may not be all of it."""
    place.bill(
        row("130.00", {"team": "nlp"}), row("50.00", {"team": "cv"}), row("oops", {"team": "cv"})
    )
    with place.open() as project:
        bring_in(project)
        before = project.books.journal()
        with pytest.raises(NotLoaded, match="can't be drawn") as caught:
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        assert "the proof is incomplete" in str(caught.value)
        assert project.books.journal() == before


def test_what_needs_or_takes_no_correction_says_so(place: Small) -> None:
    with place.open() as project:
        with pytest.raises(NotLoaded, match="nothing has changed since"):
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        with pytest.raises(PeriodClosed, match="2026-11 is open"):
            correct(project, NOVEMBER, Period(2026, 12), actor="ann", because="late")
        with pytest.raises(PeriodClosed, match="can't take a correction"):
            correct(project, OCTOBER, OCTOBER, actor="ann", because="late")
        with pytest.raises(PeriodClosed, match="needs a reason"):
            correct(project, OCTOBER, NOVEMBER, actor="ann", because=" ")


def test_a_stale_run_of_a_closed_month_says_what_to_correct(place: Small) -> None:
    place.bill(row("130.00", {"team": "nlp"}), row("45.00", {"team": "cv"}))
    with place.open() as project:
        bring_in(project)
        told = [one.hint for one in notices(project, latest_run(project.books, OCTOBER))]
        assert told == ["the month is closed; book what changed: " + CORRECT]
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        made = project.books.run(OCTOBER)
        assert made is not None
        for one in notices(project, made):
            assert one.hint == "corrected in 2026-11; book what changed since: " + CORRECT


def test_an_open_month_with_documents_is_listed(place: Small) -> None:
    restate(place, "130.00", "45.00")
    with place.open() as project:
        assert [str(one.period) for one in checklists(project)] == ["2026-10"]
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
        assert [str(one.period) for one in checklists(project)] == ["2026-10", "2026-11"]


def test_what_was_corrected_and_taken_back_counts_for_nothing(place: Small) -> None:
    """30.00 of 150.00 as issued is 20 %; taken back it is nothing."""
    rate = "corrections after close ÷ charged"
    for nlp, percent in (("130.00", "20.00"), ("100.00", "0.00")):
        restate(place, nlp, "50.00")
        with place.open() as project:
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="late")
            found = {one.name: str(one.percent) for one in review_quarter(project, "2026-Q4").rates}
            assert found[rate] == percent
