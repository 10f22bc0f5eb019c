"""Review windows and what teams answered, in the books: added, never changed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from apportion.domain.period import Period
from apportion.domain.review import ReviewAnswer, ReviewWindow
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import review_answers, review_windows


def add_window(connection: Connection, window: ReviewWindow) -> None:
    """Open a window, within a writing transaction; it takes the place of an earlier one."""
    row = {
        "period": window.period,
        "until": window.until,
        "run": window.run,
        "actor": window.actor,
        "because": window.because,
        "at": window.at,
    }
    connection.execute(review_windows.insert(), row)
    said = {"until": str(window.until), "because": window.because}
    kept = {name: value for name, value in said.items() if value}
    entry = AuditEntry(window.at, window.actor, "open-review", str(window.period), kept)
    add_entry(connection, entry)


def window_of(connection: Connection, period: Period) -> ReviewWindow | None:
    """The window of a month that counts: the newest."""
    table = review_windows
    wanted = select(table).where(table.c.period == period).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    return ReviewWindow(row.period, row.until, row.run, row.actor, row.because, row.at, row.id)


def add_answer(connection: Connection, window: ReviewWindow, answer: ReviewAnswer) -> bool:
    """Keep a team's answer, within a writing transaction; False where it has answered already."""
    if answer.team in answers_of(connection, window):
        return False
    row = {
        "window": window.id,
        "team": answer.team,
        "silent": answer.silent,
        "actor": answer.actor,
        "because": answer.because,
        "at": answer.at,
    }
    connection.execute(review_answers.insert(), row)
    said = {"period": str(window.period), "because": answer.because}
    act = "accept-by-silence" if answer.silent else "accept"
    act = "accept-on-behalf" if answer.on_behalf else act
    kept = {name: value for name, value in said.items() if value}
    add_entry(connection, AuditEntry(answer.at, answer.actor, act, answer.team, kept))
    return True


def answers_of(connection: Connection, window: ReviewWindow) -> dict[str, ReviewAnswer]:
    """What teams answered in a window, by team."""
    table = review_answers
    wanted = select(table).where(table.c.window == window.id).order_by(table.c.team)
    return {
        row.team: ReviewAnswer(row.team, row.silent, row.actor, row.because, row.at)
        for row in connection.execute(wanted)
    }
