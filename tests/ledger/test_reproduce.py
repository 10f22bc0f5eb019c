"""A closed month is reproduced byte for byte, whatever was loaded, changed and priced since."""

from __future__ import annotations

from pathlib import Path

import pytest

from apportion.domain.period import Period
from apportion.domain.restatement import View
from apportion.errors import PeriodClosed
from apportion.ledger.close import close
from apportion.ledger.correct import correct
from apportion.ledger.reproduce import reproduce
from apportion.ledger.views import restatements_of, standing_run
from apportion.publish.view_document import journal_bytes, reproduction_document, statement_bytes
from apportion.run.bring_in import bring_in
from apportion.run.run_period import run_period
from apportion.store.books.run_inputs import read_inputs
from bills import row
from lived_projects import Lived
from small_projects import MODEL, OCTOBER

NOVEMBER, DECEMBER = Period(2026, 11), Period(2026, 12)
EURO = {"BillingCurrency": "EUR"}


@pytest.fixture
def place(tmp_path: Path, books_url: str) -> Lived:
    """October in dollars and euros, closed."""
    made = Lived(tmp_path / "lived", books_url)
    made.bill(
        row("100.00", {"team": "nlp"}),
        row("50.00", {"team": "cv"}, **EURO),
        row("30.01", ServiceName="Shared"),
    )
    made.write(MODEL)
    made.run()
    with made.open() as project:
        close(project, OCTOBER, actor="ann", because="all is in")
    return made


def move_on(place: Lived, cost: str, rate: str, split: str) -> None:
    """A newer bill, another rate, another model, and a run of them."""
    place.bill(row(cost, {"team": "nlp"}), row("45.00", {"team": "cv"}, **EURO),
               row("60.00", ServiceName="Shared"))  # fmt: skip
    place.rate(rate)
    place.write(MODEL.replace("split: {by: even}", f"split: {{by: {split}}}"))
    with place.open() as project:
        bring_in(project)
        run_period(project, OCTOBER)


FIXED = "fixed, percentages: {nlp: 70, cv: 20, lab: 10}"


def test_a_closed_month_is_reproduced_after_all_has_changed(place: Lived) -> None:
    with place.open() as project:
        issued = standing_run(project, OCTOBER, View.AS_ISSUED)
        statement, journal = (
            statement_bytes(issued, "USD"),
            journal_bytes(project.books.journal(OCTOBER)),
        )
    move_on(place, "900.00", "1.3", FIXED)
    with place.open() as project:
        found = reproduce(project, OCTOBER)
        assert reproduction_document(found)["reproduced"]
        assert statement_bytes(found.made, "USD") == statement
        assert journal_bytes(found.made_journal) == journal
        assert found.differs == ()


def test_both_views_are_reproduced_after_corrections_of_corrections(place: Lived) -> None:
    move_on(place, "900.00", "1.3", FIXED)
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late bill")
    move_on(place, "120.00", "1.2", "even")
    with place.open() as project:
        correct(project, OCTOBER, DECEMBER, actor="ann", because="restated again")
    move_on(place, "1.00", "2", FIXED)
    with place.open() as project:
        assert [one.because for one in restatements_of(project, OCTOBER)] == [
            "late bill",
            "restated again",
        ]
        issued, restated = (reproduce(project, OCTOBER, view) for view in View)
        for found in (issued, restated):
            assert reproduction_document(found)["reproduced"], reproduction_document(found)
        assert issued.held.id != restated.held.id
        # 120 + 45 EUR at 1.2 + 60
        assert '"total": "234.00"' in statement_bytes(restated.made, "USD").decode()
        assert len(restated.made_journal) == 3


def test_an_identical_restatement_is_empty_and_restates_nothing(place: Lived) -> None:
    move_on(place, "900.00", "1.3", FIXED)
    with place.open() as project:
        correct(project, OCTOBER, NOVEMBER, actor="ann", because="late bill")
        again = correct(project, OCTOBER, NOVEMBER, actor="ann", because="late bill")
        assert (again.documents, again.restates) == ((), False)
        assert len(restatements_of(project, OCTOBER)) == 1


def test_what_is_open_has_no_views(place: Lived) -> None:
    with place.open() as project, pytest.raises(PeriodClosed, match="nothing was issued yet"):
        reproduce(project, NOVEMBER)


def test_a_close_needs_the_very_model_of_its_run(tmp_path: Path, books_url: str) -> None:
    made = Lived(tmp_path / "other", books_url)
    made.bill(row("100.00", {"team": "nlp"}))
    made.write(MODEL)
    made.run()
    made.write(MODEL.replace("split: {by: even}", f"split: {{by: {FIXED}}}"))
    with made.open() as project:
        with pytest.raises(PeriodClosed):
            close(project, OCTOBER, actor="ann", because="x", accepted=frozenset({"model-changed"}))
        assert project.books.journal() == ()


def test_what_is_frozen_are_the_settings_the_model_and_the_rates(place: Lived) -> None:
    with place.open() as project:
        run = project.books.steps(OCTOBER)[-1].run
        with project.books.reading() as connection:
            kept = {(one.role, one.name) for one in read_inputs(connection, run)}
            assert read_inputs(connection, "no such run") == ()
    assert kept == {
        ("settings", "apportion.yaml"),
        ("model", "model.yaml"),
        ("rates", "rates.csv"),
        ("facts", "facts.json"),
    }
