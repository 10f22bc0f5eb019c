"""What changes after a close is a correction in an open month, to the cent and only once."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.journal import DocumentKind
from apportion.domain.money import to_units
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded, PeriodClosed
from apportion.govern.quarter_review import review_quarter
from apportion.ledger.checklist import checklists
from apportion.ledger.close import close
from apportion.ledger.correct import correct
from apportion.ledger.freeze_inputs import freeze_inputs
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.notices import notices
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from apportion.store.books.run_inputs import InputFile
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


def test_a_bill_that_goes_back_and_forth_is_corrected_each_time(place: Small) -> None:
    """The fifth correction says what the third said: it is another document all the same."""
    ids: set[str] = set()
    for nlp in ("130.00", "100.00", "130.00", "100.00", "130.00"):
        restate(place, nlp, "50.00")
        with place.open() as project:
            (made,) = correct(project, OCTOBER, NOVEMBER, actor="ann", because="x").documents
            assert made.id not in ids
            ids.add(made.id)
            assert booked_on(project, "CC-1") == to_units(Fraction(nlp), 2)


def test_a_renamed_entity_whose_name_is_the_new_code_is_a_document_of_its_own(
    place: Small,
) -> None:
    place.write(
        MODEL.replace("entity: DE", "entity: GER").replace(
            'name: DE, code: "1010"', 'name: GER, code: "DE"'
        )
    )
    with place.open() as project:
        made = correct(project, OCTOBER, NOVEMBER, actor="ann", because="renamed").documents
        assert {one.entity for one in made} == {"DE", "GER"}
        assert len({one.id for one in made}) == 2


def test_a_month_far_off_takes_no_correction(place: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """November is open: what is booked in February would lie unseen."""
    monkeypatch.setattr("apportion.ledger.review.today", lambda: date(2026, 11, 20))
    restate(place, "130.00", "45.00")
    with place.open() as project:
        with pytest.raises(PeriodClosed, match="2027-02 is too far off"):
            correct(project, OCTOBER, Period(2027, 2), actor="ann", because="late")
        assert correct(project, OCTOBER, Period(2026, 12), actor="ann", because="late").documents


def test_of_two_corrections_at_once_the_second_is_told(
    place: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were held against the same books: together they would move the money twice."""
    restate(place, "130.00", "50.00")
    real = freeze_inputs

    def somebody_else_first(project: OpenProject, run: Run) -> tuple[InputFile, ...]:
        monkeypatch.setattr("apportion.ledger.correct.freeze_inputs", real)
        with place.open() as other:
            correct(other, OCTOBER, NOVEMBER.next(), actor="bob", because="y")
        return real(project, run)

    monkeypatch.setattr("apportion.ledger.correct.freeze_inputs", somebody_else_first)
    with place.open() as project:
        with pytest.raises(PeriodClosed, match="2026-10 was corrected meanwhile"):
            correct(project, OCTOBER, NOVEMBER, actor="ann", because="x")
        assert booked_on(project, "CC-1") == 130_00


def booked_on(project: OpenProject, center: str) -> int:
    return sum(
        line.signed
        for one in project.books.journal()
        for line in one.lines
        if line.at.cost_center == center
    )
