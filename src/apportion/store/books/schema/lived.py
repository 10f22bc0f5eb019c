"""Tables of a period's life: what a close froze, corrections since, accruals and reviews."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)

from apportion.store.books.column_types import AnyText, Instant, Month, Rational
from apportion.store.books.schema.columns import (
    metadata,
    person_column,
    position_column,
    prose_column,
    text_column,
)

kept_files = Table(
    "kept_files",
    metadata,
    Column("sha256", AnyText, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

run_inputs = Table(
    "run_inputs",
    metadata,
    Column("run", AnyText, ForeignKey("runs.id"), nullable=False),
    text_column("role"),
    text_column("name"),
    Column("sha256", AnyText, ForeignKey("kept_files.sha256"), nullable=False),
    PrimaryKeyConstraint("run", "role", "name"),
    sqlite_with_rowid=False,
)

restatements = Table(
    "restatements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    Column("into", Month, nullable=False),
    Column("run", AnyText, ForeignKey("runs.id"), nullable=False),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "period"),
)

reopenings = Table(
    "reopenings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    Column("into", Month, nullable=False),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "period"),
)

review_windows = Table(
    "review_windows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    Column("until", Date, nullable=False),
    text_column("run"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "period"),
)

review_answers = Table(
    "review_answers",
    metadata,
    Column("window", Integer, ForeignKey("review_windows.id"), nullable=False),
    text_column("team"),
    Column("silent", Boolean, nullable=False),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("window", "team"),
    sqlite_with_rowid=False,
)

accruals = Table(
    "accruals",
    metadata,
    Column("id", AnyText, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("period", Month, nullable=False),
    text_column("content"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "period"),
)

accrual_parts = Table(
    "accrual_parts",
    metadata,
    Column("accrual", AnyText, ForeignKey("accruals.id"), nullable=False),
    position_column(),
    *(text_column(name) for name in ("kind", "name", "currency", "method", "basis")),
    Column("amount", Rational, nullable=False),
    PrimaryKeyConstraint("accrual", "position"),
    sqlite_with_rowid=False,
)
