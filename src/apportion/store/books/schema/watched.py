"""Tables of what is watched: where anomalies stand."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table

from apportion.store.books.column_types import Instant
from apportion.store.books.schema.columns import metadata, person_column, prose_column, text_column

anomaly_states = Table(
    "anomaly_states",
    metadata,
    Column("id", Integer, primary_key=True),
    *(text_column(name) for name in ("anomaly", "channel", "team", "service")),
    Column("noticed", Date, nullable=False),
    text_column("state"),
    person_column("owner"),
    prose_column("because"),
    person_column("actor"),
    Column("at", Instant, nullable=False),
    Index(None, "anomaly"),
)
