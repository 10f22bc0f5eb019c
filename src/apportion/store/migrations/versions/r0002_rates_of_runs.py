"""The rates that a run converts by, and its charges in the reporting currency.

Runs made before have neither: they stay in the currencies of their bills.

Revision: 0002.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


def upgrade() -> None:
    op.add_column("runs", sa.Column("currency", sa.Text, nullable=False, server_default=""))
    for cost in COSTS:
        op.add_column("run_attributed", sa.Column(f"Converted{cost}", sa.Text, nullable=True))
    _rates()
    _quotes()


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _rates() -> None:
    op.create_table(
        "run_rates",
        *_text("run"),
        sa.Column("position", sa.Integer, nullable=False),
        *_text("source", "currency", "into", "type"),
        sa.Column("value", sa.Text, nullable=True),
        *_text("missing"),
        sa.PrimaryKeyConstraint("run", "position", name="pk_run_rates"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_rates_run"),
        sqlite_with_rowid=False,
    )


def _quotes() -> None:
    op.create_table(
        "run_rate_quotes",
        *_text("run"),
        sa.Column("rate", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        *_text("currency", "into", "value"),
        sa.Column("quoted", sa.Date, nullable=False),
        *_text("origin"),
        sa.PrimaryKeyConstraint("run", "rate", "position", name="pk_run_rate_quotes"),
        sa.ForeignKeyConstraint(
            ["run", "rate"],
            ["run_rates.run", "run_rates.position"],
            name="fk_run_rate_quotes_run",
        ),
        sqlite_with_rowid=False,
    )
