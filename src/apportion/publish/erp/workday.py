"""Workday: rows for *Submit Accounting Journal*, as its connectors and EIB sheets take them.

`AddOnlyJournal` keeps a journal from being changed by a second load, and
`ControlTotalAmount` has Workday check our total.

Source: web service Submit_Accounting_Journal, connector layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apportion.domain.money import minor_digits
from apportion.publish.erp.csv_text import csv_bytes
from apportion.publish.erp.figures import figure, two_columns
from apportion.publish.erp.limits import Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.target import Files, Parts, Target

_REFERENCE = Field(60)
LIMITS = Limits(
    names={
        "account": _REFERENCE,
        "cost_center": _REFERENCE,
        "profit_center": _REFERENCE,
        "project": _REFERENCE,
        "partner": _REFERENCE,
        "entity": _REFERENCE,
    },
    title=Field(255),
    text=Field(255),
    before=15,
    after=3,
    needed=("source",),
)

HEAD = (
    *("JournalKey", "AccountingJournalID", "Submit", "LockedinWorkday", "AddOnlyJournal"),
    *("CreateJournalwithErrors", "RoundLedgerAmounts", "Company", "Currency", "LedgerType"),
    *("BookCode", "AccountingDate", "JournalSource", "JournalExternalReferenceID"),
    *("AdjustmentJournal", "CreateReversal", "ControlTotalAmount", "JournalMemo"),
    *("LineOrder", "LedgerAccount", "DebitAmount", "CreditAmount", "LineMemo"),
    *("CostCenter", "ProfitCenter", "Project", "IntercompanyAffiliate"),
)


def render(parts: Parts, settings: ErpSettings) -> Files:
    """One file; `JournalKey` groups the lines of a journal."""
    return {"workday.csv": csv_bytes(_rows(parts, settings))}


def _rows(parts: Parts, settings: ErpSettings) -> Iterator[Sequence[str]]:
    yield HEAD
    submit = "1" if settings.option("submit") == "true" else "0"
    ledger, book = settings.option("ledger_type", "Actuals"), settings.option("book")
    for part in parts:
        total = figure(part.total, minor_digits(part.currency))
        head = (
            *(part.id, part.id, submit, "1", "1", "0", "0", part.entity, part.currency, ledger),
            *(book, part.posted_on.isoformat(), settings.option("source"), part.id),
            *("0", "0", total, part.text),
        )
        for number, line in enumerate(part.lines, 1):
            at = line.at
            amounts = two_columns(part, line)
            tags = (at.cost_center, at.profit_center, at.project, at.partner)
            yield (*head, str(number), at.account, *amounts, line.text, *tags)


TARGET = Target("workday", "Workday accounting journal", LIMITS, render)
