"""Journals are right in the eyes of others, and wrong copies of them are seen to be wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from apportion.domain.journal import JournalDocument, reversal
from apportion.domain.period import Period
from apportion.publish.erp.targets import TARGETS
from erp_journals import RECOVERY, between, document, many, settings, simple
from judges import accepts
from usage_readers import SHARED

NOVEMBER = Period(2026, 11)
LEDGERS = ("beancount", "hledger", "ledger")


def twins() -> list[JournalDocument]:
    """Two honest documents that say the same."""
    return [simple(), replace(simple(), id="cb-1010-2026-10-USD-77777777")]


def awkward() -> list[JournalDocument]:
    """What a text can hold: quotes, marks of the ledgers themselves, other scripts."""
    text = 'AI "cost"; 2026 | (x) \\ ! * צוות שפה 🚀'
    amounts = {line.at: line.signed for line in simple().lines}
    return [
        replace(simple(), text=text),
        document(amounts, "cb-1010-2026-10-JPY-0a1b2c3d", currency="JPY", text="yen"),
        document(amounts, "cb-1010-2026-10-BHD-0a1b2c3d", currency="BHD", text="dinar"),
    ]


JOURNALS = {
    "simple": [simple()],
    "between entities": between(),
    "twins": twins(),
    "reversed": [simple(), reversal(simple(), NOVEMBER, NOVEMBER.start)],
    "awkward texts": awkward(),
    "2,500 lines": [many(2500)],
}


def file_of(name: str, documents: list[JournalDocument], folder: Path) -> Path:
    (content,) = TARGETS[name].write(documents, settings(name)).values()
    path = folder / f"journal.{name}"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("journal", sorted(JOURNALS))
@pytest.mark.parametrize("name", LEDGERS)
def test_ledgers_accept_what_is_right(name: str, journal: str, tmp_path: Path) -> None:
    assert accepts(name, file_of(name, JOURNALS[journal], tmp_path))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert re.search(old, text), text
    path.write_text(re.sub(old, new, text, count=1))


@pytest.mark.parametrize("name", LEDGERS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r" 12\.34 USD", " 12.35 USD"),
        (r" 12\.34 USD", " 12.344 USD"),
        (r"(  Expenses:1010:)653020(  )", r"\g<1>653021\2"),
        (r" 12\.34 USD", " 12.34 EUR"),
        (r" -312\.34 USD", " 312.34 USD"),
    ],
    ids=["a cent off", "four tenths of a cent off", "undeclared account", "currency", "side"],
)
def test_ledgers_refuse_what_is_wrong(name: str, old: str, new: str, tmp_path: Path) -> None:
    path = file_of(name, [simple()], tmp_path)
    spoil(path, old, new)
    assert not accepts(name, path)


@pytest.mark.parametrize("name", ["beancount", "hledger"])
def test_a_wrong_balance_and_a_dropped_document_are_seen(name: str, tmp_path: Path) -> None:
    """Only by the balances at the end: no ledger knows of a document that isn't there."""
    path = file_of(name, twins(), tmp_path)
    spoil(path, r"-624\.68", "-624.67")
    assert not accepts(name, path)
    path = file_of(name, twins(), tmp_path)
    dropped = r"\n2026-10-31 [^\n]*77777777(.|\n)*?\n(?=\n)"
    spoil(path, dropped, "")
    assert not accepts(name, path)


def test_beancount_sees_the_same_document_twice(tmp_path: Path) -> None:
    path = file_of("beancount", [simple()], tmp_path)
    text = path.read_text()
    entry = re.search(r"\n2026-10-31 \*(.|\n)*?\n(?=\n)", text)
    assert entry
    # The balances are doubled with it, so that they aren't what is refused.
    doubled = re.sub(r"balance (\S+)  (\S+) ~", lambda m: _double(m[1], m[2]), text)
    path.write_text(doubled.replace(entry[0], entry[0] * 2))
    assert not accepts("beancount", path)
    path.write_text(path.read_text().replace('plugin "beancount.plugins.noduplicates"\n', ""))
    assert accepts("beancount", path)


def _double(account: str, amount: str) -> str:
    return f"balance {account}  {2 * Decimal(amount)} ~"


def test_the_same_document_is_never_written_twice() -> None:
    """hledger and ledger wouldn't see it: the check does."""
    for target in TARGETS.values():
        found = target.check([simple(), simple()], settings(target.name))
        assert "erp-id-twice" in {one.code for one in found}, target.name


@pytest.mark.parametrize("journal", sorted(JOURNALS))
def test_saps_schema_accepts_our_xml(journal: str, tmp_path: Path) -> None:
    assert accepts("xml", file_of("sap-journal-entry", JOURNALS[journal], tmp_path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"<DocumentHeaderText>", "<DocumentHeaderText>longer than twenty-five "),
        (r">12\.34<", ">12.3400001<"),
        (r">12\.34<", ">1.234E1<"),
        (r"(<CompanyCode>\d+</CompanyCode>)(<DocumentDate>\S+?</DocumentDate>)", r"\2\1"),
        (r"<DocumentItemText>[^<]+<", "<DocumentItemText><"),
        (r"<CreatedByUser>\w+</CreatedByUser>", ""),
        (r"<CostCenter>CC-2</CostCenter><WBSElement>WBS-7</WBSElement>",
         "<WBSElement>WBS-7</WBSElement><CostCenter>CC-2</CostCenter>"),
        (r"<AccountAssignment>(<CostCenter>CC-1</CostCenter>)</AccountAssignment>", r"\1"),
    ],
    ids=["text", "decimals", "exponent", "order", "empty", "user", "order within", "node"],
)  # fmt: skip
def test_saps_schema_refuses_what_is_wrong(old: str, new: str, tmp_path: Path) -> None:
    path = file_of("sap-journal-entry", [simple()], tmp_path)
    path.write_text(path.read_text().replace(">\n<", "><"))
    assert accepts("xml", path)
    spoil(path, old, new)
    assert not accepts("xml", path)


def test_the_schema_is_that_of_the_sample(tmp_path: Path) -> None:
    sample = SHARED / "erp" / "sap_je_good.xml"
    if not sample.exists():
        pytest.skip("the shared samples aren't here")
    assert accepts("xml", sample)
    path = tmp_path / "bad.xml"
    path.write_text(
        sample.read_text().replace("AI chargeback 2026-10<", "AI chargeback of 2026-10!!<")
    )
    assert not accepts("xml", path)


def test_relief_is_where_the_model_says() -> None:
    """A guard for the others: the line that is spoilt above is the relief."""
    assert [line.units for line in simple().lines if line.at == RECOVERY] == [312_34]
