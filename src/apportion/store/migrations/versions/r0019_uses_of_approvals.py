"""An approval counts once: when it was used.

Revision: 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "approval_uses",
        sa.Column("request", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("request", name="pk_approval_uses"),
        sa.ForeignKeyConstraint(
            ["request"], ["approval_requests.id"], name="fk_approval_uses_request"
        ),
    )
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, "approval_uses"):
        connection.exec_driver_sql(statement)
