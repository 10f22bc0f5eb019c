"""Dynamics 365 Finance: the data entity *General journal*, one file for each company.

A voucher has at most ten lines, so each cost centre has vouchers of its own; a batch has at
most ten thousand. The account is written with its dimensions, in the format that the
company has set up for it.

Source: entity LedgerJournalEntity, documentation of Dynamics 365 Finance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import Assignment, JournalDocument
from apportion.domain.money import minor_digits
from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import figure, two_columns
from apportion.publish.erp.limits import PARTS, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.short_id import short_id
from apportion.publish.erp.target import Files, Parts, Target, file_name

_VALUE = Field(30)
LIMITS = Limits(
    names={
        "account": Field(20),
        "cost_center": _VALUE,
        "profit_center": _VALUE,
        "project": _VALUE,
        "partner": _VALUE,
        "entity": Field(4),
    },
    title=Field(60),
    text=Field(60),
    lines=10,
    apart=True,
    before=15,
    after=3,
    needed=("dimensions",),
)
BATCH = 10_000
"""Lines of a batch."""

HEAD = (
    *("JOURNALBATCHNUMBER", "LINENUMBER", "JOURNALNAME", "DESCRIPTION", "ACCOUNTTYPE"),
    *("ACCOUNTDISPLAYVALUE", "TRANSDATE", "VOUCHER", "CURRENCYCODE", "DEBITAMOUNT"),
    *("CREDITAMOUNT", "TEXT"),
)


def asks(parts: Parts, settings: ErpSettings) -> Iterator[Finding]:
    """The dimension format must name parts of an assignment, and values none of its delimiters."""
    wanted = settings.option("dimensions")
    try:
        pieces = list(Formatter().parse(wanted))
    except ValueError:
        pieces = [("", "", "", None)]
    names = [name for _, name, _, _ in pieces if name is not None]
    unknown = sorted(set(names) - set(PARTS))
    if unknown or (wanted and "account" not in names):
        what = f"{unknown[0]!r} is none of {', '.join(PARTS)}" if unknown else "it lacks {account}"
        yield _wrong(settings, f"`dimensions` {wanted!r}: {what}")
        return
    delimiters = {letter for literal, *_ in pieces for letter in literal}
    places = {line.at for part in parts for line in part.lines}
    for value in sorted({getattr(at, name) for at in places for name in names}):
        if found := delimiters & set(value):
            mark = min(found)
            text = f"{value!r} holds the {mark!r} that sets dimensions apart"
            yield _wrong(settings, f"{text}; give the ERP's own under `codes`")


def _wrong(settings: ErpSettings, message: str) -> Finding:
    return Finding(
        "erp-setting-wrong",
        Level.ERROR,
        f"{settings.spec.format}: {message}",
        settings.spec.place,
        'say `dimensions: "{account}-{cost_center}--"`, as the company\'s dimension format has it',
    )


def render(parts: Parts, settings: ErpSettings) -> Files:
    """A file for each company, since data is imported into one at a time."""
    by_company: dict[str, list[JournalDocument]] = defaultdict(list)
    for part in parts:
        by_company[part.entity].append(part)
    return {
        f"dynamics-365-{file_name(company)}.csv": csv_bytes(_rows(vouchers, settings))
        for company, vouchers in sorted(by_company.items())
    }


def _rows(vouchers: Parts, settings: ErpSettings) -> Iterator[Sequence[str]]:
    """Numbers of batches are placeholders; a voucher's is a short form of its external id."""
    yield HEAD
    name, wanted = settings.option("journal_name", "GenJrn"), settings.option("dimensions")
    accounts: dict[Assignment, str] = {}
    batch, number = 1, 0
    for voucher in vouchers:
        if number + len(voucher.lines) > BATCH:
            batch, number = batch + 1, 0
        none = figure(0, minor_digits(voucher.currency))
        day, key = voucher.posted_on.isoformat(), short_id(voucher.id, 16)
        title = f"AI cost {voucher.period} {voucher.run[:8]}".strip()
        for line in voucher.lines:
            number += 1
            account = accounts.get(line.at) or accounts.setdefault(line.at, _shown(wanted, line.at))
            head = (f"PLACEHOLDER{batch}", str(number), name, title, "Ledger", account)
            amounts = two_columns(voucher, line, none)
            yield (*head, day, key, voucher.currency, *amounts, line.text)


def _shown(wanted: str, at: Assignment) -> str:
    values: Mapping[str, str] = {part: getattr(at, part) for part in PARTS}
    return wanted.format_map(values)


TARGET = Target("dynamics-365", "Dynamics 365 Finance", LIMITS, render, asks)
