"""Teams look at a month until a deadline; silence is acceptance then, and is written down."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from apportion.domain.period_life import PeriodState
from apportion.domain.role import Grant, Role, RoleChange
from apportion.errors import NotAllowed, NotLoaded, PeriodClosed, UsageError
from apportion.ledger.close import close, prepare_close
from apportion.ledger.review import accept, open_review, review_status
from apportion.run.run_period import run_period
from apportion.store.books.audit import now
from apportion.store.books.roles import change_role
from bills import row
from lived_projects import Lived
from small_projects import MODEL, OCTOBER

SECOND, FIFTH, SIXTH = date(2026, 11, 2), date(2026, 11, 5), date(2026, 11, 6)


@pytest.fixture
def place(tmp_path: Path, books_url: str) -> Lived:
    return project_at(tmp_path, books_url)


def project_at(folder: Path, books: str, more: str = "") -> Lived:
    made = Lived(folder / "lived", books, more)
    made.bill(row("100.00", {"team": "nlp"}), row("50.00", {"team": "cv"}))
    made.write(MODEL)
    made.run()
    return made


def test_a_close_waits_for_the_word_of_teams_or_for_the_deadline(place: Lived) -> None:
    with place.open() as project:
        open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND)
        assert project.books.state(OCTOBER) is PeriodState.IN_REVIEW
        with pytest.raises(PeriodClosed, match="1 thing stands against it") as told:
            close(project, OCTOBER, actor="ann", on=FIFTH)
        assert "in review until 2026-11-05; no word yet of cv, nlp" in told.value.why
        assert accept(project, OCTOBER, "nlp", actor="tom")
        assert not accept(project, OCTOBER, "nlp", actor="tom")
        (running,) = prepare_close(project, OCTOBER, on=FIFTH).against
        assert "no word yet of cv" in running.message
        accept(project, OCTOBER, "cv", actor="eve")
        close(project, OCTOBER, actor="ann", on=SECOND)
        assert project.books.state(OCTOBER) is PeriodState.CLOSED


def test_a_running_review_cant_be_accepted_away(place: Lived) -> None:
    with place.open() as project:
        open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND)
        with pytest.raises(PeriodClosed):
            close(
                project,
                OCTOBER,
                actor="ann",
                because="hurry",
                accepted=frozenset({"review-running"}),
                on=SECOND,
            )


def test_silence_at_the_deadline_is_acceptance_and_is_recorded(place: Lived) -> None:
    with place.open() as project:
        open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND)
        accept(project, OCTOBER, "nlp", actor="tom", because="agreed")
        assert review_status(project, OCTOBER, FIFTH).waiting == ("cv",)
        close(project, OCTOBER, actor="ann", on=SIXTH)
        answers = review_status(project, OCTOBER, SIXTH).answers
        assert (answers["nlp"].silent, answers["cv"].silent) == (False, True)
        said = "accepted by silence: no word until the deadline of 2026-11-05"
        assert answers["cv"].because == said
        (line,) = project.books.audit("cv", "accept-by-silence")
        assert line.detail == {"period": "2026-10", "because": said}
        assert project.books.verify_audit()[2] is None


def test_a_window_opened_again_begins_anew(place: Lived) -> None:
    with place.open() as project:
        open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND)
        accept(project, OCTOBER, "nlp", actor="tom")
        found = open_review(project, OCTOBER, SIXTH, actor="ann", on=SECOND)
        assert (found.window.until, found.waiting) == (SIXTH, ("cv", "nlp"))


def test_another_run_since_the_review_stands_against_the_close(place: Lived) -> None:
    with place.open() as project:
        open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND)
    place.write(MODEL.replace("by tag, team_from_tag: team", "all, service: Compute, team: cv"))
    with place.open() as project:
        run_period(project, OCTOBER)
        codes = {one.code for one in prepare_close(project, OCTOBER, on=SECOND).against}
        assert "review-outdated" in codes


def test_what_a_review_refuses(place: Lived) -> None:
    with place.open() as project:
        with pytest.raises(UsageError, match="over before it begins"):
            open_review(project, OCTOBER, SECOND, actor="ann", on=FIFTH)
        with pytest.raises(NotLoaded, match="isn't in review"):
            accept(project, OCTOBER, "nlp", actor="tom")
        open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND)
        with pytest.raises(NotLoaded, match="team lab has no statement"):
            accept(project, OCTOBER, "lab", actor="tom")
        close(project, OCTOBER, actor="ann", on=SIXTH)
        with pytest.raises(PeriodClosed, match="nothing left to accept"):
            accept(project, OCTOBER, "nlp", actor="tom")
        with pytest.raises(PeriodClosed, match="2026-10 is closed"):
            open_review(project, OCTOBER, SIXTH, actor="ann", on=SECOND)


def test_a_close_may_require_a_review(tmp_path: Path, books_url: str) -> None:
    with project_at(tmp_path, books_url, "close: {review: required}").open() as project:
        (told,) = prepare_close(project, OCTOBER, on=SECOND).against
        assert told.code == "review-missing"


def test_a_running_review_is_never_shortened_and_a_day_is_the_least(place: Lived) -> None:
    with place.open() as project:
        with pytest.raises(UsageError, match="less than a full day"):
            open_review(project, OCTOBER, SECOND, actor="ann", on=SECOND)
        open_review(project, OCTOBER, SECOND, actor="ann", on=SECOND, because="all sit together")
        open_review(project, OCTOBER, SIXTH, actor="ann", on=SECOND)
        with pytest.raises(UsageError, match="runs until 2026-11-06: it can't end earlier"):
            open_review(project, OCTOBER, FIFTH, actor="ann", on=SECOND, because="hurry")


def test_who_leads_no_team_accepts_on_its_behalf_with_a_reason(place: Lived) -> None:
    with place.open() as project:
        with project.books.writing() as connection:
            for one in (
                Grant("adm", Role.ADMIN),
                Grant("fin", Role.FINANCE),
                Grant("fox", Role.FINANCE),
                Grant("tom", Role.TEAM_LEAD, "nlp"),
            ):
                change_role(connection, RoleChange(one, True, "adm", "x", now()))
        open_review(project, OCTOBER, FIFTH, actor="fin", on=SECOND)
        assert accept(project, OCTOBER, "nlp", actor="tom")
        with pytest.raises(NotAllowed, match="may not accept for team cv"):
            accept(project, OCTOBER, "cv", actor="fox", because="hurry")
        with pytest.raises(UsageError, match="needs a reason"):
            accept(project, OCTOBER, "cv", actor="fox", on_behalf=True)
        with pytest.raises(NotAllowed, match="opening a review and accepting on behalf"):
            accept(project, OCTOBER, "cv", actor="fin", because="hurry", on_behalf=True)
        accept(project, OCTOBER, "cv", actor="fox", because="by mail", on_behalf=True)
        answers = review_status(project, OCTOBER, FIFTH).answers
        assert {team: one.how for team, one in answers.items()} == {
            "cv": "on behalf",
            "nlp": "by word",
        }
        with pytest.raises(NotAllowed, match="on behalf of a team and closing"):
            close(project, OCTOBER, actor="fox", on=SECOND)
        close(project, OCTOBER, actor="fin", on=SECOND)
