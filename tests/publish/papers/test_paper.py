"""A statement as a document says what was worked by hand in paper_projects.py."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.adjustment import Adjustment
from apportion.domain.owner import Owner, OwnerKind
from apportion.errors import NotLoaded
from apportion.ledger.corrections_in import CorrectionLine
from apportion.publish.documents import Document
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import EvidenceDesk
from apportion.publish.papers.facts import gather_facts
from apportion.publish.papers.write_papers import draw_file
from bills import row
from paper_projects import MODEL, OCTOBER, Papers

EXPECTED = Path(__file__).with_name("expected.json")
DIGESTS = re.compile(r"[0-9a-f]{12,64}|\d{4}-\d\d-\d\dT[\d:.]+\+00:00")


def without_digests(document: Document) -> Document:
    """Ids, digests and moments hang on more than the figures: each becomes a dash."""
    made: Document = json.loads(DIGESTS.sub("-", json.dumps(document)))
    return made


def test_what_the_template_is_given_is_as_stored(papers: Papers) -> None:
    assert without_digests(papers.paper("nlp")) == json.loads(EXPECTED.read_text())


def test_figures_budget_and_change(papers: Papers) -> None:
    (part,) = papers.paper("nlp")["parts"]
    figures = {one["name"]: one["amount"] for one in part["figures"]}
    assert figures == {
        "Total": "85.00",
        "Direct": "55.00",
        "Shared": "30.00",
        "Budget": "80.00",
        "Against budget": "5.00",
        "Month before": "70.00",
        "Change": "15.00",
    }


def test_the_change_is_told_by_cause_and_adds_up(papers: Papers) -> None:
    """Ten hours more at 2.00 are volume, and so is a credit of a service that is new."""
    (part,) = papers.paper("nlp")["parts"]
    causes = {one["cause"]: one["amount"] for one in part["change"]["causes"]}
    assert causes == {
        "price": "0.00",
        "volume": "15.00",
        "mix": "0.00",
        "rules": "0.00",
        "one-off": "0.00",
    }
    first, *_, last = part["change"]["bars"]
    assert (first["label"], first["shown"]) == ("September 2026", "70.00")
    assert (last["label"], last["shown"]) == ("October 2026", "85.00")
    assert "volume +15.00" in part["change"]["alt"]


def test_a_share_says_how_much_of_what_by_which_quantities_and_who_said_so(papers: Papers) -> None:
    (part,) = papers.paper("nlp")["parts"]
    (line,) = part["shared"]
    assert line["percent"] == "75 %"
    assert line["why"][0] == "You carry 75 % of Platform: 30.00 USD of 40.00 USD."
    assert line["why"][1].startswith("93 of 124 people-days (head count)")
    assert any("all teams use it" in words and "pat@example.com" in words for words in line["rule"])


def test_tips_have_their_figures_and_nothing_is_made_up(papers: Papers) -> None:
    (part,) = papers.paper("nlp")["parts"]
    (tip,) = part["tips"]
    assert tip["what"] == "You are 5.00 USD over budget"
    (other,) = papers.paper("cv")["parts"]
    assert other["tips"] == []


def test_without_a_month_before_it_says_why_nothing_is_compared(tmp_path: Path) -> None:
    alone = Papers(tmp_path / "p", [row("60.00", {"team": "nlp"})])
    (part,) = alone.paper("nlp")["parts"]
    assert part["change"]["why_not"] == "2026-09 has no run to compare with"
    assert part["change"]["bars"] == []


def test_a_model_that_has_changed_leaves_out_what_it_can_no_longer_tell(own_papers: Papers) -> None:
    (own_papers.root / "model" / "model.yaml").write_text(MODEL.replace("head_count}", "even}"))
    paper = own_papers.paper("nlp")
    assert "the model has changed since this run" in paper["notices"]
    (part,) = paper["parts"]
    assert part["total"] == "85.00"
    assert part["change"]["why_not"]
    assert part["shared"][0]["rule"] == ["Split by head count"] or part["shared"][0]["rule"]


def test_two_currencies_without_rates_are_two_parts(tmp_path: Path) -> None:
    rows = [
        row("60.00", {"team": "nlp"}),
        row("7.50", {"team": "nlp"}, BillingCurrency="EUR"),
        row("700", {"team": "cv"}, BillingCurrency="JPY"),
    ]
    papers = Papers(tmp_path / "p", rows)
    assert [part["currency"] for part in papers.paper("nlp")["parts"]] == ["USD", "EUR"]
    assert [part["total"] for part in papers.paper("cv")["parts"]] == ["0.00", "700"]


def test_all_teams_at_once_say_the_same_as_one_by_one(papers: Papers) -> None:
    with papers.open() as project:
        every, one = gather_facts(project, OCTOBER), gather_facts(project, OCTOBER, "nlp")
    assert every.explained["nlp"] == one.explained["nlp"]


def test_a_team_that_isnt_there_is_refused(papers: Papers) -> None:
    with papers.open() as project, pytest.raises(NotLoaded, match="no team is called 'nlq'"):
        gather_facts(project, OCTOBER, "nlq")


def test_what_was_decided_stands_beside_the_totals(own_papers: Papers) -> None:
    """5.00 go from nlp to cv by an approved decision; both see it, and neither total moves."""
    with own_papers.open() as project:
        facts = gather_facts(project, OCTOBER)
    moved = Adjustment(
        OCTOBER,
        "USD",
        500,
        Owner(OwnerKind.TEAM, "nlp"),
        Owner(OwnerKind.TEAM, "cv"),
        because="it was theirs",
        actor="ann",
        at=datetime(2026, 11, 2, tzinfo=UTC),
        id=3,
    )
    corrected = CorrectionLine(OCTOBER, "2026-08", "d", "USD", "CC-1", ("nlp",), Decimal("1.20"))
    facts = replace(facts, adjustments=(moved,), corrections=(corrected,))
    nlp, cv = draw_paper(facts, "nlp"), draw_paper(facts, "cv")
    assert [(one["what"], one["amount"]) for one in nlp["beside"]] == [
        ("Adjustment 3", "-5.00"),
        ("Correction of August 2026", "1.20"),
    ]
    assert [(one["amount"], one["words"]) for one in cv["beside"]] == [
        ("5.00", "from team nlp: it was theirs")
    ]
    assert nlp["parts"][0]["total"] == "85.00"
    evidence = EvidenceDesk(facts).draw("nlp", nlp)
    for form in ("pdf", "xlsx", "html"):
        assert draw_file(evidence, form)
