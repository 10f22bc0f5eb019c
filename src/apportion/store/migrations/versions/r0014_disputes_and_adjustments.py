"""Disputes of lines and adjustments of cost, with their steps: added, never edited.

Revision: 0014.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("team", "line", "title", "pool", "currency"),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("line_units", sa.BigInteger, nullable=False),
        *_texts("reason", "because", "actor"),
        _instant(),
        *_texts("run"),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("decide_by", sa.Date, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        *_texts("digest", "given"),
        sa.Column("reopens", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
    )
    op.create_index("ix_disputes_period", "disputes", ["period"])
    _steps("dispute_steps", "dispute", "disputes")
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("currency"),
        sa.Column("units", sa.BigInteger, nullable=False),
        *_texts("giver_kind", "giver", "taker_kind", "taker", "because", "actor"),
        _instant(),
        *_texts("line"),
        sa.Column("dispute", sa.Integer, nullable=False),
        sa.Column("beyond", sa.Boolean, nullable=False),
        *_texts("run", "model"),
        sa.PrimaryKeyConstraint("id", name="pk_adjustments"),
    )
    op.create_index("ix_adjustments_period", "adjustments", ["period"])
    _steps("adjustment_steps", "adjustment", "adjustments", *_texts("into"))
    connection = op.get_bind()
    kept = ("disputes", "dispute_steps", "adjustments", "adjustment_steps")
    for statement in keep(connection.dialect.name, *kept):
        connection.exec_driver_sql(statement)


def _steps(table: str, of: str, parent: str, *more: sa.Column[str]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(of, sa.Integer, nullable=False),
        *_texts("state", "actor", "because"),
        _instant(),
        *more,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint([of], [f"{parent}.id"], name=f"fk_{table}_{of}"),
    )
    op.create_index(f"ix_{table}_{of}", table, [of])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _instant() -> sa.Column[datetime]:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)
