"""The journal of a period as it stands: what is booked, and what a close would book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.ledger.beside_run import beside_run, draw_beside
from apportion.ledger.draw_journal import Journal, draw_journal
from apportion.ledger.true_up import as_posted
from apportion.run.saved import latest_run

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


def run_to_book(project: OpenProject, period: Period) -> Run | None:
    """The run whose journal a period has; None for one in which other months' are booked alone.

    Corrections stand in months that have no bills yet. Raises NotLoaded where nothing is
    booked either.
    """
    found = project.books.run(period)
    if found is None and project.books.journal(period):
        return None
    return latest_run(project.books, period)


def booked_journal(project: OpenProject, period: Period) -> Journal:
    """What is booked for a period, and nothing else: what may be posted."""
    return Journal(project.books.journal(period))


def journal_of(project: OpenProject, period: Period, run: Run | None) -> Journal:
    """What is booked for a period; while it is open, with what its run would book as drafts.

    A closed period is as it was booked, whatever the model and the bills say since.
    """
    booked = project.books.journal(period)
    if run is None or project.books.state(period).is_closed:
        return Journal(booked)
    drawn = draw_journal(run, project.model, project.settings.currency)
    with project.books.reading() as connection:
        found = beside_run(connection, period)
    moved = draw_beside(project, run, found)
    held = {one.id for one in booked}
    would = as_posted(project, period, (*drawn.documents, *moved.documents))
    rest = tuple(one for one in would if one.id not in held)
    drafts = frozenset(one.id for one in rest)
    return Journal((*booked, *rest), (*drawn.findings, *moved.findings), drafts)
