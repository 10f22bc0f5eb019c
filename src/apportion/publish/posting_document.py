"""JSON of postings: what an ERP was sent, and how far it has come."""

from __future__ import annotations

from typing import Any

from apportion.domain.posting import PostingStatus
from apportion.publish.documents import amount, finding_document
from apportion.publish.erp.post.plan import Plan
from apportion.publish.erp.post.post_period import Posted


def posted_document(found: Posted) -> dict[str, Any]:
    """What became of posting a period."""
    return {
        "period": str(found.period),
        "target": found.target,
        "state": str(found.state),
        "posted": found.whole,
        "postings": [
            {**posting_document(one), "by_others": found.by_others.get(one.posting.id)}
            for one in found.postings
        ],
        "left_out": list(found.left_out),
        "findings": [finding_document(one) for one in found.findings],
    }


def plan_document(found: Plan) -> dict[str, Any]:
    """What would be sent."""
    return {
        "period": str(found.period),
        "target": found.connector.target.name,
        "url": found.connector.url,
        "postings": [
            {
                "id": posting.id,
                "documents": list(posting.documents),
                "currency": posting.currency,
                "debits": amount(posting.debits),
                "lines": posting.lines,
                "bytes": len(message.body),
            }
            for message, posting in found.messages
        ],
        "left_out": [one.id for one in found.left_out],
        "findings": [finding_document(one) for one in found.findings],
    }


def posting_document(found: PostingStatus) -> dict[str, Any]:
    """A posting and where it is; `number` is the ERP's own."""
    posting, last = found.posting, found.last
    return {
        "target": posting.target,
        "id": posting.id,
        "period": str(posting.period),
        "documents": list(posting.documents),
        "currency": posting.currency,
        "debits": amount(posting.debits),
        "lines": posting.lines,
        "state": str(last.state) if last else None,
        "number": (last.number or None) if last else None,
        "reasons": list(last.reasons) if last else [],
        "by": last.actor if last else None,
        "at": last.at.isoformat() if last else None,
    }
