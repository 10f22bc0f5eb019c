"""SAP S/4HANA: post by the synchronous SOAP service, read back by the journal's OData service.

SAP takes the same entry twice without a word, so nothing is sent again before it was looked
for, and what may still be at work is given time. A rejection comes as a 200.

Source: Journal Entry – Post (JournalEntryCreateRequestConfirmation_In), scenario SAP_COM_0002;
read back: API_OPLACCTGDOCITEMCUBE_SRV, or a view of the tenant with the same fields.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from apportion.errors import UsageError
from apportion.publish.erp import sap_journal_entry
from apportion.publish.erp.post.channel import Answer, Channel
from apportion.publish.erp.post.connector import (
    Connector,
    by_status,
    held_line,
    list_of,
    part_of,
    read_json,
)
from apportion.publish.erp.post.credentials import BASIC, Login
from apportion.publish.erp.post.message import Message
from apportion.publish.erp.post.outcome import (
    Accepted,
    Held,
    HeldLine,
    NotRead,
    Outcome,
    Rejected,
    Unknown,
    Words,
)
from apportion.publish.erp.post.safe_xml import Element, NotXml, read_xml
from apportion.publish.erp.short_id import short_id

PATH = "/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi"
READ_BACK = "/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
REFERENCE = "DocumentReferenceID"
SETTLED_AFTER = "60"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_DECLARATION = re.compile(rb"^<\?xml[^>]*\?>\s*")
_FIELDS = "CompanyCode,FiscalYear,AccountingDocument,GLAccount,AmountInTransactionCurrency"
_PAGE = 1000
_MOST_PAGES = 200
_LOCKED = re.compile(r"\block(ed|ing)?\b", re.IGNORECASE)
_LOCKS = frozenset({"601(MC)", "042(M3)"})


class Sap(Connector):
    """A system of SAP."""

    target = sap_journal_entry.TARGET
    login = Login(BASIC, ("APPORTION_SAP_USER", "APPORTION_SAP_PASSWORD"))
    repeats_safely = False

    @property
    def settled_after(self) -> float:
        text = self.settings.option("settled_after", SETTLED_AFTER)
        if not text.isdecimal() or int(text) > 3600:
            raise UsageError(
                f"`settled_after` is {text!r}",
                hint="give whole seconds, at most 3600, after which an entry can't appear any more",
            )
        return float(text)

    def send(self, channel: Channel, message: Message, key: str) -> Outcome:
        answer = channel.ask(
            "POST",
            self.settings.option("path", PATH),
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'},
            body=_enveloped(message.body),
        )
        return understood(answer, short_id(message.id, 35), channel.words)

    def find(self, channel: Channel, message: Message) -> tuple[Held, ...]:
        field = self.settings.option("reference", REFERENCE)
        company = message.parts[0].entity
        reference = short_id(message.id, 16)
        query = {
            "$filter": f"{field} eq {_quoted(reference)} and CompanyCode eq {_quoted(company)}",
            "$select": f"{_FIELDS},{field}",
            "$orderby": _FIELDS,
            "$format": "json",
        }
        rows: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            page = {**query, "$skip": str(len(rows)), "$top": str(_PAGE)}
            answer = channel.ask("GET", self.settings.option("read_back", READ_BACK), query=page)
            found = read_json(answer)
            more = list_of(found, "d", "results") or list_of(found, "value")
            rows += more
            if not more or not (len(more) == _PAGE or _next(found)):
                return self._held(rows, field, reference)
        raise NotRead("the ERP answered with too many lines")

    def _held(self, rows: list[dict[str, Any]], field: str, reference: str) -> tuple[Held, ...]:
        lines: dict[str, list[HeldLine]] = defaultdict(list)
        for row in rows:
            if part_of(row, field) != reference:
                raise NotRead(f"the ERP answered with entries of another {field}")
            names = [part_of(row, name) for name in _FIELDS.split(",")]
            if any(one is None for one in names):
                raise NotRead("a line that was read back lacks a field")
            company, year, number, account, amount = names
            line = held_line(self.account(str(account)), amount)
            lines[f"{company}/{year}/{number}"].append(line)
        return tuple(Held(number, tuple(found)) for number, found in sorted(lines.items()))

    def account(self, name: str) -> str:
        """SAP keeps accounts of digits with zeros before them, and shows them without."""
        return name.lstrip("0") if name.isdigit() else name


def understood(answer: Answer, ours: str, words: Words) -> Outcome:
    """What an answer of the SOAP service says of our entry."""
    found: Element | None = None
    try:
        found = read_xml(answer.body)
    except NotXml as fault:
        said: tuple[str, ...] = (f"the answer can't be read: {fault}",)
    else:
        said = tuple(filter(None, [found.first("faultstring") or found.first("Reason")]))
    by = by_status(answer, said if answer.status >= 300 else (), words)
    if by is not None:
        return by
    entries = found.all("JournalEntryCreateConfirmation") if found else []
    outer = [one for one in entries if one.all("Log")]
    if len(outer) != 1:
        return Unknown(tuple(words.of(one) for one in said) or ("the answer confirms nothing",))
    return _confirmed(outer[0], ours, words)


def _confirmed(entry: Element, ours: str, words: Words) -> Outcome:
    echoed = entry.first("ReferenceID")
    if echoed and echoed != ours:
        return Unknown(("the answer is about another entry",))
    number, year = entry.first("AccountingDocument"), entry.first("FiscalYear")
    items = [one for log in entry.all("Log") for one in log.all("Item")]
    severity = max(
        [entry.first("MaximumLogItemSeverityCode"), *(one.first("SeverityCode") for one in items)]
    )
    booked = bool(number.strip("0")) and bool(year.strip("0"))
    if booked and severity < "3":
        return Accepted(f"{entry.first('CompanyCode')}/{year}/{number}")
    reasons = tuple(
        words.of(f"{one.first('TypeID')} {one.first('Note')}")
        for one in items
        if one.first("SeverityCode") >= "3"
    ) or ("it has no number, and says no reason",)
    if booked:
        return Unknown(("it has a number, and errors as well", *reasons))
    locked = any(
        one.first("TypeID") in _LOCKS or _LOCKED.search(one.first("Note")) for one in items
    )
    return Rejected(reasons, locked=locked)


def _enveloped(body: bytes) -> bytes:
    inner = _DECLARATION.sub(b"", body).strip()
    head = f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}">'
    return b"".join(
        (
            head.encode(),
            b"<soapenv:Header/><soapenv:Body>",
            inner,
            b"</soapenv:Body></soapenv:Envelope>",
        )
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _next(found: dict[str, Any]) -> object:
    return part_of(found, "d", "__next") or part_of(found, "@odata.nextLink")
