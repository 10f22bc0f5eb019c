"""A month is closed once, with reasons against it told, and stands for good."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from apportion.domain.finding import Level
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState
from apportion.domain.result import Run
from apportion.errors import PeriodClosed
from apportion.ledger.close import close, prepare_close
from apportion.ledger.freeze_inputs import freeze_inputs
from apportion.run.bring_in import bring_in
from apportion.run.evaluate import evaluate
from apportion.run.open_project import OpenProject
from apportion.run.run_period import run_period
from apportion.run.saved import latest_run
from apportion.run.statement import draw_statement
from apportion.store.books.run_inputs import InputFile
from bills import row
from lived_projects import Lived
from small_projects import MODEL, OCTOBER, Small

SEPTEMBER = Period(2026, 9)


@pytest.fixture
def place(tmp_path: Path) -> Small:
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    small.write(MODEL)
    small.run()
    return small


def test_a_close_books_the_journal_and_is_said_once(place: Small) -> None:
    with place.open() as project:
        (booked,) = close(project, OCTOBER, actor="ann", because="all is in")
        assert project.books.state(OCTOBER) is PeriodState.CLOSED
        assert project.books.journal(OCTOBER) == (booked,)
        with pytest.raises(PeriodClosed, match="2026-10 is closed, by ann"):
            close(project, OCTOBER, actor="ben")
        (step,) = project.books.steps(OCTOBER)
        assert (step.actor, step.because) == ("ann", "all is in")
        assert project.books.verify_audit()[2] is None


def test_newer_bills_and_another_model_leave_a_closed_month_as_it_was(place: Small) -> None:
    with place.open() as project:
        close(project, OCTOBER, actor="ann")
        issued = draw_statement(latest_run(project.books, OCTOBER), "USD")
    place.bill(row("900.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    place.write(MODEL.replace("split: {by: even}", "split: {by: head_count}"))
    with place.open() as project:
        bring_in(project)
        newer = evaluate(project.workspace, project.model, OCTOBER)
        project.books.save_run(newer)
        again = draw_statement(latest_run(project.books, OCTOBER), "USD")
        assert again == issued
        assert project.books.run_by_id(newer.id) is not None


def test_a_closed_month_that_is_run_again_says_so(place: Small) -> None:
    with place.open() as project:
        close(project, OCTOBER, actor="ann")
        assert run_period(project, OCTOBER).findings == ()
    place.write(MODEL.replace("team_from_tag: team", "service: Compute, team: cv"))
    with place.open() as project:
        (told,) = run_period(project, OCTOBER).findings
    assert told.code == "period-closed"


def test_what_stands_against_it_is_told_all_at_once(place: Small) -> None:
    place.bill(row("100.00", {"team": "nlp"}), row("oops", {"team": "cv"}))
    place.write(MODEL.replace('  - {name: all else, account: "600100"}\n', ""))
    with place.open() as project:
        bring_in(project)
        against = {one.code for one in prepare_close(project, OCTOBER).against}
        assert {"run-stale", "model-changed"} <= against
        made = evaluate(project.workspace, project.model, OCTOBER)
        project.books.save_run(made)
        against = {one.code for one in prepare_close(project, OCTOBER).against}
        assert "proof-incomplete" in against
        with pytest.raises(PeriodClosed, match="can't be closed yet"):
            close(project, OCTOBER, actor="ann")
        assert project.books.journal() == ()


def test_what_is_accepted_needs_a_reason_which_is_kept(place: Small) -> None:
    place.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}), row("7.00"))
    with place.open() as project:
        bring_in(project)
        codes = {one.code for one in prepare_close(project, OCTOBER, Level.NOTE).against}
        with pytest.raises(PeriodClosed, match="needs a reason"):
            close(project, OCTOBER, actor="ann", level=Level.NOTE, accepted=frozenset(codes))
        close(project, OCTOBER, actor="ann", because="agreed", level=Level.NOTE,
              accepted=frozenset(codes))  # fmt: skip
        (step,) = project.books.steps(OCTOBER)
    assert step.because.startswith("agreed (accepted: ")


def test_cost_that_is_on_no_account_cannot_be_accepted_away(place: Small) -> None:
    place.write(MODEL.replace('  - {name: all else, account: "600100"}\n', ""))
    place.run()
    accepted = frozenset({"posting-missing"})
    with place.open() as project, pytest.raises(PeriodClosed, match="can't be closed yet"):
        close(project, OCTOBER, actor="ann", because="fine", accepted=accepted)


def test_a_laxer_level_than_the_setting_needs_a_reason_which_is_kept(place: Small) -> None:
    settings = place.root / "apportion.yaml"
    settings.write_text(settings.read_text() + "close: {level: note}\n")
    with place.open() as project:
        with pytest.raises(PeriodClosed, match="a laxer --level than the setting's needs a reason"):
            close(project, OCTOBER, actor="ann", level=Level.ERROR)
        close(project, OCTOBER, actor="ann", level=Level.ERROR, because="agreed")
        (step,) = project.books.steps(OCTOBER)
    assert step.because == "agreed (level error where note is set)"


@pytest.mark.parametrize("evaluated", [True, False])
def test_a_month_that_is_run_or_loaded_again_meanwhile_is_not_closed(
    place: Small, monkeypatch: pytest.MonkeyPatch, evaluated: bool
) -> None:
    real = freeze_inputs

    def somebody_else_first(project: OpenProject, run: Run) -> tuple[InputFile, ...]:
        monkeypatch.setattr("apportion.ledger.close.freeze_inputs", real)
        place.bill(row("130.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
        with place.open() as other:
            bring_in(other)
            if evaluated:
                other.books.save_run(evaluate(other.workspace, other.model, OCTOBER))
        return real(project, run)

    monkeypatch.setattr("apportion.ledger.close.freeze_inputs", somebody_else_first)
    with place.open() as project:
        with pytest.raises(PeriodClosed, match="2026-10 was run or loaded again meanwhile"):
            close(project, OCTOBER, actor="ann")
        assert project.books.state(OCTOBER) is PeriodState.OPEN
        assert project.books.journal() == ()


def test_a_month_that_runs_is_not_closed_unless_somebody_answers_for_it(place: Small) -> None:
    last, first = date(2026, 10, 31), date(2026, 11, 1)
    accepted = frozenset({"month-not-over"})
    with place.open() as project:
        assert prepare_close(project, OCTOBER, on=first).against == ()
        with pytest.raises(PeriodClosed, match="2026-10 isn't over"):
            close(project, OCTOBER, actor="ann", on=last)
        close(project, OCTOBER, actor="ann", on=last, because="agreed", accepted=accepted)


def test_an_earlier_month_that_is_open_is_told(place: Small) -> None:
    september = {
        "BillingPeriodStart": "2026-09-01T00:00:00Z",
        "BillingPeriodEnd": "2026-10-01T00:00:00Z",
        "ChargePeriodStart": "2026-09-05T00:00:00Z",
        "ChargePeriodEnd": "2026-09-06T00:00:00Z",
    }
    place.bill(row("100.00", {"team": "nlp"}), row("9.00", {"team": "nlp"}, **september))
    place.run()
    with place.open() as project:
        assert prepare_close(project, OCTOBER).against == ()
        (told,) = prepare_close(project, OCTOBER, Level.WARNING).against
        assert told.code == "earlier-month-open"
        run_period(project, SEPTEMBER)
        close(project, SEPTEMBER, actor="ann")
        assert prepare_close(project, OCTOBER, Level.WARNING).against == ()


SCRIPT = """
import sys
from apportion.domain.period import Period
from apportion.errors import PeriodClosed
from apportion.ledger.close import close
from apportion.run.open_project import OpenProject

with OpenProject(sys.argv[1]) as project:
    try:
        close(project, Period(2026, 10), actor=sys.argv[2])
    except PeriodClosed as told:
        print(told.what)
    else:
        print("won")
"""


def test_of_eight_who_close_at_once_one_wins_and_the_others_are_told(
    tmp_path: Path, books_url: str
) -> None:
    shared = Lived(tmp_path / "shared", books_url)
    shared.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    shared.write(MODEL)
    shared.run()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(shared.root), f"user{n}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(8)
    ]
    said = [one.communicate(timeout=120)[0].strip() for one in started]
    assert said.count("won") == 1
    assert all(one.startswith("2026-10 is closed, by user") for one in said if one != "won")
    with shared.open() as project:
        assert len(project.books.journal(OCTOBER)) == 1
        assert len(project.books.steps(OCTOBER)) == 1
