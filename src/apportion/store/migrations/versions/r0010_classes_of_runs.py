"""What of a run's cost is of which class, where its model books by class.

Revision: 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TEXTS = ("source", "currency", "owner_kind", "owner", "rule", "evidence", "service", "cost_class")
_COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


def upgrade() -> None:
    op.create_table(
        "run_classes",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in (*_TEXTS, *_COSTS)),
        sa.PrimaryKeyConstraint("run", "position", name="pk_run_classes"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_classes_run"),
        sqlite_with_rowid=False,
    )
