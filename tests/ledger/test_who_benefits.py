"""Teams of a cost centre share its relief: none of their leads decides on it."""

from __future__ import annotations

from datetime import date

from apportion.domain.journal import Assignment, DocumentKind, JournalDocument, lines_of
from apportion.domain.period import Period
from apportion.domain.result import TeamFacts
from apportion.ledger.who_benefits import benefiting_teams

NOVEMBER = Period(2026, 11)


def team(name: str, cost_center: str) -> TeamFacts:
    return TeamFacts(name, name, cost_center, "", "", None, "")


def booked(sums: dict[Assignment, int]) -> JournalDocument:
    return JournalDocument(
        id="cb-1010-2026-11",
        entity="DE",
        period=NOVEMBER,
        posted_on=date(2026, 11, 30),
        currency="USD",
        kind=DocumentKind.CORRECTION,
        text="corrected",
        lines=lines_of(sums, dict.fromkeys(sums, "corrected")),
        run="r1",
    )


def test_all_teams_of_a_relieved_cost_centre_benefit() -> None:
    teams = [team("nlp", "1"), team("lab", "1"), team("cv", "2"), team("ops", "")]
    one = booked({Assignment("5", "1"): -90_00, Assignment("5", "2"): 90_00})
    assert benefiting_teams([one], teams) == ("lab", "nlp")


def test_what_moves_between_accounts_of_a_cost_centre_relieves_nobody() -> None:
    one = booked({Assignment("5", "1"): -90_00, Assignment("6", "1"): 90_00})
    assert benefiting_teams([one], [team("nlp", "1")]) == ()
