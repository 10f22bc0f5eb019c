"""What became of closed months: their restatements, and who asked to take one up again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, select

from apportion.domain.period import Period
from apportion.domain.restatement import Reopening, Restatement
from apportion.store.books.schema import reopenings, restatements


def add_restatement(connection: Connection, made: Restatement) -> None:
    """Keep that a closed month says something else now, within a writing transaction."""
    row = {
        "period": made.period,
        "into": made.into,
        "run": made.run,
        "actor": made.actor,
        "because": made.because,
        "at": made.at,
    }
    connection.execute(restatements.insert(), row)


def read_restatements(
    connection: Connection, period: Period | None = None
) -> tuple[Restatement, ...]:
    """The restatements of a month, or of all, the oldest first."""
    wanted = _of(restatements, period)
    return tuple(
        Restatement(row.period, row.into, row.run, row.actor, row.because, row.at)
        for row in connection.execute(wanted)
    )


def add_reopening(connection: Connection, made: Reopening) -> None:
    """Keep that somebody took a closed month up again, within a writing transaction."""
    row = {
        "period": made.period,
        "into": made.into,
        "actor": made.actor,
        "because": made.because,
        "at": made.at,
    }
    connection.execute(reopenings.insert(), row)


def read_reopenings(connection: Connection, period: Period | None = None) -> tuple[Reopening, ...]:
    """Who took a month up again, or any, the oldest first."""
    return tuple(
        Reopening(row.period, row.into, row.actor, row.because, row.at)
        for row in connection.execute(_of(reopenings, period))
    )


def _of(table: Table, period: Period | None) -> Select[Any]:
    wanted = select(table).order_by(table.c.id)
    return wanted if period is None else wanted.where(table.c.period == period)
