"""Where anomalies stand: steps are added, never edited.

Revision: 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "anomaly_states",
        sa.Column("id", sa.Integer, nullable=False),
        *_texts("anomaly", "channel", "team", "service"),
        sa.Column("noticed", sa.Date, nullable=False),
        *_texts("state", "owner", "because", "actor"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_anomaly_states"),
    )
    op.create_index("ix_anomaly_states_anomaly", "anomaly_states", ["anomaly"])
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, "anomaly_states"):
        connection.exec_driver_sql(statement)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
