"""JSON documents of usage: what a load brought, and how it meets the bill."""

from __future__ import annotations

from typing import Any

from apportion.load.usage import UsageLoad
from apportion.publish.documents import exact, finding_document
from apportion.run.usage_differences import UsageReconciliation

Document = dict[str, Any]


def usage_load_document(found: UsageLoad) -> Document:
    """What a load did for one source of usage; counts are of records."""
    return {
        "source": found.source,
        "files_read": found.files_read,
        "files_known": found.files_known,
        "files_duplicate": found.files_duplicate,
        "records": found.rows,
        "periods": [
            {
                "period": str(one.period),
                "snapshot": one.snapshot,
                "state": str(one.state),
                "read": one.read,
                "accepted": one.accepted,
                "duplicate": one.duplicate,
                "superseded": one.superseded,
                "conflict": one.conflict,
                "rejected": one.rejected,
            }
            for one in found.periods
        ],
        "findings": [finding_document(one) for one in found.findings],
    }


def usage_reconciliation_document(found: UsageReconciliation) -> Document:
    """Bills beside usage at its prices; amounts are exact."""
    return {
        "usage": {
            "differences": [
                {
                    "pool": one.pool,
                    "currency": one.currency,
                    "model": one.model or None,
                    "billed": exact(one.billed),
                    "priced": exact(one.priced),
                    "difference": None if one.difference is None else exact(one.difference),
                    "without_usage": exact(one.missing),
                    "without_bill": exact(one.unbilled),
                    "priced_in": one.foreign or one.currency,
                    "reason": one.reason,
                }
                for one in found.differences
            ],
            "left_out": [
                {
                    "pool": one.pool,
                    "source": one.source,
                    "provider": one.provider or None,
                    "days": one.days,
                    "records": exact(one.records),
                }
                for one in found.left_out
            ],
        }
    }
