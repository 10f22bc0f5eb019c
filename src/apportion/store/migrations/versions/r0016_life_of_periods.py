"""What a close froze, restatements, accruals and reviews: rows that are added, never changed.

Revision: 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0016"
down_revision = "0015"

TABLES = (
    "kept_files",
    "run_inputs",
    "restatements",
    "reopenings",
    "review_windows",
    "review_answers",
    "accruals",
    "accrual_parts",
)


def upgrade() -> None:
    _frozen()
    _restated()
    _reviewed()
    _accrued()
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, *TABLES):
        connection.exec_driver_sql(statement)


def _frozen() -> None:
    op.create_table(
        "kept_files",
        *_texts("sha256"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_kept_files"),
    )
    op.create_table(
        "run_inputs",
        *_texts("run", "role", "name", "sha256"),
        sa.PrimaryKeyConstraint("run", "role", "name", name="pk_run_inputs"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_inputs_run"),
        sa.ForeignKeyConstraint(["sha256"], ["kept_files.sha256"], name="fk_run_inputs_sha256"),
        sqlite_with_rowid=False,
    )


def _restated() -> None:
    op.create_table(
        "restatements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("into", sa.String(7), nullable=False),
        *_texts("run", "actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_restatements"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_restatements_run"),
    )
    op.create_index("ix_restatements_period", "restatements", ["period"])
    op.create_table(
        "reopenings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("into", sa.String(7), nullable=False),
        *_texts("actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_reopenings"),
    )
    op.create_index("ix_reopenings_period", "reopenings", ["period"])


def _reviewed() -> None:
    op.create_table(
        "review_windows",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        *_texts("run", "actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_review_windows"),
    )
    op.create_index("ix_review_windows_period", "review_windows", ["period"])
    op.create_table(
        "review_answers",
        sa.Column("window", sa.Integer, nullable=False),
        *_texts("team"),
        sa.Column("silent", sa.Boolean, nullable=False),
        *_texts("actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("window", "team", name="pk_review_answers"),
        sa.ForeignKeyConstraint(["window"], ["review_windows.id"], name="fk_review_answers_window"),
        sqlite_with_rowid=False,
    )


def _accrued() -> None:
    op.create_table(
        "accruals",
        *_texts("id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("content", "actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_accruals"),
    )
    op.create_index("ix_accruals_period", "accruals", ["period"])
    op.create_table(
        "accrual_parts",
        *_texts("accrual"),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("kind", "name", "currency", "method", "basis", "amount"),
        sa.PrimaryKeyConstraint("accrual", "position", name="pk_accrual_parts"),
        sa.ForeignKeyConstraint(["accrual"], ["accruals.id"], name="fk_accrual_parts_accrual"),
        sqlite_with_rowid=False,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _at() -> sa.Column[object]:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)
