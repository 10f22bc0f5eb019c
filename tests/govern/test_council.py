"""The council's queue, and the figures of a quarter, each by its formula."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from apportion.domain.dispute import Reason
from apportion.errors import NotLoaded, UsageError
from apportion.govern.adjustments import apply_adjustment, decide_adjustment
from apportion.govern.council import council_queue
from apportion.govern.disputes import Claim, Verdict, decide, open_dispute, triage
from apportion.govern.quarter_review import months_of, review_quarter
from apportion.ledger.close import close
from apportion.publish.council_document import review_document
from apportion.publish.review_tables import review_markdown
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from bills import row
from small_projects import MODEL, OCTOBER, Small

WEIGHTED = (
    MODEL.replace(
        "split: {by: even}",
        "split: {by: weighted, drivers: {calls: 60, seats: 40}}, "
        "exempt: [{team: lab, because: trial, until: 2026-11-01}]",
    )
    + """
drivers:
  - {name: calls, unit: calls, file: calls.csv}
  - {name: seats, unit: seats, file: seats.csv}
"""
)


@pytest.fixture
def place(tmp_path: Path) -> Small:
    """100 of a pool: 60 by calls 3 : 1, 40 by seats 1 : 1; 60 of nlp, 20 of cv, 20 of nobody."""
    small = Small(tmp_path / "small")
    small.bill(
        row("100.00", {}, ServiceName="Shared"),
        row("60.00", {"team": "nlp"}),
        row("20.00", {"team": "cv"}),
        row("20.00", {}),
    )
    small.write(WEIGHTED)
    head = "period,team,quantity"
    (small.root / "model/calls.csv").write_text(f"{head}\n2026-10,nlp,30\n2026-10,cv,10\n")
    (small.root / "model/seats.csv").write_text(f"{head}\n2026-10,nlp,5\n2026-10,cv,5\n")
    small.run()
    return small


def line_of(project: OpenProject, team: str) -> str:
    run = latest_run(project.books, OCTOBER)
    return next(one.id for one in run.lines if (one.owner.name, one.pool) == (team, ""))


def dispute(project: OpenProject, team: str, amount: str) -> int:
    day = datetime(2026, 11, 30, tzinfo=UTC)
    claim = Claim(OCTOBER, team, line_of(project, team), Reason.OTHER, "x", Decimal(amount))
    made = open_dispute(project, claim, actor="tom", at=day)
    triage(project, made.id, actor="ann", at=day)
    return made.id


def test_the_queue_has_what_waits_by_deadline(place: Small) -> None:
    with place.open() as project:
        dispute(project, "nlp", "6.00")
        decide(project, dispute(project, "cv", "5.00"), Verdict(True, "so", "nlp"), actor="ann")
        found = council_queue(project, date(2027, 1, 1))
        assert [one.id for one in found.disputes] == [1]
        assert [one.id for one in found.overdue] == [1]
        assert [one.id for one in found.adjustments] == [1]
        assert {(one.what, one.why) for one in found.due} == {
            ("model", "nobody has reviewed it"),
            ("rule", "it has no owner and no reason"),
            ("pool", "it has no owner and no reason"),
            ("exemption", "it ended on 2026-11-01"),
        }


def test_a_quarter_by_its_formulas(place: Small) -> None:
    """Charged are nlp 60 + 65, cv 20 + 35: 180. 6 + 5 are disputed: 6.11 %, in 2 of 2 statements.

    5 are moved after the close: 2.78 %. A tenth more of 60 % by calls is 6 points: nlp carries
    by calls 75 % and by seats 50 %, so 6 × 25 % of 100 = 1.50 more.
    """
    with place.open() as project:
        close(project, OCTOBER, actor="fin")
        first, second = dispute(project, "nlp", "6.00"), dispute(project, "cv", "5.00")
        on = datetime(2026, 12, 2, tzinfo=UTC)
        decide(project, first, Verdict(False, "no"), actor="ann", at=on)
        late = datetime(2026, 12, 18, tzinfo=UTC)
        decide(project, second, Verdict(True, "so", "nlp"), actor="ann", at=late)
        decide_adjustment(project, 1, approved=True, actor="eve", because="ok")
        apply_adjustment(project, 1, actor="fin")
        found = review_quarter(project, "2026-Q4")
        (cover,) = found.coverage
        assert [str(one.percent) for one in (cover.direct, cover.shared, cover.unallocated)] == [
            "40.00",
            "50.00",
            "10.00",
        ]
        said = found.disputes
        assert (said.opened, said.accepted, said.rejected, said.late) == (2, 1, 1, 1)
        assert said.days == Fraction(2 + 18, 2)
        assert {one.name: str(one.percent) for one in found.rates} == {
            "disputes per 100 statements": "100.00",
            "disputed ÷ charged": "6.11",
            "corrections after close ÷ charged": "2.78",
        }
        moves = {(one.driver, one.team): str(one.move) for one in found.sensitivity}
        assert moves["calls", "nlp"] == "1.50"
        assert moves["calls", "cv"] == "-1.50"
        assert found.notes == ("2026-11 has no run", "2026-12 has no run")
        page = review_markdown(found)
        assert page.startswith("# Allocation council, review of 2026-Q4\n")
        assert "| 2026-10 | shared | calls | nlp | 1.50 | USD |" in page
        assert review_document(found)["disputes"]["median_days_to_settle"] == "10"


def test_a_quarter_that_is_none_or_has_nothing(place: Small) -> None:
    assert str(months_of("2026-q1")[2]) == "2026-03"
    with place.open() as project:
        for wrong in ("2026", "2026-Q5", "Q3-2026"):
            with pytest.raises(UsageError, match="is no quarter"):
                review_quarter(project, wrong)
        with pytest.raises(NotLoaded, match="no month of 2026-Q1 has a run"):
            review_quarter(project, "2026-Q1")
