"""Tables of what ERPs are sent: the outbox, and each step of its postings."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from apportion.store.books.column_types import Instant, Json, Month, Plain
from apportion.store.books.schema.columns import metadata, person_column, text_column, whole_column

postings = Table(
    "postings",
    metadata,
    *(text_column(name) for name in ("target", "id")),
    Column("period", Month, nullable=False),
    Column("documents", Json, nullable=False),
    Column("parts", Json, nullable=False),
    *(text_column(name) for name in ("content", "currency")),
    whole_column("lines"),
    Column("debits", Plain, nullable=False),
    PrimaryKeyConstraint("target", "id"),
    Index(None, "period"),
)

posting_attempts = Table(
    "posting_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("target", "posting", "state", "number")),
    Column("reasons", Json, nullable=False),
    text_column("request"),
    person_column("actor"),
    text_column("claim"),
    Column("until", Instant),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(["target", "posting"], ["postings.target", "postings.id"]),
    Index(None, "target", "posting"),
)
