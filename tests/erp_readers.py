"""Small readers of what ERPs get, written from the formats alone: nothing of ours but text.

Each yields (document, account, side, amount): what an importer would book.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Booked: TypeAlias = tuple[str, str, str, Decimal]
Files: TypeAlias = Mapping[str, bytes]
DR, CR = "debit", "credit"


def figure(text: str) -> Decimal:
    """An amount; anything but plain digits and a point is a fault."""
    assert re.fullmatch(r"-?\d+(\.\d+)?", text), text
    assert not re.fullmatch(r"-[0.]+", text), text
    return Decimal(text)


def _signed(name: str, account: str, text: str) -> Booked:
    amount = figure(text)
    assert amount
    return name, account, DR if amount > 0 else CR, abs(amount)


def _two(name: str, account: str, debit: str, credit: str, none: str = "") -> Booked:
    assert (debit == none) != (credit == none), (debit, credit)
    side, text = (DR, debit) if debit != none else (CR, credit)
    assert figure(text) > 0
    return name, account, side, figure(text)


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def _json(content: bytes) -> Any:
    return json.loads(content, parse_float=Decimal, parse_int=Decimal)


def sap_journal_entry(files: Files) -> Iterator[Booked]:
    root = ET.fromstring(files["sap-journal-entry.xml"])
    for request in root.findall("JournalEntryCreateRequest"):
        name = request.findtext("MessageHeader/ID") or ""
        for item in request.findall("JournalEntry/Item"):
            amount = item.find("AmountInTransactionCurrency")
            assert amount is not None
            assert amount.text
            account = (item.findtext("GLAccount") or "").lstrip("0")
            booked = _signed(name, account, amount.text)
            assert item.findtext("DebitCreditCode") == {DR: "S", CR: "H"}[booked[2]]
            yield booked


def sap_upload(files: Files) -> Iterator[Booked]:
    name, names = "", []
    for row in csv.reader(io.StringIO(files["sap-upload.csv"].decode(), newline="")):
        assert len(row) == 14
        if row[1] == "Header":
            name = row[0]
        elif row[1] == "BUKRS":
            names = row
        elif "HKONT" in names and row[1].isdigit():
            cells = dict(zip(names, row, strict=True))
            yield _two(name, cells["HKONT"], cells["WRSOL"], cells["WRHAB"])


def netsuite_rest(files: Files) -> Iterator[Booked]:
    for content in files.values():
        entry = _json(content)
        for item in entry["line"]["items"]:
            debit, credit = (str(item.get(side, "")) for side in (DR, CR))
            yield _two(entry["externalId"], item["account"]["id"], debit, credit)


def netsuite_csv(files: Files) -> Iterator[Booked]:
    for content in files.values():
        for row in _rows(content):
            yield _two(row["External ID"], row["Account"], row["Debit"], row["Credit"])


def oracle_fusion(files: Files) -> Iterator[Booked]:
    for row in csv.reader(io.StringIO(files["GlInterface.csv"].decode(), newline="")):
        assert row[0] == "NEW"
        assert row[7] == "A"
        yield _two(row[45], row[9], row[38], row[39])


def dynamics_365(files: Files) -> Iterator[Booked]:
    for content in files.values():
        for row in _rows(content):
            none = "0" if row["CURRENCYCODE"] == "JPY" else "0.00"
            none = "0.000" if row["CURRENCYCODE"] == "BHD" else none
            account = row["ACCOUNTDISPLAYVALUE"].split("-")[0]
            yield _two(row["VOUCHER"], account, row["DEBITAMOUNT"], row["CREDITAMOUNT"], none)


def workday(files: Files) -> Iterator[Booked]:
    totals: dict[str, Decimal] = {}
    control: dict[str, Decimal] = {}
    for row in _rows(files["workday.csv"]):
        booked = _two(
            row["JournalKey"], row["LedgerAccount"], row["DebitAmount"], row["CreditAmount"]
        )
        totals[booked[0]] = totals.get(booked[0], Decimal(0)) + (booked[3] * (booked[2] == DR))
        control[booked[0]] = figure(row["ControlTotalAmount"])
        yield booked
    assert totals == control


def quickbooks(files: Files) -> Iterator[Booked]:
    for content in files.values():
        entry = _json(content)
        assert len(entry["DocNumber"]) <= 21
        for line in entry["Line"]:
            detail = line["JournalEntryLineDetail"]
            amount = figure(str(line["Amount"]))
            assert amount > 0
            side = detail["PostingType"].lower()
            yield entry["DocNumber"], detail["AccountRef"]["value"], side, amount


def xero(files: Files) -> Iterator[Booked]:
    for name, content in files.items():
        (entry,) = _json(content)["ManualJournals"]
        for line in entry["JournalLines"]:
            yield _signed(name, line["AccountCode"], str(line["LineAmount"]))


def plain_text(files: Files) -> Iterator[Booked]:
    """beancount, hledger and ledger: an entry begins with a date, postings are indented."""
    (content,) = files.values()
    name = ""
    for line in content.decode().splitlines():
        if re.match(r"\d{4}-\d\d-\d\d (\*|\()", line):
            found = re.search(r"\^(\S+)|\((\S+)\)", line)
            assert found
            name = found[1] or found[2]
        elif re.match(r"\d{4}-\d\d-\d\d ", line):
            name = ""
        elif name and (found := re.match(r" +[A-Z]\w+:\d+:(\d+)  (\S+) [A-Z]{3}$", line)):
            yield _signed(name, found[1], found[2])


def generic_csv(files: Files) -> Iterator[Booked]:
    for row in _rows(files["journal.csv"]):
        yield _two(row["document"], row["account"], row["debit"], row["credit"])


READERS: Mapping[str, Callable[[Files], Iterator[Booked]]] = {
    "sap-journal-entry": sap_journal_entry,
    "sap-upload": sap_upload,
    "netsuite-rest": netsuite_rest,
    "netsuite-csv": netsuite_csv,
    "oracle-fusion": oracle_fusion,
    "dynamics-365": dynamics_365,
    "workday": workday,
    "quickbooks": quickbooks,
    "xero": xero,
    "beancount": plain_text,
    "hledger": plain_text,
    "ledger": plain_text,
    "csv": generic_csv,
}
