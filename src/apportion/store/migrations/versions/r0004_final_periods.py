"""Which periods of a source somebody has declared final.

Books from before say nothing of it: their months are final by the project's
`final_until`, or when all their charges are invoiced.

Revision: 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "final_periods",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "period", name="pk_final_periods"),
    )
