"""What is written is read back by small readers that know the formats alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from apportion.domain.journal import JournalDocument, reversal
from apportion.domain.period import Period
from apportion.publish.erp.split import split
from apportion.publish.erp.targets import TARGETS
from erp_journals import RECOVERY, between, journals, many, settings, simple
from erp_readers import READERS, Booked

CAPS = {name: target.limits.lines for name, target in TARGETS.items()}
ONE_CURRENCY = {"xero": "USD", "netsuite-csv": None}


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(TARGETS)


def account_of(name: str, account: str) -> str:
    """The account as the reader of a format sees it: by the id of the target, for some."""
    return settings(name).code("account", account) or account


def booked(name: str, parts: Iterable[JournalDocument]) -> Counter[tuple[str, str, Decimal]]:
    return Counter(
        (account_of(name, line.at.account), str(line.side), part.amount(line.units))
        for part in parts
        for line in part.lines
    )


def written(name: str, documents: list[JournalDocument]) -> list[Booked]:
    return list(READERS[name](TARGETS[name].write(documents, settings(name))))


def fit_for(name: str, documents: list[JournalDocument]) -> list[JournalDocument]:
    """Without the currencies that a target can't take."""
    if name == "xero":
        return [one for one in documents if one.currency == "USD"]
    digits = TARGETS[name].limits.after
    return [one for one in documents if one.currency != "BHD" or digits >= 3]


@pytest.mark.parametrize("name", sorted(TARGETS))
@given(documents=journals())
@hypothesis(max_examples=40, deadline=None)
def test_any_balanced_journal_is_read_back_as_it_was(
    name: str, documents: list[JournalDocument]
) -> None:
    """Same lines by account and side, and every document of the target balances."""
    wanted = fit_for(name, documents)
    limits = TARGETS[name].limits
    parts = [part for one in wanted for part in split(one, limits.lines, apart=limits.apart)]
    found = written(name, wanted)
    assert Counter(one[1:] for one in found) == booked(name, parts)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for document, _, side, amount in found:
        sums[document] += amount if side == "debit" else -amount
    assert not any(sums.values())
    assert len(sums) == len(parts)


@pytest.mark.parametrize("lines", [999, 1000, 1001, 2500])
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_documents_are_split_at_the_limit_of_the_target(name: str, lines: int) -> None:
    """Each part balances and is no longer than allowed; together they are the document."""
    one = many(lines)
    limits = TARGETS[name].limits
    if limits.coded or name == "dynamics-365":
        one = coded(one)
    found = written(name, [one])
    by_document: dict[str, list[Booked]] = defaultdict(list)
    for each in found:
        by_document[each[0]].append(each)
    for part in by_document.values():
        assert len(part) <= (limits.lines or lines)
        assert sum(x[3] if x[2] == "debit" else -x[3] for x in part) == 0
    if limits.lines and not limits.apart:
        assert len(by_document) == -(-(lines - 1) // (limits.lines - 1))
    net: dict[str, Decimal] = defaultdict(Decimal)
    for _, account, side, amount in found:
        net[account] += amount if side == "debit" else -amount
    total = one.amount(one.total)
    assert net == {account_of(name, "653010"): total, account_of(name, "659900"): -total}


def coded(document: JournalDocument) -> JournalDocument:
    """With cost centres that the settings of tests have codes of."""
    from dataclasses import replace

    return replace(
        document,
        lines=tuple(
            line
            if line.at == RECOVERY
            else replace(line, at=replace(line.at, cost_center=f"CC-{number % 8 + 1}"))
            for number, line in enumerate(document.lines)
        ),
    )


@given(documents=journals(), most=st.integers(2, 12), apart=st.booleans())
def test_parts_of_a_reversal_are_the_reversals_of_the_parts(
    documents: list[JournalDocument], most: int, apart: bool
) -> None:
    november = Period(2026, 11)
    for one in documents:
        parts = split(one, most, apart=apart)
        back = split(reversal(one, november, november.start), most, apart=apart)
        assert [part.reverses for part in back] == [part.id for part in parts]
        for part, undone in zip(parts, back, strict=True):
            assert [(x.at, x.signed) for x in part.lines] == [
                (x.at, -x.signed) for x in undone.lines
            ]


@given(documents=journals(), most=st.integers(2, 12), apart=st.booleans())
def test_parts_sum_to_the_document(
    documents: list[JournalDocument], most: int, apart: bool
) -> None:
    for one in documents:
        parts = split(one, most, apart=apart)
        assert all(part.difference == 0 and 2 <= len(part.lines) <= most for part in parts)
        sums: Counter[object] = Counter()
        for line in (line for part in parts for line in part.lines):
            sums[line.at] += line.signed
        assert {at: units for at, units in sums.items() if units} == {
            line.at: line.signed for line in one.lines
        }


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_same_journal_is_the_same_bytes_in_whatever_order(name: str) -> None:
    documents = [*between()]
    write = TARGETS[name].write
    assert write(documents, settings(name)) == write(documents[::-1], settings(name))


def test_external_ids_bear_the_number_of_the_part() -> None:
    assert [part.id for part in split(many(2500), 900)] == [
        f"cb-1010-2026-10-USD-0a1b2c3d-{number}" for number in (1, 2, 3)
    ]
    assert [part.id for part in split(simple(), 900)] == ["cb-1010-2026-10-USD-0a1b2c3d-1"]
