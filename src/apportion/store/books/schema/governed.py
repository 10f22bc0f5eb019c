"""Tables of who may do what, and of what they decided."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from apportion.store.books.column_types import Instant
from apportion.store.books.schema.columns import metadata, text_column

role_changes = Table(
    "role_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("person", "role", "team")),
    Column("given", Boolean, nullable=False),
    *(text_column(name) for name in ("actor", "because")),
    Column("at", Instant, nullable=False),
    Index(None, "person"),
)
