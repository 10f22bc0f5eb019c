"""Arrow tables of what the road gives: lines, statements, proofs, loads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from apportion.domain.charge import COSTS
from apportion.domain.result import Run
from apportion.publish.documents import exact, original_document
from apportion.run.reconcile import Reconciliation
from apportion.run.statement import Statement, StatementLine, one_team

if TYPE_CHECKING:
    from apportion.load import SourceLoad

MONEY = pa.decimal128(38, 18)
TEXT = pa.string()


def _schema(*groups: tuple[str, pa.DataType]) -> pa.Schema:
    """Columns in order, given as groups of names of one type."""
    return pa.schema([(name, kind) for names, kind in groups for name in names.split()])


LINES = _schema(
    ("run period currency owner_kind owner id kind pool service", TEXT),
    (" ".join(COSTS), TEXT),
)
"""Exact lines of a run; the costs are text of the rational (a decimal, or n/d)."""

ORIGINAL = pa.list_(
    pa.struct(
        [
            (name, TEXT)
            for name in "currency amount converted type rate first last origin source".split()
        ]
    )
)

STATEMENT = _schema(
    ("period currency basis team name cost_center id kind pool service", TEXT),
    ("amount", MONEY),
    ("original", ORIGINAL),
)
"""Rounded lines; `amount` has the currency's places.

`original` says what a converted line was billed as, and by which rate it was converted; amounts
and rates are text of the rational.
"""

PROOFS = _schema(
    ("period source currency basis proven_to", TEXT),
    ("control read loaded quarantined direct shared idle unallocated other difference", MONEY),
    ("unread_rows", pa.int64()),
    ("ok complete", pa.bool_()),
)
"""The equation of each source, currency and cost basis."""

LOADS = _schema(
    ("source period state snapshot currency", TEXT),
    ("read_rows loaded_rows quarantined_rows", pa.int64()),
    ("basis", TEXT),
    ("read loaded quarantined", MONEY),
)
"""What a load brought, per source, period, currency and cost basis."""


def line_table(run: Run) -> pa.Table:
    """The exact lines of a run."""
    return pa.Table.from_pylist(
        [
            {
                "run": run.id,
                "period": str(run.period),
                "currency": line.currency,
                "owner_kind": str(line.owner.kind),
                "owner": line.owner.name,
                "id": line.id,
                "kind": str(line.kind),
                "pool": line.pool or None,
                "service": line.service or None,
            }
            | {cost: exact(line.amounts.of(cost)) for cost in COSTS}
            for line in run.lines
        ],
        schema=LINES,
    )


def statement_table(statements: Iterable[Statement], team: str | None = None) -> pa.Table:
    """Rounded lines; without a team asked for, what is unallocated or kept is listed too."""
    rows: list[dict[str, object]] = []
    for found in statements:
        teams = found.teams if team is None else (one_team(found, team),)
        for own in teams:
            named = {
                "team": own.facts.team,
                "name": own.facts.title,
                "cost_center": own.facts.cost_center or None,
            }
            rows.extend(_line(found, line) | named for line in own.lines)
        if team is None:
            rows.extend(_line(found, line) for line in found.unallocated_lines)
            rows.extend(
                _head(found) | {"kind": "kept", "pool": pool, "amount": kept}
                for pool, kept in found.kept
            )
    return pa.Table.from_pylist(rows, schema=STATEMENT)


def _head(found: Statement) -> dict[str, object]:
    return {"period": found.period, "currency": found.currency, "basis": found.basis}


def _line(found: Statement, line: StatementLine) -> dict[str, object]:
    return _head(found) | {
        "id": line.id,
        "kind": str(line.kind),
        "pool": line.pool or None,
        "service": line.service or None,
        "amount": line.amount,
        "original": [original_document(original, found.basis) for original in line.originals]
        or None,
    }


def proof_table(found: Reconciliation) -> pa.Table:
    """The proofs of a period."""
    names = [field.name for field in PROOFS if field.name != "period"]
    return pa.Table.from_pylist(
        [
            {"period": str(found.run.period)} | {name: getattr(proof, name) for name in names}
            for proof in found.proofs
        ],
        schema=PROOFS,
    )


def load_table(loaded: Iterable[SourceLoad]) -> pa.Table:
    """What a load brought, per source, period, currency and cost basis."""
    rows = [
        {
            "source": each.source,
            "period": str(period.period),
            "state": str(period.state),
            "snapshot": period.snapshot,
            "currency": totals.currency,
            "read_rows": totals.read_rows,
            "loaded_rows": totals.loaded_rows,
            "quarantined_rows": totals.quarantined_rows,
            "basis": basis,
            "read": totals.read[basis],
            "loaded": totals.loaded.get(basis),
            "quarantined": totals.quarantined.get(basis),
        }
        for each in loaded
        for period in each.periods
        for totals in period.totals
        for basis in totals.read
    ]
    return pa.Table.from_pylist(rows, schema=LOADS)
