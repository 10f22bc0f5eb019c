"""Budgets and forecasts; and pseudonyms in the place of people's names.

Names move to one table, and lines of the audit log are chained anew, once, over pseudonyms.

Revision: 0013.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from apportion.store.books.audit_chain import link_all
from apportion.store.books.column_types import Json
from apportion.store.books.guards import keep
from apportion.store.books.people import People, nobody_known

revision = "0013"
down_revision = "0012"

KEPT = ("budgets", "budget_lines", "budget_steps", "forecasts", "forecast_lines")

PERSONS = {
    "acknowledgements": ("actor",),
    "approval_decisions": ("actor",),
    "approval_requests": ("asker",),
    "audit_log": ("actor",),
    "comments": ("author",),
    "final_periods": ("actor",),
    "invoice_states": ("actor",),
    "invoices": ("actor",),
    "journal_seals": ("actor",),
    "model_changes": ("actor",),
    "model_reviews": ("actor",),
    "period_states": ("actor",),
    "pointers": ("actor",),
    "prepaid_openings": ("actor",),
    "role_changes": ("person", "actor"),
}

PROSE = {
    "acknowledgements": "because",
    "approval_decisions": "because",
    "approval_requests": "because",
    "audit_log": "subject",
    "comments": "text",
    "final_periods": "because",
    "invoice_states": "because",
    "model_changes": "because",
    "model_reviews": "because",
    "period_states": "because",
    "prepaid_openings": "because",
    "role_changes": "because",
}


def upgrade() -> None:
    connection = op.get_bind()
    _make_budgets()
    _make_forecasts()
    for statement in keep(connection.dialect.name, *KEPT):
        connection.exec_driver_sql(statement)
    op.create_table(
        "people",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("salt", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name", name="uq_people_name"),
    )
    with _unguarded(connection), nobody_known():
        people = People(connection, writes=True)
        _hide_persons(connection, people)
        _hide_in_prose(connection, people)
        link_all(connection)


def _make_budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("id", sa.Text, nullable=False),
        *_texts("name", "kind"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("amends", sa.Integer, nullable=False),
        *_texts("currency", "author", "because"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budgets"),
    )
    op.create_table(
        "budget_lines",
        sa.Column("budget", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("owner_kind", "owner"),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("allowance", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("budget", "position", name="pk_budget_lines"),
        sa.ForeignKeyConstraint(["budget"], ["budgets.id"], name="fk_budget_lines_budget"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "budget_steps",
        sa.Column("id", sa.Integer, nullable=False),
        *_texts("budget", "state", "actor", "because"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_steps"),
        sa.ForeignKeyConstraint(["budget"], ["budgets.id"], name="fk_budget_steps_budget"),
    )
    op.create_index("ix_budget_steps_budget", "budget_steps", ["budget"])


def _make_forecasts() -> None:
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Text, nullable=False),
        *_texts("budget"),
        sa.Column("number", sa.Integer, nullable=False),
        *_texts("currency", "method", "author"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_forecasts"),
    )
    op.create_table(
        "forecast_lines",
        sa.Column("forecast", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("owner_kind", "owner"),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("low", sa.BigInteger, nullable=True),
        sa.Column("high", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("forecast", "position", name="pk_forecast_lines"),
        sa.ForeignKeyConstraint(["forecast"], ["forecasts.id"], name="fk_forecast_lines_forecast"),
        sqlite_with_rowid=False,
    )


def _hide_persons(connection: sa.Connection, people: People) -> None:
    for table, columns in PERSONS.items():
        for column in columns:
            held = sa.table(table, sa.column(column, sa.Text))
            mine = held.c[column]
            for name in connection.execute(sa.select(mine).distinct()).scalars().all():
                if name:
                    change = held.update().where(mine == name)
                    connection.execute(change.values({column: people.id_of(name)}))


def _hide_in_prose(connection: sa.Connection, people: People) -> None:
    for table, column in PROSE.items():
        held = sa.table(table, sa.column(column, sa.Text))
        mine = held.c[column]
        for text in connection.execute(sa.select(mine).distinct()).scalars().all():
            hidden = people.without_names(text)
            if hidden != text:
                connection.execute(held.update().where(mine == text).values({column: hidden}))
    log = sa.table("audit_log", sa.column("id"), sa.column("detail", Json))
    for row in connection.execute(sa.select(log)).all():
        said = {key: people.without_names(value) for key, value in row.detail.items()}
        if said != row.detail:
            connection.execute(log.update().where(log.c.id == row.id).values(detail=said))


@contextmanager
def _unguarded(connection: sa.Connection) -> Iterator[None]:
    """Let go of the guards of tables that are never changed, for this once."""
    if connection.dialect.name == "postgresql":
        for table in PERSONS:
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in PERSONS:
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    asked = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    found = [row for row in connection.exec_driver_sql(asked).all() if row[2] in PERSONS]
    for name, _, _ in found:
        op.execute(f"DROP TRIGGER {name}")
    yield
    for _, made, _ in found:
        connection.exec_driver_sql(made)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
