"""Issue a month's statements: from then on they have a number, and stand in the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apportion.errors import PaperError
from apportion.publish.papers.facts import PaperFacts, version_of
from apportion.store.books.issues import issue_statements

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def issue_papers(project: OpenProject, facts: PaperFacts, *, actor: str) -> PaperFacts:
    """Issue the statements of a run, unless they are issued; gives the facts with the number.

    Raises PaperError for a run whose proof fails: what doesn't match the bill is handed out as
    a draft at most.
    """
    if not facts.reconciled.ok:
        raise PaperError(
            f"the statements of {facts.run.period} can't be issued",
            why="the proof of the run fails: its figures don't match the bill",
            hint=f"see where: `apportion reconcile --period {facts.run.period}`",
        )
    with project.books.writing() as connection:
        issue_statements(connection, facts.run.period, facts.run.id, actor, datetime.now(UTC))
    return replace(facts, version=version_of(project, facts.run))
