"""Tables of what was loaded: snapshots, the units they are made of, and what was set aside."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from apportion.store.books.column_types import AnyText, Instant, Json, Month, Plain
from apportion.store.books.schema.columns import (
    finding_columns,
    metadata,
    part_table,
    person_column,
    position_column,
    prose_column,
    reference,
    text_column,
    whole_column,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", AnyText, primary_key=True),
    text_column("source"),
    Column("period", Month, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("kind", AnyText, nullable=False, server_default="charges"),
    Index(None, "source", "period"),
)

units = Table(
    "units",
    metadata,
    Column("id", AnyText, primary_key=True),
    text_column("input"),
    text_column("content"),
    text_column("config"),
    text_column("version"),
    Column("bases", Json, nullable=False),
    Column("columns", Json, nullable=False),
    Column("period", Month, nullable=False),
    Index(None, "content"),
)

snapshot_units = part_table("snapshot_units", "snapshot", reference("unit"))
Index(None, snapshot_units.c.unit)

snapshot_findings = part_table("snapshot_findings", "snapshot", *finding_columns())

unit_files = part_table(
    "unit_files",
    "unit",
    text_column("role"),
    text_column("path"),
    text_column("sha256"),
    whole_column("rows"),
)

unit_totals = part_table(
    "unit_totals",
    "unit",
    text_column("currency"),
    whole_column("read_rows"),
    whole_column("loaded_rows"),
    whole_column("quarantined_rows"),
)

unit_amounts = Table(
    "unit_amounts",
    metadata,
    Column("unit", AnyText, nullable=False),
    position_column(),
    text_column("basis"),
    Column("read", Plain),
    Column("loaded", Plain),
    Column("quarantined", Plain),
    Column("unread", BigInteger),
    PrimaryKeyConstraint("unit", "position", "basis"),
    ForeignKeyConstraint(["unit", "position"], ["unit_totals.unit", "unit_totals.position"]),
    sqlite_with_rowid=False,
)

quarantined = part_table(
    "quarantined",
    "unit",
    text_column("file"),
    Column("line", BigInteger),
    text_column("column"),
    text_column("reason"),
    text_column("hint"),
    Column("row", Json, nullable=False),
)

findings = part_table("findings", "unit", *finding_columns())

pointers = Table(
    "pointers",
    metadata,
    text_column("source"),
    Column("period", Month, nullable=False),
    reference("snapshot"),
    whole_column("version"),
    Column("committed_at", Instant, nullable=False),
    person_column("actor"),
    PrimaryKeyConstraint("source", "period"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("id", Integer, primary_key=True),
    reference("snapshot"),
    person_column("actor"),
    prose_column("because"),
    Column("at", Date, nullable=False),
    Index(None, "snapshot"),
)

final_periods = Table(
    "final_periods",
    metadata,
    text_column("source"),
    Column("period", Month, nullable=False),
    person_column("actor"),
    prose_column("because"),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("source", "period"),
)
