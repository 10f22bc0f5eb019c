"""The first books: what is loaded, what was run, and the audit log.

Revision: 0001.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Columns = list[sa.Column[Any]]


def upgrade() -> None:
    _loads()
    _current()
    _runs()
    _run_parts()
    _audit()


def _text(*names: str) -> Columns:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _whole(*names: str) -> Columns:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _open(kind: type[sa.types.TypeEngine[Any]], *names: str) -> Columns:
    return [sa.Column(name, kind, nullable=True) for name in names]


def _period() -> sa.Column[str]:
    return sa.Column("period", sa.String(7), nullable=False)


def _instant(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _costs() -> Columns:
    return _text("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


def _finding() -> Columns:
    return [
        *_text("code", "level", "message"),
        *_open(sa.Text, "file"),
        *_open(sa.BigInteger, "line", "column"),
        *_text("hint"),
        *_whole("rows"),
    ]


def _table(name: str, key: list[str], *columns: sa.Column[Any], **references: str) -> None:
    """A table, its key, and its references to ids: ``unit="units"``."""
    foreign = [
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{name}_{column}")
        for column, parent in references.items()
    ]
    parts = name not in _WITH_ROWID
    op.create_table(
        name,
        *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        *foreign,
        **({"sqlite_with_rowid": False} if parts else {}),
    )


_WITH_ROWID = {
    *("snapshots", "units", "pointers", "acknowledgements"),
    *("runs", "run_pointers", "audit_log"),
}


def _part(name: str, parent: str, *columns: sa.Column[Any], **references: str) -> None:
    """A table of parts in the order that they have within their parent."""
    own = [*_text(parent), sa.Column("position", sa.Integer, nullable=False)]
    _table(name, [parent, "position"], *own, *columns, **{parent: f"{parent}s"}, **references)


def _index(name: str, *columns: str) -> None:
    op.create_index(f"ix_{name}_{'_'.join(columns)}", name, list(columns))


def _loads() -> None:
    _table("snapshots", ["id"], *_text("id", "source"), _period(), _instant("loaded_at"))
    _index("snapshots", "source", "period")
    names = ("id", "input", "content", "config", "version", "bases", "columns")
    _table("units", ["id"], *_text(*names), _period())
    _index("units", "content")
    _part("snapshot_units", "snapshot", *_text("unit"), unit="units")
    _index("snapshot_units", "unit")
    _part("unit_files", "unit", *_text("role", "path", "sha256"), *_whole("rows"))
    rows = _whole("read_rows", "loaded_rows", "quarantined_rows")
    _part("unit_totals", "unit", *_text("currency"), *rows)
    op.create_table(
        "unit_amounts",
        *_text("unit"),
        sa.Column("position", sa.Integer, nullable=False),
        *_text("basis"),
        *_open(sa.Text, "read", "loaded", "quarantined"),
        *_open(sa.BigInteger, "unread"),
        sa.PrimaryKeyConstraint("unit", "position", "basis", name="pk_unit_amounts"),
        sa.ForeignKeyConstraint(
            ["unit", "position"],
            ["unit_totals.unit", "unit_totals.position"],
            name="fk_unit_amounts_unit",
        ),
        sqlite_with_rowid=False,
    )
    _part(
        "quarantined",
        "unit",
        *_text("file"),
        *_open(sa.BigInteger, "line"),
        *_text("column", "reason", "hint", "row"),
    )
    _part("findings", "unit", *_finding())


def _current() -> None:
    _table(
        "pointers",
        ["source", "period"],
        *_text("source"),
        _period(),
        *_text("snapshot"),
        *_whole("version"),
        _instant("committed_at"),
        *_text("actor"),
        snapshot="snapshots",
    )
    _table(
        "acknowledgements",
        ["id"],
        sa.Column("id", sa.Integer, nullable=False),
        *_text("snapshot", "actor", "because"),
        sa.Column("at", sa.Date, nullable=False),
        snapshot="snapshots",
    )
    _index("acknowledgements", "snapshot")


def _runs() -> None:
    _table(
        "runs",
        ["id"],
        *_text("id"),
        _period(),
        sa.Column("span_start", sa.Date, nullable=False),
        sa.Column("span_until", sa.Date, nullable=False),
        *_text("model", "basis"),
        _instant("made_at"),
    )
    _index("runs", "period")
    _table("run_pointers", ["period"], _period(), *_text("run"), _instant("pointed_at"), run="runs")
    _part("run_snapshots", "run", *_text("snapshot"), snapshot="snapshots")
    _index("run_snapshots", "snapshot")


def _run_parts() -> None:
    owner = ("owner_kind", "owner")
    _part(
        "run_teams",
        "run",
        *_text("team", "title", "cost_center", "product", "business_unit"),
        *_open(sa.Text, "budget"),
        *_text("budget_currency"),
    )
    _part(
        "run_attributed",
        "run",
        *_text("source", "currency", *owner, "rule", "evidence", "service"),
        *_whole("charges"),
        *_costs(),
    )
    _part("run_shares", "run", *_text("pool", "currency", *owner, "fraction", "method"))
    op.create_table(
        "run_driver_uses",
        *_text("run"),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_text("driver", "unit", "quantity", "total", "weight"),
        sa.PrimaryKeyConstraint("run", "share", "position", name="pk_run_driver_uses"),
        sa.ForeignKeyConstraint(
            ["run", "share"],
            ["run_shares.run", "run_shares.position"],
            name="fk_run_driver_uses_run",
        ),
        sqlite_with_rowid=False,
    )
    _part(
        "run_lines", "run", *_text("id", "currency", *owner, "kind", "pool", "service"), *_costs()
    )
    _part(
        "run_proofs",
        "run",
        *_text("source", "currency", "basis"),
        *_open(sa.Text, "control"),
        *_text("read", "loaded", "quarantined", "direct", "shared", "idle"),
        *_text("unallocated", "other"),
        *_whole("unread_rows"),
        sa.Column("acknowledged", sa.Boolean, nullable=False),
    )
    _part("run_findings", "run", *_finding())


def _audit() -> None:
    _table(
        "audit_log",
        ["id"],
        sa.Column("id", sa.Integer, nullable=False),
        _instant("at"),
        *_text("actor", "action", "subject", "detail"),
    )
    _index("audit_log", "subject")
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{act.lower()} BEFORE {act} ON audit_log "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'the audit log is append-only'; END$$"
        )
        op.execute(
            "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
        )
