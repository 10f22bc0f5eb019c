"""A stand-in for NetSuite's REST records of journal entries.

An external id that exists is refused with 400. There is no PUT: it would change an entry.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from apportion.demo.erp.json_vendor import amount_of, json_reply, json_request
from apportion.demo.erp.stand_in import Asked, Reply, Vendor

_RECORDS = "/services/rest/record/v1/"
_KINDS = ("journalEntry", "intercompanyJournalEntry", "advIntercompanyJournalEntry")


class NetSuiteVendor(Vendor):
    """One account."""

    name = "netsuite"

    def answer(self, asked: Asked, fault: str) -> Reply:
        kind, _, rest = asked.path.removeprefix(_RECORDS).partition("/")
        if kind not in _KINDS:
            return _refused(404, "NONEXISTENT_RECORD_TYPE", f"Record type {kind} does not exist")
        if asked.method == "GET":
            return self._read_back(unquote(rest))
        if asked.method != "POST" or rest:
            return _refused(405, "METHOD_NOT_ALLOWED", "Only POST creates a record")
        found = json_request(asked.body)
        if found is None:
            return _refused(400, "INVALID_CONTENT", "The request is no JSON object")
        return self._post(kind, found, fault)

    def _post(self, kind: str, found: dict[str, Any], fault: str) -> Reply:
        items = found.get("line", {}).get("items", [])
        lines = [_line(one) for one in items]
        name, day = str(found.get("externalId") or ""), str(found.get("tranDate"))
        wrong = _wrong(fault) or self._wrong(day, lines, items)
        with self.book.lock:
            if name and self.book.named(name):
                return _refused(400, "DUP_RCRD", "This record already exists")
            if wrong:
                return _refused(400, *wrong)
            kept, held = (items[:1], lines[:1]) if fault == "other" else (items, lines)
            made = self.book.add(
                name,
                day,
                held,
                lambda number: {**found, "id": number, "kind": kind, "line": {"items": kept}},
                lambda n: str(5000 + n),
            )
        return Reply(204, headers={"Location": f"{_RECORDS}{kind}/{made.number}"})

    def _wrong(self, day: str, lines: list[Any], items: list[Any]) -> tuple[str, str] | None:
        if any(len(str(one.get("memo", ""))) > 999 for one in items):
            return "EXCEEDED_MAX_FIELD_LENGTH", "The field memo takes 999 characters"
        why = self.book.against(day, lines)
        if why == "balance":
            return "USER_ERROR", "The amounts in the journal entry are not in balance"
        if why == "period":
            return "PERIOD_CLOSED", "The transaction date falls in a closed period"
        return ("INVALID_KEY_OR_REF", f"Invalid reference key for {why}") if why else None

    def _read_back(self, key: str) -> Reply:
        found = self.book.named(key.removeprefix("eid:"))
        if not found:
            return _refused(404, "NONEXISTENT_ID", "The record instance does not exist")
        return json_reply(200, {**found[0].whole, "approved": True})


def _line(item: dict[str, Any]) -> tuple[str, Decimal]:
    account = str(item.get("account", {}).get("id"))
    if "debit" in item:
        return account, amount_of(item["debit"])
    return account, -amount_of(item.get("credit"))


def _wrong(fault: str) -> tuple[str, str] | None:
    return {
        "reject": ("INVALID_KEY_OR_REF", "Invalid account reference key 999"),
        "lock": ("RCRD_HAS_BEEN_CHANGED", "The record is locked by another user"),
    }.get(fault)


def _refused(status: int, code: str, detail: str) -> Reply:
    return json_reply(
        status,
        {
            "type": "https://www.rfc-editor.org/rfc/rfc9110.html",
            "title": "Refused",
            "status": status,
            "o:errorDetails": [{"detail": detail, "o:errorCode": code}],
        },
    )
