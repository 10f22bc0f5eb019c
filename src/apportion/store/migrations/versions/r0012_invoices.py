"""Providers' invoices, their states, and what was prepaid before the first bill.

Revision: 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from apportion.store.books.guards import keep

revision = "0012"
down_revision = "0011"

TABLES = ("invoices", "invoice_states", "prepaid_openings")


def upgrade() -> None:
    op.create_table(
        "invoices",
        *_head("number", "issuer", "source"),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("amount"),
        sa.Column("tax", sa.Text),
        *_texts("currency"),
        sa.Column("issued_on", sa.Date),
        sa.Column("due_on", sa.Date),
        *_texts("credits", "content", "actor"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
    )
    op.create_index("ix_invoices_source_period", "invoices", ["source", "period"])
    op.create_table(
        "invoice_states",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("invoice", sa.Integer, nullable=False),
        *_texts("state", "actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_invoice_states"),
        sa.ForeignKeyConstraint(["invoice"], ["invoices.id"], name="fk_invoice_states_invoice"),
    )
    op.create_index("ix_invoice_states_invoice", "invoice_states", ["invoice"])
    op.create_table(
        "prepaid_openings",
        *_head("source", "commitment"),
        sa.Column("period", sa.String(7), nullable=False),
        *_texts("amount", "currency", "actor", "because"),
        _at(),
        sa.PrimaryKeyConstraint("id", name="pk_prepaid_openings"),
    )
    op.create_index(
        "ix_prepaid_openings_source_commitment", "prepaid_openings", ["source", "commitment"]
    )
    connection = op.get_bind()
    for statement in keep(connection.dialect.name, *TABLES):
        connection.exec_driver_sql(statement)


def _head(*names: str) -> list[sa.Column[str] | sa.Column[int]]:
    return [sa.Column("id", sa.Integer, nullable=False), *_texts(*names)]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _at() -> sa.Column[object]:
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)
