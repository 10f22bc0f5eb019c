"""Issues are numbered by month, kept for good, and stand in the audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.errors import BooksError, PaperError
from apportion.publish.papers.draw_paper import draw_paper
from apportion.publish.papers.evidence import EvidenceDesk
from apportion.publish.papers.facts import PaperFacts, gather_facts
from apportion.publish.papers.issue_papers import issue_papers
from apportion.publish.papers.typeset import typeset
from apportion.run.bring_in import bring_in
from apportion.run.run_period import run_period
from apportion.store.books.issues import read_issues
from apportion.store.books.schema import statement_issues
from bills import row, write_bill
from paper_projects import OCTOBER, ROWS, Papers


@pytest.fixture
def papers(tmp_path: Path, books_url: str) -> Papers:
    """On each database."""
    return Papers(tmp_path / "acme", more=f'locations: {{books: "{books_url}"}}\n')


def issue(papers: Papers, actor: str = "ann") -> PaperFacts:
    with papers.open() as project:
        return issue_papers(project, gather_facts(project, OCTOBER), actor=actor)


def pdf(facts: PaperFacts) -> bytes:
    return typeset(EvidenceDesk(facts).draw("nlp", draw_paper(facts, "nlp")))


def test_a_draft_becomes_no_1_and_stays_it(papers: Papers) -> None:
    with papers.open() as project:
        assert draw_paper(gather_facts(project, OCTOBER), "nlp")["version"]["number"] is None
    first, again = issue(papers), issue(papers, "ben")
    assert first.version.issue == again.version.issue
    said = draw_paper(again, "nlp")["version"]
    assert (said["number"], said["closed"]) == (1, False)
    with papers.open() as project:
        (entry,) = project.books.audit(action="issue-statements")
        assert (entry.actor, entry.subject, entry.detail["number"]) == ("ann", "2026-10", "1")
        assert project.books.verify_audit()[2] is None


def test_an_issued_statement_is_the_same_to_the_byte_whatever_is_logged_later(
    papers: Papers,
) -> None:
    first = pdf(issue(papers))
    with papers.open() as project:
        project.books.log("ben", "note", "later", {})
    assert pdf(issue(papers)) == first


def test_another_run_of_the_month_is_no_2(papers: Papers) -> None:
    issue(papers)
    write_bill(papers.root / "bills" / "bill.csv", [*ROWS, row("9.00", {"team": "nlp"})])
    with papers.open() as project:
        bring_in(project)
        run_period(project, OCTOBER)
    assert draw_paper(issue(papers), "nlp")["version"]["number"] == 2


def test_a_closed_month_is_said_to_be_final(papers: Papers) -> None:
    with papers.open() as project:
        run = gather_facts(project, OCTOBER).run.id
        step = PeriodStep(OCTOBER, PeriodState.CLOSED, run, "fin", "", datetime.now(UTC))
        project.books.take_step(step)
    said = draw_paper(issue(papers), "nlp")["version"]
    assert said["closed"]
    assert "final" in said["state_words"]


def test_the_database_keeps_issues(papers: Papers) -> None:
    issue(papers)
    with papers.open() as project:
        for change in (update(statement_issues).values(number=9), delete(statement_issues)):
            with pytest.raises((DBAPIError, BooksError)), project.books.writing() as connection:
                connection.execute(change)
        with project.books.reading() as connection:
            assert [one.number for one in read_issues(connection, OCTOBER)] == [1]


def test_a_run_whose_proof_fails_isnt_issued(tmp_path: Path) -> None:
    papers = Papers(tmp_path / "p")
    text = (papers.root / "apportion.yaml").read_text()
    control = 'bills, control: {2026-10: "1.00"}}'
    (papers.root / "apportion.yaml").write_text(text.replace("bills}", control))
    with pytest.raises(PaperError, match="can't be issued"):
        issue(papers)
