"""What ERPs are sent: an outbox, and each step of its postings; rows are added, never edited.

Revision: 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "postings",
        *_texts("target", "id"),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("documents", "parts", "content", "currency"),
        sa.Column("lines", sa.BigInteger, nullable=False),
        *_texts("debits"),
        sa.PrimaryKeyConstraint("target", "id", name="pk_postings"),
    )
    op.create_index("ix_postings_period", "postings", ["period"])
    op.create_table(
        "posting_attempts",
        sa.Column("id", sa.Integer, nullable=False),
        *_texts("target", "posting", "state", "number", "reasons", "request", "actor", "claim"),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_posting_attempts"),
        sa.ForeignKeyConstraint(
            ["target", "posting"],
            ["postings.target", "postings.id"],
            name="fk_posting_attempts_target",
        ),
    )
    op.create_index("ix_posting_attempts_target_posting", "posting_attempts", ["target", "posting"])
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, "postings", "posting_attempts"):
        connection.exec_driver_sql(statement)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
