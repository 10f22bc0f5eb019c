"""The evidence of a dispute: what explain says of a line, frozen as JSON with a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apportion.domain.money import plain_text
from apportion.errors import UsageError
from apportion.run.explain import Explanation, explain_all
from apportion.run.explain_tree import Node
from apportion.run.statement import currencies

if TYPE_CHECKING:
    from apportion.domain.result import Run
    from apportion.run.bill_rows import BillRow
    from apportion.run.open_project import OpenProject

MOST_ROWS = 50
"""How many bill rows are kept with a dispute, the largest first."""


def freeze_evidence(project: OpenProject, run: Run, team: str, line: str) -> Mapping[str, Any]:
    """The tree of a line, its driver quantities, shares and largest bill rows; all exact, as text.

    Raises NotLoaded where the team's statement has no such line. Where the model has changed
    since the run, the rows of bills can't be told, and that is said instead.
    """
    found = explain_all(run, currencies(run, project.settings.currency), team, line)
    rows, missing = _rows(project, run, found)
    return {
        "run": run.id,
        "model": run.model,
        "basis": run.basis,
        "snapshots": list(run.snapshots),
        "lines": [_line(one, rows.get(one.line.id, ())) for one in found],
        "rows_missing": missing,
    }


def digest_of(evidence: Mapping[str, Any]) -> str:
    """A digest of frozen evidence: what was seen when the dispute was opened can be proven.

    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    text = json.dumps(evidence, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(
    project: OpenProject, run: Run, found: Sequence[Explanation]
) -> tuple[Mapping[str, Sequence[BillRow]], str]:
    from apportion.run.bill_rows import rows_behind

    try:
        behind = rows_behind(project.workspace, project.model, run, found, MOST_ROWS)
    except UsageError as changed:
        return {}, changed.what
    return {line: one.rows for line, one in behind.items()}, ""


def _line(found: Explanation, rows: Sequence[BillRow]) -> dict[str, Any]:
    return {
        "line": found.line.id,
        "title": found.line.title,
        "currency": found.currency,
        "amount": str(found.line.amount),
        "exact": str(found.exact),
        "pool_cost": None if found.pool_cost is None else str(found.pool_cost),
        "share": None if found.share is None else str(found.share),
        "method": found.method,
        "note": found.note,
        "drivers": [
            {
                "driver": use.driver,
                "unit": use.unit,
                "quantity": str(use.quantity),
                "total": str(use.total),
                "weight": str(use.weight),
            }
            for use in found.uses
        ],
        "tree": _node(found.tree),
        "bill_rows": [
            {
                "day": row.day.isoformat(),
                "source": row.source,
                "file": row.file,
                "row": row.row,
                "resource": row.resource,
                "service": row.service,
                "rule": row.rule,
                "amount": plain_text(row.amount),
                "weight": str(row.weight),
            }
            for row in rows
        ],
    }


def _node(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": str(node.kind),
        "name": node.name,
        "amount": str(node.amount),
    }
    if node.share is not None and node.of is not None:
        made |= {"share": str(node.share), "of": str(node.of)}
    if node.reason is not None:
        made |= {"evidence": str(node.reason.evidence), "charges": node.reason.charges}
    if node.parts:
        made["parts"] = [_node(part) for part in node.parts]
    return made
