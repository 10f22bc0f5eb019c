"""QuickBooks Online: post journal entries with a request id, read them back by their number.

The same request id gives the same answer again. A fault may come with a 200.

Source: Intuit's Accounting API, JournalEntry; Finance.xsd of the V3 SDK.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from apportion.publish.erp import quickbooks
from apportion.publish.erp.post.channel import Answer, Channel
from apportion.publish.erp.post.connector import (
    Connector,
    by_status,
    held_line,
    json_of,
    list_of,
    part_of,
    read_json,
)
from apportion.publish.erp.post.credentials import BEARER, Login
from apportion.publish.erp.post.message import Message
from apportion.publish.erp.post.outcome import (
    Accepted,
    Exists,
    Held,
    HeldLine,
    NotRead,
    Outcome,
    Rejected,
    Unknown,
)
from apportion.publish.erp.short_id import short_id

_DUPLICATE = re.compile(r"\b6140\b|duplicate document number", re.IGNORECASE)
_REQUEST_ID = 50


class QuickBooks(Connector):
    """A company of QuickBooks Online."""

    target = quickbooks.TARGET
    login = Login(BEARER, ("APPORTION_QUICKBOOKS_TOKEN",))
    one_entity = True
    hosts = ("quickbooks.api.intuit.com", "sandbox-quickbooks.api.intuit.com")
    server = "https://quickbooks.api.intuit.com"
    needs = ("account",)

    def send(self, channel: Channel, message: Message, key: str) -> Outcome:
        answer = channel.ask(
            "POST",
            f"{self._company}/journalentry",
            query={"requestid": short_id(key, _REQUEST_ID)},
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=message.body,
        )
        said = _said(answer)
        outcome = by_status(answer, said, channel.words)
        if outcome is None and said:
            outcome = Rejected(tuple(channel.words.of(one) for one in said))
        if isinstance(outcome, Rejected) and not outcome.stop and _DUPLICATE.search(" ".join(said)):
            return Exists(outcome.reasons)
        if outcome is not None:
            return outcome
        try:
            number = str(part_of(json_of(answer), "JournalEntry", "Id") or "")
        except ValueError as fault:
            return Unknown((str(fault),))
        return Accepted(number) if number else Unknown(("the answer confirms nothing",))

    def find(self, channel: Channel, message: Message) -> tuple[Held, ...]:
        name = short_id(message.id, quickbooks.DOCUMENT_NUMBER)
        asked = f"select * from JournalEntry where DocNumber = '{_escaped(name)}' maxresults 100"  # noqa: S608 -- escaped
        answer = channel.ask(
            "GET",
            f"{self._company}/query",
            query={"query": asked},
            headers={"Accept": "application/json"},
        )
        found = read_json(answer)
        if part_of(found, "QueryResponse") is None:
            raise NotRead("the ERP answered with no result of a query")
        entries = list_of(found, "QueryResponse", "JournalEntry")
        return tuple(_held(one) for one in entries if _is_ours(one, name, message.id))

    @property
    def _company(self) -> str:
        return f"/v3/company/{quote(self.settings.option('account'), safe='')}"


def _is_ours(entry: Any, number: str, name: str) -> bool:
    note = str(part_of(entry, "PrivateNote") or "").split()
    return part_of(entry, "DocNumber") == number and note[-1:] == [name]


def _held(entry: Any) -> Held:
    lines: list[HeldLine] = []
    for one in list_of(entry, "Line"):
        detail = part_of(one, "JournalEntryLineDetail")
        side = part_of(detail, "PostingType")
        if part_of(one, "DetailType") == "DescriptionOnly":
            continue
        if side not in {"Debit", "Credit"}:
            raise NotRead("a line that was read back has no side")
        account = part_of(detail, "AccountRef", "value")
        lines.append(held_line(account, part_of(one, "Amount"), credit=side == "Credit"))
    return Held(str(part_of(entry, "Id") or ""), tuple(lines))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _said(answer: Answer) -> tuple[str, ...]:
    """The errors of a fault, with their codes."""
    try:
        found = json_of(answer)
    except ValueError:
        return ()
    errors = list_of(found, "Fault", "Error") or list_of(found, "fault", "error")
    words = [[part_of(one, n) for n in ("code", "Message", "Detail")] for one in errors]
    return tuple(": ".join(str(word) for word in one if word) for one in words)
