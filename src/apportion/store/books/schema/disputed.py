"""Tables of disputes and adjustments: what was said and asked, and the steps that followed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table

from apportion.store.books.column_types import Instant, Json, Month
from apportion.store.books.schema.columns import (
    metadata,
    person_column,
    prose_column,
    text_column,
    whole_column,
)

disputes = Table(
    "disputes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    *(text_column(name) for name in ("team", "line", "title", "pool", "currency")),
    whole_column("units"),
    whole_column("line_units"),
    text_column("reason"),
    prose_column("because"),
    person_column("actor"),
    Column("at", Instant, nullable=False),
    text_column("run"),
    Column("until", Date, nullable=False),
    Column("decide_by", Date, nullable=False),
    Column("evidence", Json, nullable=False),
    text_column("digest"),
    prose_column("given"),
    Column("reopens", Integer, nullable=False),
    Index(None, "period"),
)

dispute_steps = Table(
    "dispute_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dispute", Integer, ForeignKey("disputes.id"), nullable=False),
    text_column("state"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "dispute"),
)

adjustments = Table(
    "adjustments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    text_column("currency"),
    whole_column("units"),
    *(text_column(name) for name in ("giver_kind", "giver", "taker_kind", "taker")),
    prose_column("because"),
    person_column("actor"),
    Column("at", Instant, nullable=False),
    text_column("line"),
    Column("dispute", Integer, nullable=False),
    Column("beyond", Boolean, nullable=False),
    *(text_column(name) for name in ("run", "model")),
    Index(None, "period"),
)

adjustment_steps = Table(
    "adjustment_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("adjustment", Integer, ForeignKey("adjustments.id"), nullable=False),
    text_column("state"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    text_column("into"),
    Index(None, "adjustment"),
)
