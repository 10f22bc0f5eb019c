"""Tables of what is planned: budgets with their steps and transfers, and forecasts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from apportion.store.books.column_types import AnyText, Instant, Month
from apportion.store.books.schema.columns import (
    metadata,
    part_table,
    person_column,
    prose_column,
    reference,
    text_column,
    whole_column,
)

budgets = Table(
    "budgets",
    metadata,
    Column("id", AnyText, primary_key=True),
    *(text_column(name) for name in ("name", "kind")),
    Column("number", Integer, nullable=False),
    Column("amends", Integer, nullable=False),
    text_column("currency"),
    person_column("author"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
)

budget_lines = part_table(
    "budget_lines",
    "budget",
    *(text_column(name) for name in ("owner_kind", "owner")),
    Column("month", Month, nullable=False),
    whole_column("units"),
    Column("allowance", Boolean, nullable=False),
)

budget_steps = Table(
    "budget_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    reference("budget"),
    text_column("state"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "budget"),
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("id", AnyText, primary_key=True),
    text_column("budget"),
    Column("number", Integer, nullable=False),
    *(text_column(name) for name in ("currency", "method")),
    person_column("author"),
    Column("at", Instant, nullable=False),
)

forecast_lines = part_table(
    "forecast_lines",
    "forecast",
    *(text_column(name) for name in ("owner_kind", "owner")),
    Column("month", Month, nullable=False),
    whole_column("units"),
    Column("low", BigInteger),
    Column("high", BigInteger),
)
