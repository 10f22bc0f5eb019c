"""Arrow tables of what the road gives: lines, statements, proofs, loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from apportion.domain.charge import COSTS
from apportion.domain.result import Run
from apportion.publish.documents import exact, original_document
from apportion.run.reconcile import Reconciliation
from apportion.run.statement import Statement, StatementLine, one_team

if TYPE_CHECKING:
    from apportion.load import SourceLoad
    from apportion.run.explain import Explanation
    from apportion.run.explain_tree import Node
    from apportion.run.said import Sayings

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

EXPLANATION = _schema(
    ("period run team line path kind name currency", TEXT),
    ("amount share of passed rule evidence source service", TEXT),
    ("charges", pa.int64()),
    ("place because owner note", TEXT),
)
"""Parts of lines, each below the part that it belongs to; amounts and shares are exact text."""

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
            rows.extend(_line(found, line) for line in found.kept_lines)
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


def explanation_table(run: Run, found: Iterable[Explanation], said: Sayings) -> pa.Table:
    """Explanations part by part, from each line down to the rules."""
    rows: list[dict[str, object]] = []
    for each in found:
        head = {
            "period": str(run.period),
            "run": run.id,
            "team": each.team or None,
            "line": each.line.id,
            "currency": each.currency,
        }
        for path, node in _parts(each.tree, ()):
            row = head | _part(node, said) | {"path": ".".join(map(str, path))}
            rows.append(row if path else row | {"note": each.note or None})
    return pa.Table.from_pylist(rows, schema=EXPLANATION)


def _parts(node: Node, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Node]]:
    yield path, node
    for number, part in enumerate(node.parts, start=1):
        yield from _parts(part, (*path, number))


def _part(node: Node, said: Sayings) -> dict[str, object]:
    told = said.of_rule(node.name) if node.reason else said.of_pool(node.name)
    reason = node.reason
    return {
        "kind": str(node.kind),
        "name": node.name,
        "amount": exact(node.amount),
        "share": None if node.share is None else exact(node.share),
        "of": None if node.of is None else exact(node.of),
        "passed": None if node.passed is None else exact(node.passed),
        "rule": reason.rule or None if reason else None,
        "evidence": str(reason.evidence) if reason else None,
        "source": reason.source if reason else None,
        "service": reason.service or None if reason else None,
        "charges": reason.charges if reason else None,
        "place": told[0].place or None if told else None,
        "because": told[0].because or None if told else None,
        "owner": told[0].responsible or None if told else None,
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
