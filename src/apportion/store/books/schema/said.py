"""Tables of what people said and did: who they are, comments, and the audit log."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from apportion.store.books.column_types import AnyText, Instant, Json, Month
from apportion.store.books.schema.columns import metadata, person_column, prose_column, text_column

people = Table(
    "people",
    metadata,
    Column("id", AnyText, primary_key=True),
    Column("name", AnyText),
    text_column("salt"),
    UniqueConstraint("name", name="uq_people_name"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    text_column("team"),
    text_column("line"),
    prose_column("text"),
    person_column("author"),
    Column("at", Instant, nullable=False),
    Index(None, "period", "team"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    person_column("actor"),
    text_column("action"),
    prose_column("subject"),
    Column("detail", Json, nullable=False),
    Column("previous", AnyText, nullable=False, server_default=""),
    Column("hash", AnyText, nullable=False, server_default=""),
    Index(None, "subject"),
)
