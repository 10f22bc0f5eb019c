"""What accepting would change for others: exact, summing to zero, and booking nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.dispute import Reason
from apportion.errors import UsageError
from apportion.govern.disputes import Claim, open_dispute
from apportion.govern.simulate import Question, Remedy, Simulation, question_of, simulate
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from bills import row
from small_projects import MODEL, OCTOBER, Small

DRIVER = """
drivers:
  - {name: calls, unit: calls, file: calls.csv}
"""
BY_CALLS = MODEL.replace("split: {by: even}", "split: {by: driver, driver: calls}") + DRIVER


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """100 of a pool by calls, 50 : 30 : 20; nlp has 40 of its own."""
    small = Small(tmp_path / "small")
    small.bill(row("100.00", {}, ServiceName="Shared"), row("40.00", {"team": "nlp"}))
    small.write(BY_CALLS)
    rows = ["period,team,quantity", "2026-10,nlp,50", "2026-10,cv,30", "2026-10,lab,20"]
    (small.root / "model/calls.csv").write_text("\n".join(rows) + "\n")
    small.run()
    return small


def line_of(project: OpenProject, team: str, pool: str = "") -> str:
    run = latest_run(project.books, OCTOBER)
    return next(one.id for one in run.lines if (one.owner.name, one.pool) == (team, pool))


def effects(found: Simulation) -> dict[str, str]:
    assert sum(one.difference for one in found.effects) == 0
    assert sum((one.exact for one in found.effects), Fraction(0)) == 0
    return {str(one.owner): str(one.difference) for one in found.effects}


def test_exempt_from_the_pool_the_others_carry_it_in_proportion(place: Small) -> None:
    """50 : 20 of what is left, so nlp 71.43 and lab 28.57."""
    with place.open() as project:
        question = Question(OCTOBER, "cv", line_of(project, "cv", "shared"))
        found = simulate(project, question)
        assert found.remedy is Remedy.EXEMPT
        assert found.line_after == 0
        assert effects(found) == {"team cv": "-30.00", "team nlp": "21.43", "team lab": "8.57"}
        assert [one.exact for one in found.effects][1] == Fraction(150, 7)
        assert not found.stale


def test_another_quantity_of_the_driver(place: Small) -> None:
    """cv 10 in place of 30: 50 : 10 : 20 of 80 are 62.50, 12.50 and 25.00."""
    with place.open() as project:
        line = line_of(project, "cv", "shared")
        found = simulate(project, Question(OCTOBER, "cv", line, quantity=Fraction(10)))
        assert effects(found) == {"team cv": "-17.50", "team nlp": "12.50", "team lab": "5.00"}
        assert found.line_after == Decimal("12.50")


def test_a_direct_line_that_is_somebody_elses(place: Small) -> None:
    with place.open() as project:
        line = line_of(project, "nlp")
        found = simulate(project, Question(OCTOBER, "nlp", line, taker="cv"))
        assert effects(found) == {"team nlp": "-40.00", "team cv": "40.00"}
        found = simulate(project, Question(OCTOBER, "nlp", line))
        assert effects(found) == {"team nlp": "-40.00", "unallocated": "40.00"}
        found = simulate(project, Question(OCTOBER, "nlp", line, taker="pool:shared"))
        assert effects(found) == {"team nlp": "-20.00", "team cv": "12.00", "team lab": "8.00"}


def test_a_simulation_saves_and_books_nothing(place: Small) -> None:
    with place.open() as project:
        before = (project.books.runs(), project.books.journal(), project.books.audit())
        simulate(project, Question(OCTOBER, "cv", line_of(project, "cv", "shared")))
        assert (project.books.runs(), project.books.journal(), project.books.audit()) == before


def test_what_does_not_fit_the_line_is_said(place: Small) -> None:
    with place.open() as project:
        shared, direct = line_of(project, "cv", "shared"), line_of(project, "nlp")
        for question, why in (
            (Question(OCTOBER, "cv", shared, Remedy.OWNER), "no charges of its own"),
            (Question(OCTOBER, "nlp", direct, Remedy.EXEMPT), "isn't of a pool"),
            (Question(OCTOBER, "cv", shared, Remedy.QUANTITY), "what the quantity should be"),
            (Question(OCTOBER, "nlp", direct, taker="nlp"), "carries it already"),
            (
                Question(OCTOBER, "cv", shared, quantity=Fraction(1), driver="x"),
                "rests on no driver 'x'",
            ),
        ):
            with pytest.raises(UsageError, match=why):
                simulate(project, question)
        claim = Claim(OCTOBER, "cv", shared, Reason.WRONG_QUANTITY, "we made 10")
        made = open_dispute(project, claim, actor="cid")
        with pytest.raises(UsageError, match="none is named"):
            question_of(made)
        asked = question_of(made, Question(OCTOBER, "", "", quantity=Fraction(10)))
        assert (asked.team, asked.line) == ("cv", shared)


def test_a_changed_model_is_told(place: Small) -> None:
    with place.open() as project:
        question = Question(OCTOBER, "cv", line_of(project, "cv", "shared"))
    place.write(BY_CALLS.replace("CC-3", "CC-4"))
    with place.open() as project:
        assert simulate(project, question).stale
