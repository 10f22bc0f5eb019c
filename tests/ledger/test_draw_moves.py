"""Adjustments between entities are owed as in the month's own journal; each document balances."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

from apportion.domain.period import Period
from apportion.govern.adjustments import Proposal, apply_adjustment, decide_adjustment, propose
from apportion.ledger.journal_of import journal_of
from apportion.run.bring_in import bring_in
from apportion.run.open_project import OpenProject
from apportion.run.run_period import run_period
from apportion.run.saved import latest_run

SCENARIO = Path(__file__).parents[1] / "scenarios" / "journal-two-entities"
OCTOBER = Period(2026, 10)


def test_cost_that_goes_to_another_entity_is_owed_with_the_mark_up(tmp_path: Path) -> None:
    """10.00 from nlp (DE) to cv (US): US owes 10.00 and 5 %."""
    place = shutil.copytree(SCENARIO, tmp_path / "project")
    with OpenProject(place) as project:
        bring_in(project)
        run_period(project, OCTOBER)
        made = propose(project, Proposal(OCTOBER, "nlp", "cv", Decimal("10.00"), "x"), actor="a")
        decide_adjustment(project, made.id, approved=True, actor="b", because="x")
        apply_adjustment(project, made.id, actor="c")
        shown = journal_of(project, OCTOBER, latest_run(project.books, OCTOBER))
    assert shown.may_be_posted
    sums = {
        one.entity: {line.at.account: line.signed for line in one.lines}
        for one in shown.documents
        if str(one.kind) == "adjustment"
    }
    assert sums == {
        "DE": {"653010": -10_00, "120000": 10_50, "710000": -50},
        "US": {"653020": 10_50, "220000": -10_50},
    }
