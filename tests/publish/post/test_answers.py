"""What an ERP's answer means: a 200 isn't a posting, and what can't be read says nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apportion.demo.erp.entry_book import EntryBook
from apportion.demo.erp.sap import SapVendor
from apportion.demo.erp.stand_in import StandIn, serving
from apportion.domain.posting import Attempt, PostingState
from apportion.errors import Place, UsageError
from apportion.publish.erp.post.channel import Answer, Channel, NoAnswer
from apportion.publish.erp.post.connector import by_status, held_line, json_of
from apportion.publish.erp.post.credentials import Credentials
from apportion.publish.erp.post.outcome import (
    Accepted,
    Busy,
    NotRead,
    Rejected,
    Unknown,
    Words,
    differences,
)
from apportion.publish.erp.post.safe_xml import NotXml, read_xml
from apportion.publish.erp.post.sap import understood
from apportion.store.books.postings import holder_of

NO_WORDS = Words()


def confirmation(
    number: str = "0100000001",
    year: str = "2026",
    severity: str = "1",
    item: str = "605(RW)",
    note: str = "Document posted successfully",
    reference: str = "cb-1",
) -> Answer:
    """An answer as the service gives it, in the elements of its interface."""
    body = f"""<?xml version="1.0"?>
    <soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/">
     <soap-env:Header/><soap-env:Body>
      <n0:JournalEntryBulkCreateConfirmation xmlns:n0="http://sap.com/xi/SAPSCORE/SFIN">
       <MessageHeader><CreationDateTime>2026-11-02T08:00:00Z</CreationDateTime></MessageHeader>
       <JournalEntryCreateConfirmation>
        <MessageHeader><ReferenceID>{reference}</ReferenceID></MessageHeader>
        <JournalEntryCreateConfirmation>
         <AccountingDocument>{number}</AccountingDocument>
         <CompanyCode>1010</CompanyCode><FiscalYear>{year}</FiscalYear>
        </JournalEntryCreateConfirmation>
        <Log>
         <MaximumLogItemSeverityCode>{severity}</MaximumLogItemSeverityCode>
         <Item><TypeID>{item}</TypeID><SeverityCode>{severity}</SeverityCode>
          <Note>{note}</Note></Item>
        </Log>
       </JournalEntryCreateConfirmation>
       <Log/>
      </n0:JournalEntryBulkCreateConfirmation>
     </soap-env:Body></soap-env:Envelope>"""
    return Answer(200, {}, body.encode())


@pytest.mark.parametrize(
    "amount", ["1e999999999", "1e-999999999", "1e99999", "9" * 6000, "NaN", "-Infinity", "", None]
)
def test_what_no_books_could_hold_is_no_amount(amount: object) -> None:
    with pytest.raises(NotRead, match="is none"):
        held_line("1", amount)


def test_an_amount_is_read_exactly() -> None:
    assert held_line("1", "-12345678901234567.89") == ("1", Decimal("-12345678901234567.89"))
    assert held_line("1", Decimal("7.5"), credit=True) == ("1", Decimal("-7.5"))


def test_what_differs_is_told_within_bounds() -> None:
    lines = [(str(n), Decimal(n)) for n in range(1, 101)]
    told = differences(lines, [(f"x{account}", amount) for account, amount in lines])
    assert (len(told), told[-1]) == (21, "and 180 accounts more")


@pytest.mark.parametrize("encoding", ["x-foo", "cp037", "utf-16"])
def test_an_encoding_that_is_none_is_unknown(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()
    found = understood(Answer(200, {}, body), "cb-1", NO_WORDS)
    assert isinstance(found, Unknown)


def test_xml_of_many_pieces_is_read_in_time_and_within_bounds() -> None:
    began = time.monotonic()
    assert len(read_xml(b"<a>" + b"\n&#65;" * 400_000 + b"</a>").text) == 800_000
    assert time.monotonic() - began < 10
    with pytest.raises(NotXml, match="too long"):
        read_xml(b"<a>" + b" " * 8_000_000 + b"</a>")


def test_sap_accepts() -> None:
    found = understood(confirmation(), "cb-1", NO_WORDS)
    assert found == Accepted("1010/2026/0100000001")


def test_sap_rejects_in_a_200() -> None:
    for number, year in (("0000000000", "0000"), ("", ""), ("0000000000", "2026")):
        answer = confirmation(number, year, "3", "507(F5)", "G/L account 1 is not defined")
        found = understood(answer, "cb-1", NO_WORDS)
        assert found == Rejected(("507(F5) G/L account 1 is not defined",))


def test_sap_has_a_lock() -> None:
    answer = confirmation("0000000000", "0000", "3", "601(MC)", "gesperrt von MILLER")
    assert understood(answer, "cb-1", NO_WORDS) == Rejected(
        ("601(MC) gesperrt von MILLER",), locked=True
    )


@pytest.mark.parametrize(
    "answer",
    [
        confirmation(severity="3"),
        confirmation(reference="cb-2"),
        Answer(200, {}, b""),
        Answer(200, {}, b"<html>signed out</html>"),
        Answer(200, {}, b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'),
        Answer(500, {}, b"<Fault><faultstring>short dump</faultstring></Fault>"),
        Answer(502, {}, b"bad gateway"),
    ],
)
def test_what_says_neither_is_unknown(answer: Answer) -> None:
    assert isinstance(understood(answer, "cb-1", NO_WORDS), Unknown)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, type(None)),
        (204, type(None)),
        (302, Rejected),
        (400, Rejected),
        (401, Rejected),
        (408, Unknown),
        (409, Rejected),
        (429, Busy),
        (500, Unknown),
        (503, Busy),
        (504, Unknown),
    ],
)
def test_what_a_status_means(status: int, kind: type) -> None:
    assert isinstance(by_status(Answer(status, {}, b""), (), NO_WORDS), kind)


def test_how_long_to_wait_is_a_number_or_a_date() -> None:
    assert Answer(429, {"retry-after": "17"}, b"").wait == 17
    assert Answer(429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"").wait == 0
    assert Answer(429, {"retry-after": "soon"}, b"").wait is None


def test_figures_are_read_digit_by_digit_and_nonsense_is_refused() -> None:
    found = json_of(Answer(200, {}, b'{"a": 9007199254740993.10, "b": 1}'))
    assert found == {"a": Decimal("9007199254740993.10"), "b": Decimal(1)}
    for body in (b'{"a": NaN}', b"[" * 100_000, b"\xff", b""):
        with pytest.raises(ValueError, match="no JSON"):
            json_of(Answer(200, {}, body))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY e "x"><!ENTITY f "&e;&e;">]><a>&f;</a>',
        b"<a>&nbsp;</a>",
        b"<a>" * 100,
        b"<a/><b/>",
        b"\xff\xfe",
        b"",
    ],
)
def test_xml_that_is_not_read(body: bytes) -> None:
    with pytest.raises(NotXml):
        read_xml(body)


lines = st.lists(
    st.tuples(st.sampled_from("123"), st.decimals("-99", "99", places=2).filter(bool)), max_size=6
)


@given(lines, st.randoms())
def test_the_order_of_lines_makes_no_difference(
    found: list[tuple[str, Decimal]], chance: object
) -> None:
    turned = list(reversed(found))
    assert differences(found, turned) == ()


@given(lines, lines)
def test_two_lists_agree_only_if_all_accounts_and_totals_do(
    one: list[tuple[str, Decimal]], two: list[tuple[str, Decimal]]
) -> None:
    def sums(some: list[tuple[str, Decimal]]) -> dict[str, Decimal]:
        found = {a: sum((x for b, x in some if a == b), Decimal()) for a in "123"}
        return {**found, "lines": Decimal(len(some))}

    if sums(one) != sums(two):
        assert differences(one, two)


def test_an_answer_that_takes_too_long_may_have_arrived() -> None:
    server = StandIn(SapVendor(EntryBook()), faults=["time-out"], hold=1.5)
    with (
        serving(server),
        Channel(server.url, Credentials("Basic x", ("x",)), Place("a"), reading=0.2) as channel,
    ):
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="didn't answer in time") as none:
            channel.ask("POST", "/x", body=b"<a/>")
        assert none.value.arrived
        assert time.monotonic() - began < 1.4
    with Channel(server.url, Credentials("Basic x", ("x",)), Place("a")) as channel:
        with pytest.raises(NoAnswer, match="can't be reached") as none:
            channel.ask("GET", "/x")
        assert not none.value.arrived


def test_a_claim_of_another_machine_holds_until_its_time() -> None:
    at = datetime(2026, 11, 2, 8, tzinfo=UTC)
    until = at + timedelta(minutes=5)
    held = Attempt(PostingState.SENT, "ann", at, claim="elsewhere/1/a", until=until)
    nobody = lambda _: False  # noqa: E731
    assert holder_of(held, "here/2/b", at, nobody) is held
    assert holder_of(held, "here/2/b", until, nobody) is None
    assert holder_of(held, "elsewhere/1/a", at, nobody) is None
    assert holder_of(held, "here/2/b", at, lambda _: True) is None
    back = at - timedelta(days=1)
    assert holder_of(held, "here/2/b", back, nobody) is held


def test_a_stand_in_goes_on_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    lines = [("1", Decimal("5.10")), ("2", Decimal("-5.10"))]
    first = EntryBook(file=file)
    first.add("cb-1", "2026-10-31", lines, lambda number: {"Id": number}, str)
    again = EntryBook(file=file)
    assert again.entries == first.entries
    assert again.add("cb-2", "2026-10-31", lines, lambda number: {"Id": number}, str).number == "2"
    file.write_text("[]\n")
    with pytest.raises(UsageError, match="line 1 of"):
        EntryBook(file=file)
