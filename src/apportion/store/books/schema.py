"""The tables of the books. Each table and column is described in docs/reference/books.md.

A change here goes with a migration (``apportion/store/migrations``); a test
compares the two on both databases.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)

from apportion.domain.charge import COSTS
from apportion.store.books.column_types import AnyText, Instant, Json, Month, Plain, Rational

REVISION = "0008"
"""The migration that these tables correspond to."""

VERSION_TABLE = "books_version"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, AnyText, nullable=False)


def _whole(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _of(parent: str) -> Column[str]:
    """A reference to the value that a row is part of: ``unit`` to units, ``run`` to runs."""
    return Column(parent, AnyText, ForeignKey(f"{parent}s.id"), nullable=False)


def _position() -> Column[int]:
    return Column("position", Integer, nullable=False)


def _part(name: str, parent: str, *columns: Column[Any]) -> Table:
    """A table of parts in their order; SQLite keeps the parts of one value side by side."""
    return Table(
        name,
        metadata,
        _of(parent),
        _position(),
        *columns,
        PrimaryKeyConstraint(parent, "position"),
        sqlite_with_rowid=False,
    )


def _finding() -> list[Column[Any]]:
    return [
        _text("code"),
        _text("level"),
        _text("message"),
        Column("file", AnyText),
        Column("line", BigInteger),
        Column("column", BigInteger),
        _text("hint"),
        _whole("rows"),
    ]


def _costs() -> list[Column[Any]]:
    return [Column(name, Rational, nullable=False) for name in COSTS]


snapshots = Table(
    "snapshots",
    metadata,
    Column("id", AnyText, primary_key=True),
    _text("source"),
    Column("period", Month, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("kind", AnyText, nullable=False, server_default="charges"),
    Index(None, "source", "period"),
)

units = Table(
    "units",
    metadata,
    Column("id", AnyText, primary_key=True),
    _text("input"),
    _text("content"),
    _text("config"),
    _text("version"),
    Column("bases", Json, nullable=False),
    Column("columns", Json, nullable=False),
    Column("period", Month, nullable=False),
    Index(None, "content"),
)

snapshot_units = _part("snapshot_units", "snapshot", _of("unit"))
Index(None, snapshot_units.c.unit)

snapshot_findings = _part("snapshot_findings", "snapshot", *_finding())

unit_files = _part(
    "unit_files", "unit", _text("role"), _text("path"), _text("sha256"), _whole("rows")
)

unit_totals = _part(
    "unit_totals",
    "unit",
    _text("currency"),
    _whole("read_rows"),
    _whole("loaded_rows"),
    _whole("quarantined_rows"),
)

unit_amounts = Table(
    "unit_amounts",
    metadata,
    Column("unit", AnyText, nullable=False),
    _position(),
    _text("basis"),
    Column("read", Plain),
    Column("loaded", Plain),
    Column("quarantined", Plain),
    Column("unread", BigInteger),
    PrimaryKeyConstraint("unit", "position", "basis"),
    ForeignKeyConstraint(["unit", "position"], ["unit_totals.unit", "unit_totals.position"]),
    sqlite_with_rowid=False,
)

quarantined = _part(
    "quarantined",
    "unit",
    _text("file"),
    Column("line", BigInteger),
    _text("column"),
    _text("reason"),
    _text("hint"),
    Column("row", Json, nullable=False),
)

findings = _part("findings", "unit", *_finding())

pointers = Table(
    "pointers",
    metadata,
    _text("source"),
    Column("period", Month, nullable=False),
    _of("snapshot"),
    _whole("version"),
    Column("committed_at", Instant, nullable=False),
    _text("actor"),
    PrimaryKeyConstraint("source", "period"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("id", Integer, primary_key=True),
    _of("snapshot"),
    _text("actor"),
    _text("because"),
    Column("at", Date, nullable=False),
    Index(None, "snapshot"),
)

final_periods = Table(
    "final_periods",
    metadata,
    _text("source"),
    Column("period", Month, nullable=False),
    _text("actor"),
    _text("because"),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("source", "period"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", AnyText, primary_key=True),
    Column("period", Month, nullable=False),
    Column("span_start", Date, nullable=False),
    Column("span_until", Date, nullable=False),
    _text("model"),
    _text("basis"),
    Column("made_at", Instant, nullable=False),
    Column("currency", AnyText, nullable=False, server_default=""),
    Index(None, "period"),
)

run_snapshots = _part("run_snapshots", "run", _of("snapshot"))
Index(None, run_snapshots.c.snapshot)

run_teams = _part(
    "run_teams",
    "run",
    _text("team"),
    _text("title"),
    _text("cost_center"),
    _text("product"),
    _text("business_unit"),
    Column("budget", Plain),
    _text("budget_currency"),
)

run_attributed = _part(
    "run_attributed",
    "run",
    _text("source"),
    _text("currency"),
    _text("owner_kind"),
    _text("owner"),
    _text("rule"),
    _text("evidence"),
    _text("service"),
    _whole("charges"),
    *_costs(),
    *(Column(f"Converted{name}", Rational) for name in COSTS),
    Column("meant", AnyText, nullable=False, server_default=""),
)

run_rates = _part(
    "run_rates",
    "run",
    _text("source"),
    _text("currency"),
    _text("into"),
    _text("type"),
    Column("value", Rational),
    _text("missing"),
)

run_rate_quotes = Table(
    "run_rate_quotes",
    metadata,
    Column("run", AnyText, nullable=False),
    Column("rate", Integer, nullable=False),
    _position(),
    Column("day", Date, nullable=False),
    _text("currency"),
    _text("into"),
    Column("value", Rational, nullable=False),
    Column("quoted", Date, nullable=False),
    _text("origin"),
    PrimaryKeyConstraint("run", "rate", "position"),
    ForeignKeyConstraint(["run", "rate"], ["run_rates.run", "run_rates.position"]),
    sqlite_with_rowid=False,
)

run_shares = _part(
    "run_shares",
    "run",
    _text("pool"),
    _text("currency"),
    _text("owner_kind"),
    _text("owner"),
    Column("fraction", Rational, nullable=False),
    _text("method"),
    Column("kind", AnyText, nullable=False, server_default=""),
    Column("note", AnyText, nullable=False, server_default=""),
)

run_driver_uses = Table(
    "run_driver_uses",
    metadata,
    Column("run", AnyText, nullable=False),
    Column("share", Integer, nullable=False),
    _position(),
    _text("driver"),
    _text("unit"),
    Column("quantity", Rational, nullable=False),
    Column("total", Rational, nullable=False),
    Column("weight", Rational, nullable=False),
    PrimaryKeyConstraint("run", "share", "position"),
    ForeignKeyConstraint(["run", "share"], ["run_shares.run", "run_shares.position"]),
    sqlite_with_rowid=False,
)

run_lines = _part(
    "run_lines",
    "run",
    _text("id"),
    _text("currency"),
    _text("owner_kind"),
    _text("owner"),
    _text("kind"),
    _text("pool"),
    _text("service"),
    *_costs(),
    Column("mode", AnyText, nullable=False, server_default=""),
)

run_proofs = _part(
    "run_proofs",
    "run",
    _text("source"),
    _text("currency"),
    _text("basis"),
    Column("control", Plain),
    *(
        Column(name, Plain, nullable=False)
        for name in (
            *("read", "loaded", "quarantined", "direct", "shared", "idle"),
            *("unallocated", "other"),
        )
    ),
    _whole("unread_rows"),
    Column("acknowledged", Boolean, nullable=False),
    Column("left_out", Plain, nullable=False, server_default="0"),
)

run_findings = _part("run_findings", "run", *_finding())

run_pointers = Table(
    "run_pointers",
    metadata,
    Column("period", Month, primary_key=True),
    _of("run"),
    Column("pointed_at", Instant, nullable=False),
)

shadow_runs = Table(
    "shadow_runs",
    metadata,
    Column("run", AnyText, ForeignKey("runs.id"), primary_key=True),
    Column("shadow", AnyText, ForeignKey("runs.id"), nullable=False),
    _text("label"),
    sqlite_with_rowid=False,
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    _text("team"),
    _text("line"),
    _text("text"),
    _text("author"),
    Column("at", Instant, nullable=False),
    Index(None, "period", "team"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    _text("actor"),
    _text("action"),
    _text("subject"),
    Column("detail", Json, nullable=False),
    Column("previous", AnyText, nullable=False, server_default=""),
    Column("hash", AnyText, nullable=False, server_default=""),
    Index(None, "subject"),
)

journal_documents = Table(
    "journal_documents",
    metadata,
    Column("id", AnyText, primary_key=True),
    _text("entity"),
    Column("period", Month, nullable=False),
    Column("posted_on", Date, nullable=False),
    *(_text(name) for name in ("currency", "kind", "text", "run", "reverses", "original")),
    _text("content"),
    Index(None, "period"),
)

journal_lines = Table(
    "journal_lines",
    metadata,
    Column("document", AnyText, ForeignKey("journal_documents.id"), nullable=False),
    _position(),
    *(_text(name) for name in ("account", "cost_center", "profit_center", "project")),
    *(_text(name) for name in ("partner", "tax_code")),
    _whole("units"),
    _text("text"),
    PrimaryKeyConstraint("document", "position"),
    sqlite_with_rowid=False,
)

journal_seals = Table(
    "journal_seals",
    metadata,
    Column("document", AnyText, ForeignKey("journal_documents.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    _text("actor"),
    sqlite_with_rowid=False,
)

period_states = Table(
    "period_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", Month, nullable=False),
    *(_text(name) for name in ("state", "run", "actor", "because")),
    Column("at", Instant, nullable=False),
    Index(None, "period"),
)
