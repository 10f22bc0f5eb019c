"""A stand-in for SAP S/4HANA: the synchronous journal entry service, and a view to read back.

It takes the same entry twice, as SAP does. A rejection is a 200 whose number is all zeros.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.sax.saxutils import escape

from apportion.demo.erp.entry_book import Entry
from apportion.demo.erp.stand_in import Asked, Reply, Vendor
from apportion.publish.erp.post.safe_xml import Element, NotXml, read_xml

_LENGTHS = {
    "DocumentReferenceID": 16,
    "DocumentHeaderText": 25,
    "CreatedByUser": 12,
    "CompanyCode": 4,
    "SourceSystemAccountingDocument": 35,
    "Reference1InDocumentHeader": 20,
    "Reference2InDocumentHeader": 20,
    "GLAccount": 10,
    "CostCenter": 10,
    "ProfitCenter": 10,
    "WBSElement": 24,
    "TradingPartner": 6,
    "DocumentItemText": 50,
}
_NEEDED = (
    "OriginalReferenceDocumentType BusinessTransactionType AccountingDocumentType CreatedByUser "
    "CompanyCode DocumentDate PostingDate"
).split()
_MOST_LINES = 999
_FILTER = re.compile(r"(\w+) eq '((?:[^']|'')*)'")
_NONE = "0000000000"


class SapVendor(Vendor):
    """One system with one client."""

    name = "sap"
    login = "Basic "

    def answer(self, asked: Asked, fault: str) -> Reply:
        if asked.method == "GET":
            return self._read_back(asked)
        try:
            envelope = read_xml(asked.body)
        except NotXml:
            return _fault("the request is no XML")
        requests = envelope.all("JournalEntryCreateRequest")
        if not requests:
            return _fault("the request has no journal entry")
        said = "".join(self._confirm(one, fault) for one in requests)
        return _soap(
            '<n0:JournalEntryBulkCreateConfirmation xmlns:n0="http://sap.com/xi/SAPSCORE/SFIN">'
            f"<MessageHeader/>{said}<Log/></n0:JournalEntryBulkCreateConfirmation>"
        )

    def _confirm(self, request: Element, fault: str) -> str:
        entry = request.all("JournalEntry")[0]
        lines = list(_lines(entry))
        wrong = _fault_of(fault) or self._wrong(entry, lines)
        name, company = request.first("ID"), entry.first("CompanyCode")
        if wrong:
            return _confirmation(name, (_NONE, company, "0000"), "3", ("609(RW)", "Error"), wrong)
        for _ in range(2 if fault == "twice" else 1):
            made = self._post(entry, lines[:1] if fault == "other" else lines)
        number = (made.number, company, entry.first("PostingDate")[:4])
        told = ("605(RW)", f"Document posted successfully: BKPFF {made.number}{company}")
        return _confirmation(name, number, "1", told)

    def _post(self, entry: Element, lines: list[tuple[str, Decimal]]) -> Entry:
        day = entry.first("PostingDate")
        reference = entry.first("DocumentReferenceID")
        currency = entry.all("AmountInTransactionCurrency")[0]

        def whole(number: str) -> dict[str, Any]:
            head = {
                "CompanyCode": entry.first("CompanyCode"),
                "FiscalYear": day[:4],
                "AccountingDocument": number,
                "DocumentReferenceID": reference,
            }
            return {
                **head,
                "text": entry.first("DocumentHeaderText"),
                "source": entry.first("SourceSystemAccountingDocument"),
                "items": [
                    {**head, "GLAccount": account, "AmountInTransactionCurrency": f"{amount:f}"}
                    for account, amount in lines
                ],
                "line_texts": [one.first("DocumentItemText") for one in entry.all("Item")],
                "tag": currency.name,
            }

        return self.book.add(
            entry.first("SourceSystemAccountingDocument"),
            day,
            lines,
            whole,
            lambda n: f"{100000000 + n:010}",
        )

    def _wrong(self, entry: Element, lines: list[tuple[str, Decimal]]) -> tuple[str, str] | None:
        form = _fault_of_form(entry)
        if form:
            return "002(BK)", form
        if len(lines) > _MOST_LINES:
            return "727(F5)", "Maximum number of items in FI reached"
        why = self.book.against(entry.first("PostingDate"), lines)
        if why == "balance":
            return "702(F5)", "Balance in transaction currency"
        if why == "period":
            day = entry.first("PostingDate")
            return "201(F5)", f"Posting period {day[5:7]} {day[:4]} is not open"
        if why:
            return "507(F5)", f"G/L {why} is not defined in the chart of accounts"
        return None

    def _read_back(self, asked: Asked) -> Reply:
        wanted = dict(_FILTER.findall(asked.query.get("$filter", "")))
        with self.book.lock:
            rows = [item for one in self.book.entries for item in one.whole["items"]]
        found = [
            row
            for row in rows
            if all(str(row.get(name)) == text.replace("''", "'") for name, text in wanted.items())
        ]
        skip, top = int(asked.query.get("$skip", "0")), int(asked.query.get("$top", "1000"))
        body = json.dumps({"d": {"results": found[skip : skip + top]}}, default=str)
        return Reply(200, body.encode())


def _fault_of_form(entry: Element) -> str:
    """A field that is missing or too long, or a side that isn't the amount's."""
    for name in _NEEDED:
        if not entry.first(name):
            return f"Field {name} is missing"
    for name, most in _LENGTHS.items():
        if any(len(one.text.strip()) > most for one in entry.all(name)):
            return f"Field {name} is longer than {most} characters"
    if any(_side_is_wrong(one) for one in entry.all("Item")):
        return "Sign of an amount and its debit/credit code disagree"
    return ""


def _lines(entry: Element) -> Iterator[tuple[str, Decimal]]:
    for item in entry.all("Item"):
        try:
            amount = Decimal(item.first("AmountInTransactionCurrency"))
        except InvalidOperation:
            amount = Decimal("NaN")
        yield item.first("GLAccount"), amount if amount.is_finite() else Decimal(1)


def _side_is_wrong(item: Element) -> bool:
    code, amount = item.first("DebitCreditCode"), item.first("AmountInTransactionCurrency")
    return bool(code) and code != ("H" if amount.startswith("-") else "S")


def _fault_of(fault: str) -> tuple[str, str] | None:
    return {
        "reject": ("507(F5)", "G/L account 9999999999 is not defined in the chart of accounts"),
        "lock": ("601(MC)", "Object requested is currently locked by user MILLER"),
    }.get(fault)


def _confirmation(
    name: str,
    number: tuple[str, str, str],
    severity: str,
    told: tuple[str, str],
    wrong: tuple[str, str] | None = None,
) -> str:
    items = [(severity, *told)] + ([(severity, *wrong)] if wrong else [])
    log = "".join(
        f"<Item><TypeID>{escape(kind)}</TypeID><SeverityCode>{grade}</SeverityCode>"
        f"<Note>{escape(note)}</Note></Item>"
        for grade, kind, note in items
    )
    document, company, year = number
    return (
        "<JournalEntryCreateConfirmation>"
        f"<MessageHeader><ReferenceID>{escape(name)}</ReferenceID></MessageHeader>"
        "<JournalEntryCreateConfirmation>"
        f"<AccountingDocument>{document}</AccountingDocument>"
        f"<CompanyCode>{escape(company)}</CompanyCode><FiscalYear>{year}</FiscalYear>"
        "</JournalEntryCreateConfirmation>"
        f"<Log><MaximumLogItemSeverityCode>{severity}</MaximumLogItemSeverityCode>{log}</Log>"
        "</JournalEntryCreateConfirmation>"
    )


def _soap(inner: str, status: int = 200) -> Reply:
    body = (
        '<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soap-env:Header/><soap-env:Body>{inner}</soap-env:Body></soap-env:Envelope>"
    )
    return Reply(status, body.encode(), "text/xml; charset=utf-8")


def _fault(why: str) -> Reply:
    return _soap(
        "<soap-env:Fault><faultcode>soap-env:Client</faultcode>"
        f"<faultstring>{escape(why)}</faultstring></soap-env:Fault>",
        500,
    )
