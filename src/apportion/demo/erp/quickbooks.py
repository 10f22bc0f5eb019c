"""A stand-in for QuickBooks Online's journal entries.

The same request id gives the same answer. A fault may come with a 200.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from apportion.demo.erp.entry_book import EntryBook
from apportion.demo.erp.json_vendor import amount_of, json_reply, json_request
from apportion.demo.erp.stand_in import Asked, Reply, Vendor

_PATH = re.compile(r"/v3/company/([^/]+)/(journalentry|query)")
_NUMBER = re.compile(r"DocNumber = '((?:[^'\\]|\\.)*)'")


class QuickBooksVendor(Vendor):
    """One company."""

    name = "quickbooks"

    def __init__(self, book: EntryBook) -> None:
        super().__init__(book)
        self._requests: dict[str, Reply] = {}

    def answer(self, asked: Asked, fault: str) -> Reply:
        path = _PATH.fullmatch(asked.path)
        if path is None:
            return _fault(404, "3200", "not found", "no such resource")
        if path[2] == "query":
            return self._query(asked.query.get("query", ""))
        found = json_request(asked.body)
        if found is None:
            return _fault(400, "2010", "Request has invalid or unsupported property", "no JSON")
        request = asked.query.get("requestid", "")
        if len(request) > 50:
            return _fault(400, "2010", "Invalid request id", "more than 50 characters")
        with self.book.lock:
            if request not in self._requests:
                reply = self._post(found, fault)
                if not request:
                    return reply
                self._requests[request] = reply
            return self._requests[request]

    def _post(self, found: dict[str, Any], fault: str) -> Reply:
        rows = found.get("Line") or []
        lines = [_line(one) for one in rows]
        wrong = self._wrong(found, lines, fault)
        if wrong:
            return _fault(200 if fault == "reject" else 400, *wrong)
        for _ in range(2 if fault == "twice" else 1):
            kept, held = (rows[:1], lines[:1]) if fault == "other" else (rows, lines)
            made = self.book.add(
                str(found.get("PrivateNote", "")).split()[-1],
                str(found.get("TxnDate")),
                held,
                lambda number, kept=kept: {**found, "Id": number, "Line": kept},  # type: ignore[misc]
                lambda n: str(200 + n),
            )
        return json_reply(200, {"JournalEntry": made.whole, "time": "2026-11-02T08:00:00Z"})

    def _wrong(
        self, found: dict[str, Any], lines: list[Any], fault: str
    ) -> tuple[str, str, str] | None:
        if fault in {"reject", "lock"}:
            return "2500", "Invalid Reference Id", "Accounts element id 999 not found"
        if len(str(found.get("DocNumber", ""))) > 21:
            return "2050", "String length is too long", "DocNumber takes 21 characters"
        why = self.book.against(str(found.get("TxnDate")), lines)
        if why == "balance":
            return "6010", "Debits and credits are not in balance", "the sums differ"
        if why == "period":
            return "6210", "Account Period Closed", "The account period has closed"
        return ("2500", "Invalid Reference Id", f"{why} not found") if why else None

    def _query(self, text: str) -> Reply:
        wanted = _NUMBER.search(text)
        number = re.sub(r"\\(.)", r"\1", wanted[1]) if wanted else None
        with self.book.lock:
            found = [one.whole for one in self.book.entries]
        rows = [dict(one) for one in found if number is None or one.get("DocNumber") == number]
        return json_reply(200, {"QueryResponse": {"JournalEntry": rows} if rows else {}})


def _line(row: dict[str, Any]) -> tuple[str, Decimal]:
    detail = row.get("JournalEntryLineDetail") or {}
    amount = amount_of(row.get("Amount"))
    account = str((detail.get("AccountRef") or {}).get("value"))
    return account, amount if detail.get("PostingType") == "Debit" else -amount


def _fault(status: int, code: str, message: str, detail: str) -> Reply:
    error = {"code": code, "Message": message, "Detail": detail}
    return json_reply(status, {"Fault": {"Error": [error], "type": "ValidationFault"}})
