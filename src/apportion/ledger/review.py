"""The review of a month: opened with a deadline, accepted by word or by silence.

Silence is acceptance once the last day is over, and is written down as such when the month is
next looked at: a row and a line of the audit log say that nobody objected, and until when they
could have.

Source: FinOps Framework, Invoicing & Chargeback (review before posting).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.owner import OwnerKind
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.domain.result import Run
from apportion.domain.review import ON_BEHALF, Review, ReviewAnswer, ReviewWindow
from apportion.domain.role import Roles
from apportion.errors import NotAllowed, NotLoaded, PeriodClosed, UsageError
from apportion.run.saved import latest_run
from apportion.store.books.audit import now
from apportion.store.books.period_steps import refuse_step, state_in, take_step
from apportion.store.books.reviews import add_answer, add_window, answers_of, window_of
from apportion.store.books.roles import read_roles

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject

SILENCE = "accepted by silence"


def today() -> date:
    """The day by which deadlines are told, in UTC."""
    return datetime.now(UTC).date()


def open_review(
    project: OpenProject,
    period: Period,
    until: date,
    *,
    actor: str,
    because: str = "",
    on: date | None = None,
) -> Review:
    """Give the teams of a month's latest run until the end of a day to look at it.

    A window that is opened again takes the place of the one before, with its answers: what
    changed is to be looked at anew. Raises UsageError for a day that is over, for less than a
    full day without a reason, and where a running window would end earlier; PeriodClosed where
    the month is closed, NotLoaded where it has no run.
    """
    day = on or today()
    if until < day:
        raise UsageError(
            f"a review until {until} is over before it begins",
            why=f"today is {day}",
            hint="give a day that is still to come",
        )
    if until == day and not because.strip():
        raise UsageError(
            f"a review until {until} leaves teams less than a full day",
            why="silence is acceptance then",
            hint="give a later day, or say --because",
        )
    run = latest_run(project.books, period)
    window = ReviewWindow(period, until, run.id, actor, because, now())
    with project.books.writing() as connection:
        state = state_in(connection, period)
        if state.is_closed:
            refuse_step(connection, period, state, PeriodState.IN_REVIEW)
        if state is not PeriodState.IN_REVIEW:
            step = PeriodStep(period, PeriodState.IN_REVIEW, run.id, actor, because, window.at)
            take_step(connection, step)
        _refuse_shorter(connection, window, day)
        add_window(connection, window)
    found = review_of(project, period, run)
    assert found is not None
    return found


def _refuse_shorter(connection: Connection, window: ReviewWindow, day: date) -> None:
    """What teams were given they keep: silence would be acceptance before they looked."""
    before = window_of(connection, window.period)
    if before and not before.has_passed(day) and window.until < before.until:
        raise UsageError(
            f"the review of {window.period} runs until {before.until}: it can't end earlier",
            why="teams were told that they have until then",
            hint=f"give {before.until} or a later day; a month that all accepted can be closed",
        )


def accept(
    project: OpenProject,
    period: Period,
    team: str,
    *,
    actor: str,
    because: str = "",
    on_behalf: bool = False,
) -> bool:
    """Accept a month for a team; False where it has accepted already.

    Once roles are held, who doesn't lead the team says `on_behalf`, with a reason, and may not
    be who opened the review. Raises NotAllowed for that, UsageError without the reason,
    NotLoaded where the month isn't in review or the team carries nothing of it, PeriodClosed
    where it is closed.
    """
    if on_behalf and not because.strip():
        raise UsageError("accepting on behalf of a team needs a reason", hint="say --because")
    found = _needed(project, period)
    if team not in found.teams:
        raise NotLoaded(
            f"team {team} has no statement of {period}",
            hint=f"the teams in review are {', '.join(found.teams) or 'none'}",
        )
    said = f"{ON_BEHALF}: {because.strip()}" if on_behalf else because
    answer = ReviewAnswer(team, False, actor, said, now())
    with project.books.writing() as connection:
        _check_for(read_roles(connection), found.window, answer)
        if state_in(connection, period).is_closed:
            raise PeriodClosed(
                f"{period} is closed: there is nothing left to accept",
                hint="say what is wrong as a dispute; it becomes a correction in an open month",
            )
        return add_answer(connection, found.window, answer)


def _check_for(roles: Roles, window: ReviewWindow, answer: ReviewAnswer) -> None:
    """Who leads the team speaks for it; others on its behalf, but not who prepared the month."""
    if not roles.governed or answer.team in roles.teams(answer.actor):
        return
    if not answer.on_behalf:
        raise NotAllowed(
            f"{answer.actor} may not accept for team {answer.team}",
            why="they don't lead it",
            hint="let its lead accept, or say --on-behalf with --because",
        )
    roles.keep_apart(answer.actor, window.actor, "opening a review and accepting on behalf")


def review_status(project: OpenProject, period: Period, on: date | None = None) -> Review:
    """Who accepted, and how; past the deadline silence is written down first."""
    settle_silence(project, period, on)
    return _needed(project, period)


def settle_silence(project: OpenProject, period: Period, on: date | None = None) -> tuple[str, ...]:
    """Write down as acceptance that teams said nothing until the deadline; those it is of."""
    day = on or today()
    found = review_of(project, period)
    if found is None or not found.waiting or not found.window.has_passed(day):
        return ()
    if project.books.state(period).is_closed:
        return ()
    because = f"{SILENCE}: no word until the deadline of {found.window.until}"
    with project.books.writing() as connection:
        return tuple(
            team
            for team in found.waiting
            if add_answer(
                connection, found.window, ReviewAnswer(team, True, "deadline", because, now())
            )
        )


def review_of(project: OpenProject, period: Period, run: Run | None = None) -> Review | None:
    """The window of a month with its answers; None where it was never in review."""
    with project.books.reading() as connection:
        window = window_of(connection, period)
        answers = answers_of(connection, window) if window else {}
    if window is None:
        return None
    if run is None or run.id != window.run:
        run = project.books.run_by_id(window.run, ("lines",))
    carrying = {
        one.owner.name
        for one in run.lines
        if one.owner.kind is OwnerKind.TEAM and one.mode != "shadow"
    }
    return Review(window, tuple(sorted(carrying)), answers)


def _needed(project: OpenProject, period: Period) -> Review:
    found = review_of(project, period)
    if found is None:
        raise NotLoaded(
            f"{period} isn't in review",
            hint=f"open it: `apportion review open --period {period} --until DAY`",
        )
    return found
