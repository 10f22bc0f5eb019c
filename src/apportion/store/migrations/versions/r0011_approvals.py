"""What is asked of others and decided, changes of the model that are proposed, and its reviews.

Revision: 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0011"
down_revision = "0010"

TABLES = ("approval_requests", "approval_decisions", "model_changes", "model_reviews")


def upgrade() -> None:
    op.create_table(
        "approval_requests",
        _id(),
        *_texts("subject", "content", "says", "asker"),
        *_texts("needed", "reviewers", "authors", "benefits", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_approval_requests"),
    )
    op.create_index("ix_approval_requests_subject", "approval_requests", ["subject"])
    op.create_table(
        "approval_decisions",
        _id(),
        sa.Column("request", sa.Integer, nullable=False),
        *_texts("actor"),
        sa.Column("approved", sa.Boolean, nullable=False),
        *_texts("counts_for", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_approval_decisions"),
        sa.ForeignKeyConstraint(
            ["request"], ["approval_requests.id"], name="fk_approval_decisions_request"
        ),
    )
    op.create_index("ix_approval_decisions_request", "approval_decisions", ["request"])
    op.create_table(
        "model_changes",
        _id(),
        *_texts("named", "base", "proposed"),
        sa.Column("effective", sa.Date, nullable=False),
        *_texts("says", "actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_model_changes"),
    )
    op.create_table(
        "model_reviews",
        _id(),
        *_texts("model"),
        sa.Column("change", sa.Integer),
        *_texts("actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_model_reviews"),
        sa.ForeignKeyConstraint(["change"], ["model_changes.id"], name="fk_model_reviews_change"),
    )
    op.create_index("ix_model_reviews_model", "model_reviews", ["model"])
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, *TABLES):
        connection.exec_driver_sql(statement)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, nullable=False)


def _at() -> sa.Column[sa.DateTime]:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)  # type: ignore[arg-type]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
