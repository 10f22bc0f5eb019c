"""Each format by hand: where a figure, a name and an id of the journal go."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apportion.domain.journal import Assignment, JournalDocument, reversal
from apportion.domain.period import Period
from apportion.publish.erp.target import Files
from apportion.publish.erp.targets import TARGETS
from erp_journals import RECOVERY, between, document, many, settings, simple
from usage_readers import SHARED

ID = "cb-1010-2026-10-USD-0a1b2c3d-1"


def written(name: str, *documents: JournalDocument, **options: str) -> Files:
    return TARGETS[name].write(documents or (simple(),), settings(name, **options))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def only(files: Files) -> Any:
    (content,) = files.values()
    return json.loads(content, parse_float=str, parse_int=str)


def sample(name: str) -> Path:
    path = SHARED / "erp" / name
    if not path.exists():
        pytest.skip("the shared samples aren't here")
    return path


def test_sap_journal_entry() -> None:
    root = ET.fromstring(written("sap-journal-entry")["sap-journal-entry.xml"])
    entry = root.find("JournalEntryCreateRequest/JournalEntry")
    assert entry is not None
    head = {one.tag: one.text for one in entry if one.tag != "Item"}
    assert head == {
        "OriginalReferenceDocumentType": "BKPFF",
        "BusinessTransactionType": "RFBU",
        "AccountingDocumentType": "SA",
        "DocumentReferenceID": "CBVB77JMWELOA6OK",
        "DocumentHeaderText": "AI cost 2026-10",
        "CreatedByUser": "CC0000000001",
        "CompanyCode": "1010",
        "DocumentDate": "2026-10-31",
        "PostingDate": "2026-10-31",
        "SourceSystemAccountingDocument": ID,
        "Reference1InDocumentHeader": "0a1b2c3d4e5f60718293",
    }
    first, second, third = entry.findall("Item")
    assert first.findtext("GLAccount") == "0000653010"
    assert first.findtext("AmountInTransactionCurrency") == "300.00"
    assert second.findtext("AccountAssignment/WBSElement") == "WBS-7"
    assert third.findtext("AmountInTransactionCurrency") == "-312.34"
    assert [one.findtext("DebitCreditCode") for one in (first, third)] == ["S", "H"]


def test_saps_yen_have_no_decimals() -> None:
    """SAP's internal form is a hundredth of it: a file with that would be wrong by 100."""
    yen = document({Assignment("653010", "CC-1"): 1234, RECOVERY: -1234}, currency="JPY")
    assert b'currencyCode="JPY">1234<' in written("sap-journal-entry", yen)["sap-journal-entry.xml"]


def test_a_reversal_names_what_it_takes_back() -> None:
    back = reversal(simple(), Period(2026, 11), Period(2026, 11).start)
    (content,) = written("sap-journal-entry", back).values()
    assert b"<Reference2InDocumentHeader>CBVB77JMWELOA6OK<" in content
    (content,) = written("csv", back).values()
    assert {row["reverses"] for row in rows(content)} == {ID}


def test_sap_upload_is_laid_out_as_the_sample() -> None:
    found = written("sap-upload")["sap-upload.csv"].decode().splitlines()
    wanted = sample("sap_upload_general_journal.csv").read_text().splitlines()
    numbers = [1, 2, 3, 5, 6, 7, 8, 10, 11, 12]
    assert [found[i - 1] for i in numbers] == [wanted[i - 1] for i in numbers]
    assert found[8] == ",1010,SA,20261031,20261031,10,AI cost 2026-10,USD,,,,,,"
    assert found[13:] == [
        ",1010,653010,AI cost 2026-10 CC-1,300.00,,,CC-1,,,,,,",
        ",1010,653020,AI cost 2026-10 CC-2,12.34,,,CC-2,,,,,,",
        ",1010,659900,AI cost 2026-10 CC-9,,312.34,,CC-9,,,,,,",
    ]


def test_netsuite_rest() -> None:
    found = only(written("netsuite-rest"))
    items = found.pop("line")["items"]
    assert found == {
        "externalId": ID,
        "subsidiary": {"id": "1"},
        "currency": {"id": "1"},
        "tranDate": "2026-10-31",
        "memo": "AI cost 2026-10",
    }
    assert items[1] == {
        "account": {"id": "7653020"},
        "debit": "12.34",
        "department": {"id": "62"},
        "class": {"id": "77"},
        "memo": "AI cost 2026-10 CC-2",
    }
    assert (items[2]["credit"], "debit" in items[2]) == ("312.34", False)


def test_netsuite_between_two_subsidiaries_is_one_record() -> None:
    files = written("netsuite-rest", *between())
    assert list(files) == [f"intercompanyJournalEntry-{ID}.json"]
    found = only(files)
    assert (found["subsidiary"]["id"], found["toSubsidiary"]["id"]) == ("1", "2")
    items = found["line"]["items"]
    owed = {
        (one["lineSubsidiary"]["id"], one["dueToFromSubsidiary"]["id"]): one
        for one in items
        if "dueToFromSubsidiary" in one
    }
    assert owed["1", "2"]["debit"] == owed["2", "1"]["credit"] == "63.00"
    for subsidiary in "12":
        sides = [one for one in items if one["lineSubsidiary"]["id"] == subsidiary]
        assert any("debit" in one for one in sides)
        assert any("credit" in one for one in sides)


def test_netsuite_between_three_subsidiaries_is_an_advanced_record() -> None:
    ours, theirs = between()
    third = replace(theirs, id="cb-3030-2026-10-USD-0a1b2c3d", entity="FR")
    spec = settings("netsuite-rest").spec
    codes = {**spec.codes, "entities": {**spec.codes["entities"], "FR": "3"}}
    asked = replace(settings("netsuite-rest"), spec=replace(spec, codes=codes))
    files = TARGETS["netsuite-rest"].write([ours, theirs, third], asked)
    assert list(files) == [f"advIntercompanyJournalEntry-{ID}.json"]
    assert "toSubsidiary" not in only(files)


def test_netsuite_puts_the_part_that_owes_beside_the_other_side() -> None:
    """A document too long for one record: only its part with the receivable is between entities."""
    ours, theirs = between()
    long = replace(ours, lines=(*many(900).lines, *ours.lines))
    found = rows(written("netsuite-csv", long, theirs)["netsuite-intercompany.csv"])
    assert {row["External ID"] for row in found} == {f"{ID[:-1]}2"}
    owed = [row for row in found if row["Due To/From Subsidiary"]]
    assert [(row["Debit"], row["Credit"]) for row in owed] == [("63.00", ""), ("", "63.00")]


def test_netsuite_keeps_apart_what_has_no_room_in_one_record() -> None:
    ours, theirs = between()
    long = replace(theirs, lines=(*many(898).lines, *theirs.lines))
    assert list(written("netsuite-csv", ours, long)) == ["netsuite-journal.csv"]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    evil = replace(simple(), id="cb-../../etc-1", entity="DE")
    assert all("/" not in file for file in written(name, evil))


def test_netsuite_csv() -> None:
    files = written("netsuite-csv", simple())
    first, *_ = rows(files["netsuite-journal.csv"])
    assert first == {
        "External ID": ID,
        "Date": "10/31/2026",
        "Subsidiary": "Parent",
        "Currency": "USD",
        "Memo": "AI cost 2026-10",
        "Account": "653010",
        "Debit": "300.00",
        "Credit": "",
        "Department": "CC-1",
        "Class": "",
        "Line Memo": "AI cost 2026-10 CC-1",
    }
    wanted = sample("netsuite_journal.csv").read_text().splitlines()[0].split(",")
    assert [name for name in first if name != "Class"] == wanted
    assert rows(written("netsuite-csv", dates="iso")["netsuite-journal.csv"])[0]["Date"] == (
        "2026-10-31"
    )


def test_netsuite_csv_between_subsidiaries_is_a_file_of_its_own() -> None:
    files = written("netsuite-csv", *between())
    found = rows(files["netsuite-intercompany.csv"])
    assert list(files) == ["netsuite-intercompany.csv"]
    assert {row["External ID"] for row in found} == {ID}
    assert {row["Line Subsidiary"] for row in found} == {"Parent", "Parent : US"}


def test_fusion_goes_by_position() -> None:
    files = written("oracle-fusion")
    line = files["GlInterface.csv"].decode().splitlines()[1].split(",")
    assert line[:8] == [
        *("NEW", "300000001", "2026/10/31", "AI cost", "Allocation", "USD", "2026/10/31", "A"),
    ]
    assert line[8:13] == ["1010", "653020", "CC-2", "WBS-7", "000"]
    assert line[38:40] == ["12.34", ""]


def test_fusion_has_the_columns_of_the_release_in_use() -> None:
    spec = settings("oracle-fusion")
    columns = (
        *("LEDGER_ID", "STATUS", "ACCOUNTING_DATE", "USER_JE_SOURCE_NAME", "CURRENCY_CODE"),
        *("USER_JE_CATEGORY_NAME", "DATE_CREATED", "ACTUAL_FLAG", "ENTERED_DR", "ENTERED_CR"),
        *(f"SEGMENT{number}" for number in range(1, 6)),
    )
    asked = replace(
        spec, spec=replace(spec.spec, options={**spec.spec.options, "columns": columns})
    )
    content = TARGETS["oracle-fusion"].write([simple()], asked)["GlInterface.csv"].decode()
    assert content.splitlines()[0] == (
        "300000001,NEW,2026/10/31,AI cost,USD,Allocation,2026/10/31,A,300.00,,"
        "1010,653010,CC-1,000,000"
    )


def test_dynamics_has_a_voucher_for_each_team() -> None:
    files = written("dynamics-365")
    found = rows(files["dynamics-365-1010.csv"])
    wanted = sample("d365_general_journal.csv").read_text().splitlines()[0].split(",")
    assert list(found[0]) == wanted
    booked = [
        (row["VOUCHER"], row["ACCOUNTDISPLAYVALUE"], row["DEBITAMOUNT"], row["CREDITAMOUNT"])
        for row in found
    ]
    one, two = (row[0] for row in booked[::2])
    assert booked == [
        (one, "653010-CC1-", "300.00", "0.00"),
        (one, "659900-CC9-", "0.00", "300.00"),
        (two, "653020-CC2-WBS7", "12.34", "0.00"),
        (two, "659900-CC9-", "0.00", "12.34"),
    ]
    assert one != two
    assert [row["LINENUMBER"] for row in found] == ["1", "2", "3", "4"]


def test_dynamics_begins_a_batch_before_ten_thousand_lines() -> None:
    asked = settings("dynamics-365", dimensions="{account}|{cost_center}")
    plain = replace(asked, spec=replace(asked.spec, codes={}))
    found = rows(TARGETS["dynamics-365"].write([many(5003)], plain)["dynamics-365-1010.csv"])
    counts = [sum(row["JOURNALBATCHNUMBER"] == f"PLACEHOLDER{n}" for row in found) for n in (1, 2)]
    assert counts == [10_000, 4]


def test_workday_is_told_the_total() -> None:
    first, *_ = rows(written("workday")["workday.csv"])
    assert first["ControlTotalAmount"] == "312.34"
    assert (first["AddOnlyJournal"], first["CreateJournalwithErrors"], first["Submit"]) == (
        *("1", "0", "0"),
    )
    assert (first["LedgerAccount"], first["DebitAmount"], first["CostCenter"]) == (
        *("653010", "300.00", "CC-1"),
    )


def test_quickbooks() -> None:
    found = only(written("quickbooks"))
    wanted = json.loads(sample("qbo_journalentry.json").read_text())
    assert list(found) == list(wanted)
    assert found["DocNumber"].startswith("CBVB77JMWELOA6OK")
    assert found["Line"][2] == {
        "Id": "2",
        "Amount": "312.34",
        "Description": "AI cost 2026-10 CC-9",
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {
            "PostingType": "Credit",
            "AccountRef": {"value": "7659900"},
            "ClassRef": {"value": "69"},
        },
    }
    departments = only(written("quickbooks", cost_center_as="department"))
    assert "DepartmentRef" in departments["Line"][0]["JournalEntryLineDetail"]


def test_xero() -> None:
    found = only(written("xero"))
    wanted = json.loads(sample("xero_manual_journal.json").read_text())
    (journal,) = found["ManualJournals"]
    assert list(journal) == list(wanted["ManualJournals"][0])
    assert journal["JournalLines"][1] == {
        "LineAmount": "12.34",
        "AccountCode": "653020",
        "Description": "AI cost 2026-10 CC-2",
        "Tracking": [{"Name": "Team", "Option": "CC-2"}, {"Name": "Project", "Option": "WBS-7"}],
    }
    assert (journal["JournalLines"][2]["LineAmount"], journal["Status"]) == ("-312.34", "DRAFT")


def test_beancount() -> None:
    content = written("beancount")["journal.beancount"].decode()
    assert (
        content
        == f"""\
plugin "beancount.plugins.noduplicates"
option "tolerance_multiplier" "0"

2026-10-31 open Expenses:1010:653010
  title: "account 653010"
2026-10-31 open Expenses:1010:653020
  title: "account 653020"
2026-10-31 open Expenses:1010:659900
  title: "account 659900"

2026-10-31 * "AI cost 2026-10 {ID}" ^{ID}
  run: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
  Expenses:1010:653010  300.00 USD
    cost_center: "CC-1"
  Expenses:1010:653020  12.34 USD
    cost_center: "CC-2"
    project: "WBS-7"
  Expenses:1010:659900  -312.34 USD
    cost_center: "CC-9"

2026-11-01 balance Expenses:1010:653010  300.00 ~ 0 USD
2026-11-01 balance Expenses:1010:653020  12.34 ~ 0 USD
2026-11-01 balance Expenses:1010:659900  -312.34 ~ 0 USD
"""
    )


def test_plain_csv() -> None:
    first, *_ = rows(written("csv")["journal.csv"])
    assert first["document"] == ID
    assert (first["account"], first["cost_center"], first["debit"], first["credit"]) == (
        *("653010", "CC-1", "300.00", ""),
    )
    assert len(first["content"]) == 64
