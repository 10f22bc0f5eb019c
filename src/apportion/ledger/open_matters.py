"""What others have to settle before a month is closed: reviews that run, approvals, disputes.

Each kind of matter is one function of MATTERS: project, run and the digest of what would be
booked in, findings out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotAllowed
from apportion.ledger import review
from apportion.store.books.approvals import approvals_of, approved
from apportion.store.books.reviews import answers_of, window_of
from apportion.store.books.roles import read_roles

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

MATTERS_OF_OTHERS = frozenset({"review-running", "review-missing", "close-not-approved"})
"""Codes of what isn't for the one who closes to decide."""

Matter = Callable[["OpenProject", Run, str, date], Iterable[Finding]]


def open_matters(
    project: OpenProject, run: Run, content: str, on: date | None = None
) -> Iterator[Finding]:
    """All that others have to settle before the month of a run is closed."""
    day = on or review.today()
    for matter in MATTERS:
        yield from matter(project, run, content, day)


def running_review(project: OpenProject, run: Run, content: str, today: date) -> Iterator[Finding]:
    """A window that runs while teams haven't answered, or one that was never opened."""
    found = review.review_of(project, run.period, run)
    if found is None:
        if project.settings.close.review_required:
            yield Finding(
                "review-missing",
                Level.ERROR,
                f"{run.period} was never in review, which a close needs here",
                hint=f"`apportion review open --period {run.period} --until DAY`",
            )
        return
    if found.window.run != run.id:
        yield Finding(
            "review-outdated",
            Level.ERROR,
            f"{run.period} was run again since its review was opened: teams saw run "
            f"{found.window.run}",
            hint="open the review again, or accept it with a reason",
        )
    if found.waiting and not found.window.has_passed(today):
        yield Finding(
            "review-running",
            Level.ERROR,
            f"{run.period} is in review until {found.window.until}; no word yet of "
            f"{', '.join(found.waiting)}",
            hint="wait for the deadline, after which silence is acceptance, or for their word: "
            "`apportion review accept`",
        )


def missing_approval(
    project: OpenProject, run: Run, content: str, today: date
) -> Iterator[Finding]:
    """Agreements that the setting `close` asks for and that aren't given for this content."""
    if not project.settings.close.approvals:
        return
    subject = f"close {run.period}"
    with project.books.reading() as connection:
        if approved(connection, subject, content):
            return
        asked = approvals_of(connection, subject)
    hint = f"ask for it: `apportion close --period {run.period} --ask --because TEXT`"
    if not asked:
        told = "nobody has asked for it yet"
    elif asked[-1].request.content != content:
        told = "what was asked for has changed since"
    elif asked[-1].state == "rejected":
        told = f"{asked[-1].decisions[-1].actor} rejected it: {asked[-1].decisions[-1].because}"
    else:
        told = f"it waits for: {asked[-1].waits_for}"
        hint = f"decide: `apportion approve {subject} --because TEXT`"
    yield Finding("close-not-approved", Level.ERROR, f"{subject} isn't approved: {told}", hint=hint)


MATTERS: tuple[Matter, ...] = (running_review, missing_approval)
"""The kinds of matters, in the order in which they are told."""


def refuse_approver(connection: Connection, subject: str, content: str, actor: str) -> None:
    """Raise NotAllowed where the one who acts approved it, or accepted on behalf of a team."""
    _refuse_on_behalf(connection, subject, actor)
    asked = approvals_of(connection, subject, content)
    agreed = asked[-1] if asked and asked[-1].approved else None
    if agreed and any(one.actor == actor for one in agreed.decisions):
        raise NotAllowed(
            f"{actor} approved {subject!r} and may not do it, too",
            why="two people stand behind it: one who prepares, and one who approves",
            hint="let somebody else do it",
        )


def _refuse_on_behalf(connection: Connection, subject: str, actor: str) -> None:
    """Who closes a month doesn't speak for its teams, once roles are held."""
    act, _, period = subject.partition(" ")
    roles = read_roles(connection)
    if act != "close" or not roles.governed:
        return
    window = window_of(connection, Period.parse(period))
    for one in answers_of(connection, window).values() if window else ():
        if one.on_behalf:
            roles.keep_apart(actor, one.actor, "accepting on behalf of a team and closing")
