"""Who holds which role: changes are added, never edited.

Revision: 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "role_changes",
        sa.Column("id", sa.Integer, nullable=False),
        *_texts("person", "role", "team"),
        sa.Column("given", sa.Boolean, nullable=False),
        *_texts("actor", "because"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role_changes"),
    )
    op.create_index("ix_role_changes_person", "role_changes", ["person"])
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, "role_changes"):
        connection.exec_driver_sql(statement)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
