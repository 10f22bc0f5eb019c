"""Plain CSV: every field of the neutral journal, for anything that reads a table.

Debit and credit are columns of their own. `content` is the digest of the whole document: the
same id with another content must not be taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import two_columns
from apportion.publish.erp.limits import PARTS, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target

LIMITS = Limits(
    names=dict.fromkeys((*PARTS, "entity"), Field(200)),
    title=Field(1000),
    text=Field(1000),
    before=30,
    after=4,
)
HEAD = (
    *("document", "kind", "entity", "period", "posting_date", "currency", "line", *PARTS),
    *("debit", "credit", "text", "document_text", "run", "reverses", "original", "content"),
)


def render(parts: Parts, settings: ErpSettings) -> Files:
    """One file."""
    return {"journal.csv": csv_bytes(_rows(parts))}


def _rows(parts: Parts) -> Iterator[Sequence[str]]:
    yield HEAD
    for part in parts:
        day = part.posted_on.isoformat()
        head = (part.id, str(part.kind), part.entity, str(part.period), day, part.currency)
        tail = (part.text, part.run, part.reverses, part.original, part.content)
        for number, line in enumerate(part.lines, 1):
            at = line.at
            place = (at.account, at.cost_center, at.profit_center, at.project, at.partner)
            amounts = two_columns(part, line)
            yield (*head, str(number), *place, at.tax_code, *amounts, line.text, *tail)


TARGET = Target("csv", "plain CSV", LIMITS, render)
