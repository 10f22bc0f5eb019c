"""Tables of the journal, sealed and never edited, and of the life of periods."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from apportion.store.books.column_types import AnyText, Instant, Month
from apportion.store.books.schema.columns import (
    metadata,
    person_column,
    position_column,
    prose_column,
    text_column,
    whole_column,
)

journal_documents = Table(
    "journal_documents",
    metadata,
    Column("id", AnyText, primary_key=True),
    text_column("entity"),
    Column("period", Month, nullable=False),
    Column("posted_on", Date, nullable=False),
    *(text_column(name) for name in ("currency", "kind", "text", "run", "reverses", "original")),
    text_column("content"),
    Index(None, "period"),
)

journal_lines = Table(
    "journal_lines",
    metadata,
    Column("document", AnyText, ForeignKey("journal_documents.id"), nullable=False),
    position_column(),
    *(text_column(name) for name in ("account", "cost_center", "profit_center", "project")),
    *(text_column(name) for name in ("partner", "tax_code")),
    whole_column("units"),
    text_column("text"),
    PrimaryKeyConstraint("document", "position"),
    sqlite_with_rowid=False,
)

journal_seals = Table(
    "journal_seals",
    metadata,
    Column("document", AnyText, ForeignKey("journal_documents.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    person_column("actor"),
    sqlite_with_rowid=False,
)

period_states = Table(
    "period_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    *(text_column(name) for name in ("state", "run")),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "period"),
)
