"""The shadow run beside a run, and what teams say of lines.

Revision: 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "shadow_runs",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("shadow", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_shadow_runs"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_shadow_runs_run"),
        sa.ForeignKeyConstraint(["shadow"], ["runs.id"], name="fk_shadow_runs_shadow"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("team", "line", "text", "author")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_period_team", "comments", ["period", "team"])
