"""JSON documents of usage: what a load brought."""

from __future__ import annotations

from typing import Any

from apportion.load.usage import UsageLoad
from apportion.publish.documents import finding_document

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
