"""JSON of the neutral journal: one document, or a period's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apportion.domain.finding import Finding
from apportion.domain.journal import JournalDocument, Side
from apportion.ledger.draw_journal import Journal
from apportion.publish.documents import amount, finding_document


def period_journal_document(
    period: str, journal: Journal, notices: Sequence[Finding] = ()
) -> dict[str, Any]:
    """A period's documents, and what keeps them from being posted.

    `notices` are of the run: a bill that came later, a model that has changed.
    """
    return {
        "period": period,
        "may_be_posted": journal.may_be_posted,
        "documents": [
            journal_document(one) | {"state": journal.state_of(one)} for one in journal.documents
        ],
        "findings": [finding_document(one) for one in (*journal.findings, *notices)],
    }


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
        "total": amount(found.amount(found.total)),
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
