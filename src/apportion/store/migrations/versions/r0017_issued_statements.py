"""Which statements were handed out: issues are added, never edited.

Revision: 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "statement_issues",
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("run", "audit_head", "actor")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("period", "number", name="pk_statement_issues"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_statement_issues_run"),
    )
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, "statement_issues"):
        connection.exec_driver_sql(statement)
