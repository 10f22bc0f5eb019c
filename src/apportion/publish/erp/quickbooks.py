"""QuickBooks Online: journal entries for its API, one JSON file each.

Accounts and classes are known by ids, which settings name. Amounts are positive, with the
side beside them. A company of QuickBooks is one entity: its file names it.

Source: Finance.xsd of the QuickBooks V3 SDK, JournalEntry.
"""

from __future__ import annotations

from apportion.domain.journal import JournalDocument, JournalLine
from apportion.publish.erp.figures import unsigned
from apportion.publish.erp.json_text import Figure, Json, json_bytes
from apportion.publish.erp.limits import Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.short_id import short_id
from apportion.publish.erp.target import Files, Parts, Target, file_name

_ID = Field(30)
LIMITS = Limits(
    names={"account": _ID, "cost_center": _ID, "entity": Field(60)},
    title=Field(4000),
    text=Field(4000),
    lines=300,
    before=12,
    after=3,
    coded=frozenset(("account", "cost_center")),
)
"""Lines are cut well below the few hundred that are said to be taken."""

DOCUMENT_NUMBER = 21


def render(parts: Parts, settings: ErpSettings) -> Files:
    """A file for each part, by its external id."""
    return {
        f"quickbooks-{file_name(part.id)}.json": json_bytes(_entry(part, settings))
        for part in parts
    }


def _entry(part: JournalDocument, settings: ErpSettings) -> Json:
    return {
        "DocNumber": short_id(part.id, DOCUMENT_NUMBER),
        "TxnDate": part.posted_on.isoformat(),
        "PrivateNote": f"{part.text} {part.id}".strip(),
        "CurrencyRef": {"value": part.currency},
        "Line": [_line(part, number, line, settings) for number, line in enumerate(part.lines)],
    }


def _line(part: JournalDocument, number: int, line: JournalLine, settings: ErpSettings) -> Json:
    detail: dict[str, Json] = {
        "PostingType": line.side.title(),
        "AccountRef": {"value": line.at.account},
    }
    if line.at.cost_center:
        wanted = settings.option("cost_center_as", "class")
        name = "DepartmentRef" if wanted == "department" else "ClassRef"
        detail[name] = {"value": line.at.cost_center}
    return {
        "Id": str(number),
        "Amount": Figure(unsigned(part, line)),
        "Description": line.text,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


TARGET = Target("quickbooks", "QuickBooks Online", LIMITS, render)
