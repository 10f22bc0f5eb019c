"""Postings as an Arrow table."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from apportion.domain.posting import PostingStatus
from apportion.publish.tables import MONEY, TEXT

COLUMNS = "target id period state number currency reasons by at".split()
POSTINGS = pa.schema(
    [(name, TEXT) for name in COLUMNS] + [("debits", MONEY), ("lines", pa.int64())]
)
"""One row for each posting; `state` is null before its first step."""


def posting_table(found: Iterable[PostingStatus]) -> pa.Table:
    """Postings with where they are."""
    rows = [
        {
            "target": one.posting.target,
            "id": one.posting.id,
            "period": str(one.posting.period),
            "state": str(one.last.state) if one.last else None,
            "number": one.last.number or None if one.last else None,
            "currency": one.posting.currency,
            "reasons": "; ".join(one.last.reasons) if one.last else None,
            "by": one.last.actor if one.last else None,
            "at": one.last.at.isoformat() if one.last else None,
            "debits": one.posting.debits,
            "lines": one.posting.lines,
        }
        for one in found
    ]
    return pa.Table.from_pylist(rows, POSTINGS)
