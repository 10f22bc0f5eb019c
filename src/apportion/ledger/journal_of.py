"""The journal of a period as it stands: what is booked, and what a close would book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.ledger.beside_run import beside_run, draw_beside
from apportion.ledger.draw_journal import Journal, draw_journal
from apportion.ledger.true_up import as_posted

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def journal_of(project: OpenProject, period: Period, run: Run) -> Journal:
    """What is booked for a period; while it is open, with what its run would book.

    A closed period is as it was booked, whatever the model and the bills say since.
    """
    booked = project.books.journal(period)
    if project.books.state(period).is_closed:
        return Journal(booked)
    drawn = draw_journal(run, project.model, project.settings.currency)
    with project.books.reading() as connection:
        found = beside_run(connection, period)
    moved = draw_beside(project, run, found)
    held = {one.id for one in booked}
    would = as_posted(project, period, (*drawn.documents, *moved.documents))
    rest = tuple(one for one in would if one.id not in held)
    return Journal((*booked, *rest), (*drawn.findings, *moved.findings))
