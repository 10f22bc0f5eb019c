"""Tables of providers' invoices and what was prepaid; rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table

from apportion.store.books.column_types import Instant, Month, Plain
from apportion.store.books.schema.columns import metadata, person_column, prose_column, text_column

invoices = Table(
    "invoices",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("number", "issuer", "source")),
    Column("period", Month, nullable=False),
    Column("amount", Plain, nullable=False),
    Column("tax", Plain),
    text_column("currency"),
    Column("issued_on", Date),
    Column("due_on", Date),
    *(text_column(name) for name in ("credits", "content")),
    person_column("actor"),
    Column("at", Instant, nullable=False),
    Index(None, "source", "period"),
)

invoice_states = Table(
    "invoice_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invoice", Integer, ForeignKey("invoices.id"), nullable=False),
    text_column("state"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "invoice"),
)

prepaid_openings = Table(
    "prepaid_openings",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("source", "commitment")),
    Column("period", Month, nullable=False),
    Column("amount", Plain, nullable=False),
    text_column("currency"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    Index(None, "source", "commitment"),
)
