"""Tables of what was handed out."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table

from apportion.store.books.column_types import Instant, Month
from apportion.store.books.schema.columns import metadata, person_column, reference, text_column

statement_issues = Table(
    "statement_issues",
    metadata,
    Column("period", Month, nullable=False),
    Column("number", Integer, nullable=False, autoincrement=False),
    reference("run"),
    text_column("audit_head"),
    person_column("actor"),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("period", "number"),
)
