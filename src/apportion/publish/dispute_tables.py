"""Disputes and adjustments as Arrow tables, for the road in Python."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from apportion.domain.adjustment import Adjustment
from apportion.domain.dispute import Dispute
from apportion.publish.tables import MONEY, TEXT


def dispute_table(found: Iterable[Dispute]) -> pa.Table:
    """One row a dispute, with its state and the days by which things are due."""
    rows = [
        {
            "dispute": one.id,
            "period": str(one.period),
            "team": one.team,
            "line": one.line,
            "title": one.title,
            "currency": one.currency,
            "amount": one.amount,
            "reason": str(one.reason),
            "because": one.because,
            "state": str(one.state),
            "open_until": one.until,
            "decide_by": one.decide_by,
        }
        for one in found
    ]
    texts = ("period", "team", "line", "title", "currency")
    schema = pa.schema(
        [
            ("dispute", pa.int64()),
            *((name, TEXT) for name in texts),
            ("amount", MONEY),
            *((name, TEXT) for name in ("reason", "because", "state")),
            ("open_until", pa.date32()),
            ("decide_by", pa.date32()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def adjustment_table(found: Iterable[Adjustment]) -> pa.Table:
    """One row an adjustment; `into` is the month in whose journal it stands."""
    rows = [
        {
            "adjustment": one.id,
            "period": str(one.period),
            "from": str(one.giver),
            "to": str(one.taker),
            "currency": one.currency,
            "amount": one.amount,
            "line": one.line,
            "dispute": one.dispute or None,
            "because": one.because,
            "state": str(one.state),
            "into": one.into or None,
        }
        for one in found
    ]
    schema = pa.schema(
        [
            ("adjustment", pa.int64()),
            *((name, TEXT) for name in ("period", "from", "to", "currency")),
            ("amount", MONEY),
            ("line", TEXT),
            ("dispute", pa.int64()),
            *((name, TEXT) for name in ("because", "state", "into")),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
