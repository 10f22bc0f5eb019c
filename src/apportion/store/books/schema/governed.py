"""Tables of who may do what, and of what they asked for and decided."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table

from apportion.store.books.column_types import Instant, Json
from apportion.store.books.schema.columns import (
    metadata,
    people_column,
    person_column,
    prose_column,
    text_column,
)

role_changes = Table(
    "role_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    person_column("person"),
    *(text_column(name) for name in ("role", "team")),
    Column("given", Boolean, nullable=False),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "person"),
)

approval_requests = Table(
    "approval_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("subject", "content")),
    prose_column("says"),
    person_column("asker"),
    Column("needed", Json, nullable=False),
    people_column("reviewers"),
    people_column("authors"),
    Column("benefits", Json, nullable=False),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "subject"),
)

approval_decisions = Table(
    "approval_decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request", Integer, ForeignKey("approval_requests.id"), nullable=False),
    person_column("actor"),
    Column("approved", Boolean, nullable=False),
    Column("counts_for", Json, nullable=False),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "request"),
)

approval_uses = Table(
    "approval_uses",
    metadata,
    Column("request", Integer, ForeignKey("approval_requests.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

model_changes = Table(
    "model_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("named", "base", "proposed")),
    Column("effective", Date, nullable=False),
    prose_column("says"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
)

model_reviews = Table(
    "model_reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    text_column("model"),
    Column("change", Integer, ForeignKey("model_changes.id")),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "model"),
)
