"""Tables of who may do what, and of what they asked for and decided."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table

from apportion.store.books.column_types import Instant, Json
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

approval_requests = Table(
    "approval_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("subject", "content", "says", "asker")),
    *(
        Column(name, Json, nullable=False)
        for name in ("needed", "reviewers", "authors", "benefits")
    ),
    text_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "subject"),
)

approval_decisions = Table(
    "approval_decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request", Integer, ForeignKey("approval_requests.id"), nullable=False),
    text_column("actor"),
    Column("approved", Boolean, nullable=False),
    Column("counts_for", Json, nullable=False),
    text_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "request"),
)

model_changes = Table(
    "model_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("named", "base", "proposed")),
    Column("effective", Date, nullable=False),
    text_column("says"),
    *(text_column(name) for name in ("actor", "because")),
    Column("at", Instant, nullable=False),
)

model_reviews = Table(
    "model_reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    text_column("model"),
    Column("change", Integer, ForeignKey("model_changes.id")),
    *(text_column(name) for name in ("actor", "because")),
    Column("at", Instant, nullable=False),
    Index(None, "model"),
)
