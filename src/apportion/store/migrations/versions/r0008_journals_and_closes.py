"""Journals that sum to zero and are never edited, the life of periods, and a chained audit log.

What an ERP may be told is sealed: the database itself refuses a document that doesn't balance,
and any change of one that does.

Revision: 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.audit_chain import link_all
from apportion.store.books.guards import guards

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "journal_documents",
        sa.Column("id", sa.Text, nullable=False),
        *_texts("entity"),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("posted_on", sa.Date, nullable=False),
        *_texts("currency", "kind", "text", "run", "reverses", "original", "content"),
        sa.PrimaryKeyConstraint("id", name="pk_journal_documents"),
    )
    op.create_index("ix_journal_documents_period", "journal_documents", ["period"])
    op.create_table(
        "journal_lines",
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("account", "cost_center", "profit_center", "project", "partner", "tax_code"),
        sa.Column("units", sa.BigInteger, nullable=False),
        *_texts("text"),
        sa.PrimaryKeyConstraint("document", "position", name="pk_journal_lines"),
        sa.ForeignKeyConstraint(
            ["document"], ["journal_documents.id"], name="fk_journal_lines_document"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal_seals",
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("at", _instant(), nullable=False),
        *_texts("actor"),
        sa.PrimaryKeyConstraint("document", name="pk_journal_seals"),
        sa.ForeignKeyConstraint(
            ["document"], ["journal_documents.id"], name="fk_journal_seals_document"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period_states",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("state", "run", "actor", "because"),
        sa.Column("at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_period_states"),
    )
    op.create_index("ix_period_states_period", "period_states", ["period"])
    for name in ("previous", "hash"):
        column = sa.Column(name, sa.Text, nullable=False, server_default="")
        op.add_column("audit_log", column)
    connection = op.get_bind()
    _unguard_the_log(connection.dialect.name)
    link_all(connection)
    _guard_the_log(connection.dialect.name)
    for statement in guards(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _unguard_the_log(dialect: str) -> None:
    """Lines get their place in the chain once, in this transaction."""
    if dialect == "postgresql":
        op.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only")
        return
    for act in ("update", "delete"):
        op.execute(f"DROP TRIGGER audit_log_no_{act}")


def _guard_the_log(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute("ALTER TABLE audit_log ENABLE TRIGGER audit_log_append_only")
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_log_no_{act.lower()} BEFORE {act} ON audit_log "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)
