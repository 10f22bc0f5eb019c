"""SAP S/4HANA: Journal Entry – Post, the XML of its SOAP service.

The order of elements is that of the service's schema; a field in another place is dropped
by SAP without a word. Amounts are signed and carry the side as well.

Source: WSDL of JournalEntryBulkCreateRequest, release 2024 (namespace SAPSCORE/SFIN).
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from apportion.domain.journal import JournalDocument, JournalLine, Side
from apportion.publish.erp.figures import signed
from apportion.publish.erp.limits import Charset, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.short_id import short_id
from apportion.publish.erp.target import Files, Parts, Target

LIMITS = Limits(
    names={
        "account": Field(10, Charset.ASCII),
        "cost_center": Field(10, Charset.ASCII),
        "profit_center": Field(10, Charset.ASCII),
        "project": Field(24, Charset.ASCII),
        "partner": Field(6, Charset.ASCII),
        "entity": Field(4, Charset.ASCII),
    },
    title=Field(25, Charset.LATIN),
    text=Field(50, Charset.LATIN),
    lines=900,
    before=22,
    after=6,
    needed=("user",),
)
"""999 lines are the most that a document can have, tax and splitting lines among them."""

_REQUEST = "sfin:JournalEntryBulkCreateRequest"


def render(parts: Parts, settings: ErpSettings) -> Files:
    """One request with an entry for each part."""
    return {"sap-journal-entry.xml": "\n".join(_request(parts, settings)).encode() + b"\n"}


def _request(parts: Parts, settings: ErpSettings) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<{_REQUEST} xmlns:sfin="http://sap.com/xi/SAPSCORE/SFIN">'
    if parts:
        yield _header(short_id("+".join(one.id for one in parts), 35), parts[0])
    for part in parts:
        yield "<JournalEntryCreateRequest>"
        yield _header(short_id(part.id, 35), part)
        yield "<JournalEntry>"
        yield from _head(part, settings)
        for number, line in enumerate(part.lines, 1):
            yield _item(part, number, line)
        yield "</JournalEntry>"
        yield "</JournalEntryCreateRequest>"
    yield f"</{_REQUEST}>"


def _header(name: str, part: JournalDocument) -> str:
    """The time is that of the posting date, so that the same journal is the same bytes."""
    made = _element("CreationDateTime", f"{part.posted_on.isoformat()}T00:00:00Z")
    return f"<MessageHeader>{_element('ID', name)}{made}</MessageHeader>"


def _head(part: JournalDocument, settings: ErpSettings) -> Iterator[str]:
    day = part.posted_on.isoformat()
    for name, text in (
        ("OriginalReferenceDocumentType", "BKPFF"),
        ("BusinessTransactionType", "RFBU"),
        ("AccountingDocumentType", settings.option("document_type", "SA")),
        ("DocumentReferenceID", short_id(part.id, 16)),
        ("DocumentHeaderText", part.text),
        ("CreatedByUser", settings.option("user")),
        ("CompanyCode", part.entity),
        ("DocumentDate", day),
        ("PostingDate", day),
        ("SourceSystemAccountingDocument", short_id(part.id, 35)),
        ("Reference1InDocumentHeader", part.run[:20]),
        ("Reference2InDocumentHeader", short_id(part.reverses, 16)),
    ):
        if text:
            yield _element(name, text)


def _item(part: JournalDocument, number: int, line: JournalLine) -> str:
    at = line.at
    account = at.account.zfill(10) if at.account.isdigit() else at.account
    amount = (
        f"<AmountInTransactionCurrency currencyCode={quoteattr(part.currency)}>"
        f"{signed(part, line)}</AmountInTransactionCurrency>"
    )
    assigned = "".join(
        _element(name, text)
        for name, text in (
            ("ProfitCenter", at.profit_center),
            ("CostCenter", at.cost_center),
            ("WBSElement", at.project),
        )
        if text
    )
    return "".join(
        (
            "<Item>",
            _element("ReferenceDocumentItem", str(number)),
            _element("GLAccount", account),
            amount,
            _element("DebitCreditCode", "S" if line.side is Side.DEBIT else "H"),
            _element("DocumentItemText", line.text) if line.text else "",
            _element("TradingPartner", at.partner) if at.partner else "",
            f"<AccountAssignment>{assigned}</AccountAssignment>" if assigned else "",
            "</Item>",
        )
    )


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


TARGET = Target("sap-journal-entry", "SAP S/4HANA journal entry (SOAP)", LIMITS, render)
