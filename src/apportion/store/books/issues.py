"""Issued statements, in the books: added, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from apportion.domain.issue import Issue
from apportion.domain.period import Period
from apportion.store.books.audit import AuditEntry, add_entry
from apportion.store.books.audit_chain import head
from apportion.store.books.schema import audit_log, statement_issues


def read_issues(connection: Connection, period: Period) -> tuple[Issue, ...]:
    """The issues of a period's statements, the first one first."""
    table = statement_issues
    wanted = select(table).where(table.c.period == period).order_by(table.c.number)
    return tuple(
        Issue(row.period, row.number, row.run, row.audit_head, row.actor, row.at)
        for row in connection.execute(wanted)
    )


def issue_of(connection: Connection, period: Period, run: str) -> Issue | None:
    """The period's last issue, where it is that of the run; None where the run isn't issued."""
    issued = read_issues(connection, period)
    return issued[-1] if issued and issued[-1].run == run else None


def issue_statements(
    connection: Connection, period: Period, run: str, actor: str, at: datetime
) -> Issue:
    """Issue the statements of a run, within a writing transaction, with a line in the audit log.

    Statements that are issued already stay the same issue.
    """
    held = issue_of(connection, period, run)
    if held:
        return held
    number = len(read_issues(connection, period)) + 1
    made = Issue(period, number, run, head(connection), actor, at)
    row = {name: getattr(made, name) for name in Issue.__dataclass_fields__}
    connection.execute(statement_issues.insert(), row)
    said = {"run": run, "number": str(number)}
    add_entry(connection, AuditEntry(at, actor, "issue-statements", str(period), said))
    return made


def holds(connection: Connection, digest: str) -> bool:
    """Whether a line of the audit log has a digest; what was its head once is in it for good."""
    found = select(audit_log.c.id).where(audit_log.c.hash == digest).limit(1)
    return connection.execute(found).scalar() is not None
