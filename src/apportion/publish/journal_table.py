"""The neutral journal as an Arrow table."""

from __future__ import annotations

import pyarrow as pa

from apportion.ledger.draw_journal import Journal
from apportion.publish.tables import MONEY, TEXT

COLUMNS = (
    "document kind entity period posted_on currency account cost_center profit_center project "
    "partner tax_code side text run"
).split()
JOURNAL = pa.schema([(name, TEXT) for name in COLUMNS] + [("amount", MONEY)])
"""One row for each line; `amount` is above zero for debits and below for credits."""


def journal_table(journal: Journal) -> pa.Table:
    """The lines of a journal's documents."""
    rows = [
        {
            "document": one.id,
            "kind": str(one.kind),
            "entity": one.entity,
            "period": str(one.period),
            "posted_on": one.posted_on.isoformat(),
            "currency": one.currency,
            "account": line.at.account,
            "cost_center": line.at.cost_center,
            "profit_center": line.at.profit_center,
            "project": line.at.project,
            "partner": line.at.partner,
            "tax_code": line.at.tax_code,
            "side": str(line.side),
            "text": line.text,
            "run": one.run,
            "amount": one.amount(line.signed),
        }
        for one in journal.documents
        for line in one.lines
    ]
    return pa.Table.from_pylist(rows, JOURNAL)
