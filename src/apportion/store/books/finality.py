"""Which periods of a source somebody has declared final: no restatement is expected any more.

A declaration is about the month, not about what was loaded for it: a bill that
is restated all the same loads, and people are told.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from apportion.domain.period import Period
from apportion.domain.snapshot import Declaration
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.schema import final_periods

FINAL, NOT_FINAL = "final", "not final"


def declare_final(connection: Connection, declared: Declaration) -> bool:
    """Keep a declaration with its line in the audit log; False where one is kept already."""
    if _held(connection, declared.source, declared.period):
        return False
    row = {
        "source": declared.source,
        "period": declared.period,
        "actor": declared.actor,
        "because": declared.because,
        "at": declared.at,
    }
    connection.execute(final_periods.insert(), row)
    _log(connection, declared, FINAL)
    return True


def take_back(connection: Connection, taken: Declaration) -> bool:
    """Remove a declaration, by whom and why in the audit log; False where there is none."""
    if not _held(connection, taken.source, taken.period):
        return False
    here = (final_periods.c.source == taken.source) & (final_periods.c.period == taken.period)
    connection.execute(final_periods.delete().where(here))
    _log(connection, taken, NOT_FINAL)
    return True


def read_declarations(connection: Connection, source: str | None) -> tuple[Declaration, ...]:
    """What is declared of a source, or of all, by source and period."""
    wanted = select(final_periods)
    if source is not None:
        wanted = wanted.where(final_periods.c.source == source)
    rows = connection.execute(wanted.order_by(final_periods.c.source, final_periods.c.period))
    return tuple(
        Declaration(row.source, row.period, row.actor, row.because, row.at) for row in rows
    )


def _held(connection: Connection, source: str, period: Period) -> bool:
    here = (final_periods.c.source == source) & (final_periods.c.period == period)
    return connection.execute(select(final_periods.c.source).where(here)).scalar() is not None


def _log(connection: Connection, said: Declaration, action: str) -> None:
    subject = f"{said.source} {said.period}"
    detail = {"because": said.because} if said.because else {}
    add_entry(connection, AuditEntry(said.at, said.actor, action, subject, detail))
