"""Tables of what people said and did: comments, and the audit log."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from apportion.store.books.column_types import AnyText, Instant, Json, Month
from apportion.store.books.schema.columns import metadata, text_column

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    text_column("team"),
    text_column("line"),
    text_column("text"),
    text_column("author"),
    Column("at", Instant, nullable=False),
    Index(None, "period", "team"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    text_column("actor"),
    text_column("action"),
    text_column("subject"),
    Column("detail", Json, nullable=False),
    Column("previous", AnyText, nullable=False, server_default=""),
    Column("hash", AnyText, nullable=False, server_default=""),
    Index(None, "subject"),
)
