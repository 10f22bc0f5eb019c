"""NetSuite: post records by its REST interface, read them back by their external id.

A POST of an external id that exists is refused, which counts only if what is there is what
was sent. Nothing is ever PUT: that would change a posted entry.

Source: NetSuite REST API, record journalEntry; external ids as `eid:…`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from apportion.domain.journal import JournalDocument
from apportion.publish.erp import netsuite_rest
from apportion.publish.erp.netsuite_entries import entries
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

_RECORDS = "/services/rest/record/v1"
_EXISTS = re.compile(r"already exists|DUP_RCRD|DUP_RECORD", re.IGNORECASE)
_APPROVED = "2"


class NetSuite(Connector):
    """An account of NetSuite."""

    target = netsuite_rest.TARGET
    login = Login(BEARER, ("APPORTION_NETSUITE_TOKEN",))
    hosts = ("*.suitetalk.api.netsuite.com",)

    def messages(self, parts: Sequence[JournalDocument]) -> list[Message]:
        """Parts of entities that owe each other go together, in one record."""
        found = []
        for entry in entries(tuple(parts), self.settings):
            (body,) = self.target.render(tuple(entry.parts), self.settings).values()
            found.append(Message(entry.first.id, tuple(entry.parts), body, entry.record))
        return found

    def send(self, channel: Channel, message: Message, key: str) -> Outcome:
        answer = channel.ask(
            "POST",
            f"{_RECORDS}/{message.record}",
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=message.body,
        )
        said = _said(answer)
        outcome = by_status(answer, said, channel.words)
        if isinstance(outcome, Rejected) and not outcome.stop and _EXISTS.search(" ".join(said)):
            return Exists(outcome.reasons)
        if outcome is not None:
            return outcome
        number = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if not number.isalnum():
            return Unknown(("the answer names no record",))
        return Accepted(number)

    def find(self, channel: Channel, message: Message) -> tuple[Held, ...]:
        answer = channel.ask(
            "GET",
            f"{_RECORDS}/{message.record}/eid:{quote(message.id, safe='')}",
            query={"expandSubResources": "true"},
            headers={"Accept": "application/json"},
        )
        if answer.status == 404:
            return ()
        found = read_json(answer)
        if part_of(found, "externalId") != message.id:
            raise NotRead("the ERP answered with an entry of another external id")
        if part_of(found, "line", "hasMore") is True:
            raise NotRead("the ERP answered with a part of the lines only")
        lines = [_line(one) for one in list_of(found, "line", "items")]
        return (Held(str(part_of(found, "id") or ""), tuple(lines), _waits(found)),)


def _line(found: Any) -> HeldLine:
    account = part_of(found, "account", "id")
    debit, credit = part_of(found, "debit"), part_of(found, "credit")
    if debit is None and credit is None:
        raise NotRead("a line that was read back has no side")
    _, plus = held_line(account, debit or 0)
    return held_line(account, plus - held_line(account, credit or 0)[1])


def _waits(found: Any) -> str:
    status = part_of(found, "approvalStatus", "id")
    pending = status is not None and str(status) != _APPROVED
    if pending or part_of(found, "approved") is False:
        return "it waits for approval in NetSuite"
    return ""


def _said(answer: Answer) -> tuple[str, ...]:
    """The reasons in the body of a refusal."""
    try:
        details = list_of(json_of(answer), "o:errorDetails")
    except ValueError:
        return ()
    found = [(part_of(one, "o:errorCode"), part_of(one, "detail")) for one in details]
    return tuple(" ".join(str(word) for word in pair if word) for pair in found)
