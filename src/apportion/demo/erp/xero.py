"""A stand-in for Xero's manual journals.

With `summarizeErrors=false` a journal that is refused comes back in a 200, with its
validation errors. The same idempotency key gives the same answer, and is refused for another
request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from apportion.demo.erp.entry_book import EntryBook
from apportion.demo.erp.json_vendor import amount_of, json_reply, json_request
from apportion.demo.erp.stand_in import Asked, Reply, Vendor

_PATH = "/api.xro/2.0/ManualJournals"
_DAY = re.compile(r"DateTime\((\d+), *(\d+), *(\d+)\)")
_PAGE = 100


class XeroVendor(Vendor):
    """One organisation."""

    name = "xero"

    def __init__(self, book: EntryBook) -> None:
        super().__init__(book)
        self._keys: dict[str, tuple[str, Reply]] = {}

    def answer(self, asked: Asked, fault: str) -> Reply:
        if asked.path != _PATH or not asked.headers.get("xero-tenant-id"):
            return json_reply(404, {"Message": "The resource can't be found"})
        if asked.method == "GET":
            return self._read_back(asked)
        key, digest = asked.headers.get("idempotency-key", ""), sha256(asked.body).hexdigest()
        if len(key) > 128:
            return json_reply(400, {"Message": "Idempotency-Key is longer than 128 characters"})
        with self.book.lock:
            if key in self._keys:
                seen, reply = self._keys[key]
                told = {"Message": "Idempotency-Key was used with another request"}
                return reply if seen == digest else json_reply(400, told)
            reply = self._post(asked, fault)
            if key:
                self._keys[key] = (digest, reply)
        return reply

    def _post(self, asked: Asked, fault: str) -> Reply:
        found = json_request(asked.body)
        journals = found.get("ManualJournals") if found else None
        if not isinstance(journals, list):
            return json_reply(400, {"Message": "The request has no ManualJournals"})
        made = [self._one(one, fault) for one in journals]
        wrong = any(one["StatusAttributeString"] == "ERROR" for one in made)
        if wrong and asked.query.get("summarizeErrors") != "false":
            return json_reply(400, {"Type": "ValidationException", "Elements": made})
        return json_reply(200, {"ManualJournals": made})

    def _one(self, journal: dict[str, Any], fault: str) -> dict[str, Any]:
        day = str(journal.get("Date"))
        rows = journal.get("JournalLines") or []
        lines = [(str(one.get("AccountCode")), amount_of(one.get("LineAmount"))) for one in rows]
        wrong = self._wrong(journal, lines, fault)
        if wrong:
            errors = [{"Message": wrong}]
            return {**journal, "StatusAttributeString": "ERROR", "ValidationErrors": errors}
        for _ in range(2 if fault == "twice" else 1):
            kept, held = (rows[:1], lines[:1]) if fault == "other" else (rows, lines)
            entry = self.book.add(
                str(journal["Narration"]).split()[-1],
                day,
                held,
                lambda number, kept=kept: {  # type: ignore[misc]
                    **journal,
                    "ManualJournalID": number,
                    "JournalLines": kept,
                },
                lambda n: str(uuid5(NAMESPACE_URL, f"manual-journal-{n}")),
            )
        return {**entry.whole, "StatusAttributeString": "OK"}

    def _wrong(self, journal: Mapping[str, Any], lines: list[Any], fault: str) -> str:
        if fault in {"reject", "lock"}:
            return "Account code '999' is not a valid code for this document"
        if not str(journal.get("Narration") or "").strip():
            return "Narration is required"
        if any(len(one.get("Tracking") or ()) > 2 for one in journal.get("JournalLines") or ()):
            return "A line takes at most two tracking categories"
        why = self.book.against(str(journal.get("Date")), lines)
        return {
            "": "",
            "balance": "The total of the debits must equal the total of the credits",
            "period": "The document date cannot be before the period lock date",
        }.get(why, f"{why.capitalize()} is not a valid code")

    def _read_back(self, asked: Asked) -> Reply:
        days = [
            f"{y}-{int(m):02}-{int(d):02}" for y, m, d in _DAY.findall(asked.query.get("where", ""))
        ]
        first = (int(asked.query.get("page", "1")) - 1) * _PAGE
        with self.book.lock:
            found = [
                dict(one.whole)
                for one in self.book.entries
                if not days or days[0] <= one.day < days[1]
            ]
        return json_reply(200, {"ManualJournals": found[first : first + _PAGE]})
