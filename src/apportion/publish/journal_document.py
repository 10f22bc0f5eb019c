"""JSON of the neutral journal."""

from __future__ import annotations

from typing import Any

from apportion.domain.journal import JournalDocument, Side
from apportion.publish.documents import amount


def journal_document(found: JournalDocument) -> dict[str, Any]:
    """A document with its lines; amounts are positive, on one of two sides."""
    return {
        "id": found.id,
        "entity": found.entity,
        "period": str(found.period),
        "posted_on": found.posted_on.isoformat(),
        "currency": found.currency,
        "kind": str(found.kind),
        "text": found.text,
        "run": found.run or None,
        "reverses": found.reverses or None,
        "original": found.original or None,
        "content": found.content,
        "lines": [
            {
                "account": line.at.account,
                "cost_center": line.at.cost_center or None,
                "profit_center": line.at.profit_center or None,
                "project": line.at.project or None,
                "partner": line.at.partner or None,
                "tax_code": line.at.tax_code or None,
                "debit": amount(found.amount(line.units)) if line.side is Side.DEBIT else None,
                "credit": amount(found.amount(line.units)) if line.side is Side.CREDIT else None,
                "text": line.text,
            }
            for line in found.lines
        ],
    }
