"""The JSON document of an explanation: lines, what they rest on, and the rows of bills behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from apportion.domain.money import plain_text
from apportion.publish.documents import Document, exact, line_document, original_document
from apportion.run.explain import Explanation, Reason, percent

if TYPE_CHECKING:
    from apportion.run.bill_rows import RowsBehind


def explanation_document(
    explanations: Iterable[Explanation],
    basis: str,
    behind: Mapping[str, RowsBehind] | None = None,
) -> Document:
    """Why a team carries its lines; the parts of each line sum to it exactly.

    `behind` has, by line, the rows of bills that are listed with it.
    """
    lines = [_explanation(found, basis) for found in explanations]
    if behind is not None:
        for line in lines:
            line["bill_rows"] = _rows(behind[line["id"]])
    return {"basis": basis, "lines": lines}


def _rows(found: RowsBehind) -> Document:
    return {
        "of": found.count,
        "total": plain_text(found.total),
        "shown": plain_text(found.shown),
        "rows": [
            {
                "day": str(row.day),
                "source": row.source,
                "file": row.file,
                "row": row.row,
                "resource": row.resource or None,
                "service": row.service or None,
                "rule": row.rule or None,
                "amount": plain_text(row.amount),
            }
            for row in found.rows
        ],
    }


def _explanation(found: Explanation, basis: str) -> Document:
    return {
        "team": found.team,
        **line_document(found.line, basis),
        "currency": found.currency,
        "exact": exact(found.exact),
        "rounding": exact(found.rounding),
        "pool_cost": None if found.pool_cost is None else exact(found.pool_cost),
        "share_percent": None if found.share is None else str(percent(found.share)),
        "method": found.method or None,
        "note": found.note or None,
        "drivers": [
            {
                "driver": use.driver,
                "unit": use.unit,
                "quantity": exact(use.quantity),
                "total": exact(use.total),
                "weight": exact(use.weight),
            }
            for use in found.uses
        ],
        "reasons": [_reason(reason) for reason in found.reasons],
        "converted": [original_document(original, basis) for original in found.originals],
    }


def _reason(reason: Reason) -> Document:
    return {
        "rule": reason.rule or None,
        "evidence": str(reason.evidence),
        "source": reason.source,
        "service": reason.service or None,
        "charges": reason.charges,
        "amount": exact(reason.amount),
    }
