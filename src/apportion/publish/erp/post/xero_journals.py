"""Xero: post manual journals with an idempotency key, read them back by day and narration.

Xero may answer 200 and refuse a journal all the same, with validation errors in it. Its keys
are kept for a short while only, so that after a break the journal is looked for first. A
draft isn't in the ledger: it counts as posted once somebody has posted it there.

Source: Xero Accounting API, OpenAPI 16.1, ManualJournals.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apportion.publish.erp import xero
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
    Held,
    NotRead,
    Outcome,
    Rejected,
    Unknown,
)

_JOURNALS = "/api.xro/2.0/ManualJournals"
_PAGE = 100
_GONE = frozenset({"DELETED", "VOIDED", "ARCHIVED"})
_MOST_PAGES = 1000


class Xero(Connector):
    """An organisation of Xero."""

    target = xero.TARGET
    login = Login(BEARER, ("APPORTION_XERO_TOKEN",))
    one_entity = True
    hosts = ("api.xero.com",)
    server = "https://api.xero.com"
    needs = ("account",)

    def send(self, channel: Channel, message: Message, key: str) -> Outcome:
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": key}
        answer = channel.ask(
            "PUT", _JOURNALS, query={"summarizeErrors": "false"}, headers=headers,
            body=message.body,
        )  # fmt: skip
        said = _said(answer)
        outcome = by_status(answer, said, channel.words)
        if outcome is not None:
            return outcome
        try:
            journals = list_of(json_of(answer), "ManualJournals")
        except ValueError as fault:
            return Unknown((str(fault),))
        if len(journals) != 1:
            return Unknown(("the answer confirms nothing",))
        status = part_of(journals[0], "StatusAttributeString")
        if status == "ERROR" or list_of(journals[0], "ValidationErrors"):
            return Rejected(tuple(channel.words.of(one) for one in said) or ("no reason is said",))
        number = str(part_of(journals[0], "ManualJournalID") or "")
        if not number.strip("0-"):
            return Unknown(("the answer names no journal",))
        return Accepted(number)

    def find(self, channel: Channel, message: Message) -> tuple[Held, ...]:
        """Every manual journal of the day is read: only its narration holds our id."""
        day = message.parts[0].posted_on
        after = day + timedelta(days=1)
        where = (
            f"Date >= DateTime({day.year}, {day.month:02}, {day.day:02}) AND "
            f"Date < DateTime({after.year}, {after.month:02}, {after.day:02})"
        )
        found = []
        for page in range(1, _MOST_PAGES):
            query = {"where": where, "page": str(page)}
            answer = channel.ask("GET", _JOURNALS, query=query, headers=self._headers)
            journals = list_of(read_json(answer), "ManualJournals")
            found += [_held(one) for one in journals if _is_ours(one, message.id)]
            if len(journals) < _PAGE:
                return tuple(found)
        raise NotRead("the ERP has too many journals of that day")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", "xero-tenant-id": self.settings.option("account")}


def _is_ours(journal: Any, name: str) -> bool:
    words = str(part_of(journal, "Narration") or "").split()
    return words[-1:] == [name] and part_of(journal, "Status") not in _GONE


def _held(journal: Any) -> Held:
    lines = [
        held_line(part_of(one, "AccountCode"), part_of(one, "LineAmount"))
        for one in list_of(journal, "JournalLines")
    ]
    posted = part_of(journal, "Status") == "POSTED"
    waits = "" if posted else "it is a draft in Xero: post it there, or set `status: POSTED`"
    return Held(str(part_of(journal, "ManualJournalID") or ""), tuple(lines), waits)


def _said(answer: Answer) -> tuple[str, ...]:
    """Validation errors, of an answer as a whole or of the journal in it."""
    try:
        found = json_of(answer)
    except ValueError:
        return ()
    every = [*list_of(found, "Elements"), *list_of(found, "ManualJournals"), found]
    errors = [part_of(x, "Message") for one in every for x in list_of(one, "ValidationErrors")]
    if not errors and answer.status >= 400:
        errors = [part_of(found, "Message") or part_of(found, "Detail")]
    return tuple(dict.fromkeys(str(one) for one in errors if one))
