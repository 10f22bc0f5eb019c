"""Tables of runs, part by part."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from apportion.domain.charge import COSTS
from apportion.store.books.column_types import AnyText, Instant, Month, Plain, Rational
from apportion.store.books.schema.columns import (
    cost_columns,
    finding_columns,
    metadata,
    part_table,
    position_column,
    reference,
    text_column,
    whole_column,
)

runs = Table(
    "runs",
    metadata,
    Column("id", AnyText, primary_key=True),
    Column("period", Month, nullable=False),
    Column("span_start", Date, nullable=False),
    Column("span_until", Date, nullable=False),
    text_column("model"),
    text_column("basis"),
    Column("made_at", Instant, nullable=False),
    Column("currency", AnyText, nullable=False, server_default=""),
    Index(None, "period"),
)

run_snapshots = part_table("run_snapshots", "run", reference("snapshot"))
Index(None, run_snapshots.c.snapshot)

run_teams = part_table(
    "run_teams",
    "run",
    text_column("team"),
    text_column("title"),
    text_column("cost_center"),
    text_column("product"),
    text_column("business_unit"),
    Column("budget", Plain),
    text_column("budget_currency"),
)

run_attributed = part_table(
    "run_attributed",
    "run",
    text_column("source"),
    text_column("currency"),
    text_column("owner_kind"),
    text_column("owner"),
    text_column("rule"),
    text_column("evidence"),
    text_column("service"),
    whole_column("charges"),
    *cost_columns(),
    *(Column(f"Converted{name}", Rational) for name in COSTS),
    Column("meant", AnyText, nullable=False, server_default=""),
)

run_classes = part_table(
    "run_classes",
    "run",
    text_column("source"),
    text_column("currency"),
    text_column("owner_kind"),
    text_column("owner"),
    text_column("rule"),
    text_column("evidence"),
    text_column("service"),
    text_column("cost_class"),
    *cost_columns(),
)

run_rates = part_table(
    "run_rates",
    "run",
    text_column("source"),
    text_column("currency"),
    text_column("into"),
    text_column("type"),
    Column("value", Rational),
    text_column("missing"),
)

run_rate_quotes = Table(
    "run_rate_quotes",
    metadata,
    Column("run", AnyText, nullable=False),
    Column("rate", Integer, nullable=False),
    position_column(),
    Column("day", Date, nullable=False),
    text_column("currency"),
    text_column("into"),
    Column("value", Rational, nullable=False),
    Column("quoted", Date, nullable=False),
    text_column("origin"),
    PrimaryKeyConstraint("run", "rate", "position"),
    ForeignKeyConstraint(["run", "rate"], ["run_rates.run", "run_rates.position"]),
    sqlite_with_rowid=False,
)

run_shares = part_table(
    "run_shares",
    "run",
    text_column("pool"),
    text_column("currency"),
    text_column("owner_kind"),
    text_column("owner"),
    Column("fraction", Rational, nullable=False),
    text_column("method"),
    Column("kind", AnyText, nullable=False, server_default=""),
    Column("note", AnyText, nullable=False, server_default=""),
)

run_driver_uses = Table(
    "run_driver_uses",
    metadata,
    Column("run", AnyText, nullable=False),
    Column("share", Integer, nullable=False),
    position_column(),
    text_column("driver"),
    text_column("unit"),
    Column("quantity", Rational, nullable=False),
    Column("total", Rational, nullable=False),
    Column("weight", Rational, nullable=False),
    PrimaryKeyConstraint("run", "share", "position"),
    ForeignKeyConstraint(["run", "share"], ["run_shares.run", "run_shares.position"]),
    sqlite_with_rowid=False,
)

run_lines = part_table(
    "run_lines",
    "run",
    text_column("id"),
    text_column("currency"),
    text_column("owner_kind"),
    text_column("owner"),
    text_column("kind"),
    text_column("pool"),
    text_column("service"),
    *cost_columns(),
    Column("mode", AnyText, nullable=False, server_default=""),
)

run_proofs = part_table(
    "run_proofs",
    "run",
    text_column("source"),
    text_column("currency"),
    text_column("basis"),
    Column("control", Plain),
    *(
        Column(name, Plain, nullable=False)
        for name in (
            *("read", "loaded", "quarantined", "direct", "shared", "idle"),
            *("unallocated", "other"),
        )
    ),
    whole_column("unread_rows"),
    Column("acknowledged", Boolean, nullable=False),
    Column("left_out", Plain, nullable=False, server_default="0"),
)

run_findings = part_table("run_findings", "run", *finding_columns())

run_pointers = Table(
    "run_pointers",
    metadata,
    Column("period", Month, primary_key=True),
    reference("run"),
    Column("pointed_at", Instant, nullable=False),
)

shadow_runs = Table(
    "shadow_runs",
    metadata,
    Column("run", AnyText, ForeignKey("runs.id"), primary_key=True),
    Column("shadow", AnyText, ForeignKey("runs.id"), nullable=False),
    text_column("label"),
    sqlite_with_rowid=False,
)
