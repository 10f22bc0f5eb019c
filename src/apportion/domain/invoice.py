"""A provider's invoice: what it asks to be paid for a month, and how far that has come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from apportion.domain.money import minor_digits, places, plain_text
from apportion.domain.period import Period
from apportion.errors import UsageError


class InvoiceState(StrEnum):
    """draft: not sent yet. issued: to be paid. paid. void: never counted, as entered in error or
    taken back. credited: a credit note was issued for it, which counts by itself.

    Source: FOCUS 1.4, InvoiceDetail, InvoiceIssueStatus; accounts payable.
    """

    DRAFT = "draft"
    ISSUED = "issued"
    PAID = "paid"
    VOID = "void"
    CREDITED = "credited"

    @property
    def counts(self) -> bool:
        """Whether the invoice is held against the bill: a draft may change, a void one is none."""
        return self in {InvoiceState.ISSUED, InvoiceState.PAID, InvoiceState.CREDITED}

    def may_become(self, other: InvoiceState) -> bool:
        """Whether an invoice may go from here to there; a void one stays void."""
        return other in _NEXT[self]


_NEXT = {
    InvoiceState.DRAFT: {InvoiceState.ISSUED, InvoiceState.PAID, InvoiceState.VOID},
    InvoiceState.ISSUED: {InvoiceState.PAID, InvoiceState.CREDITED, InvoiceState.VOID},
    InvoiceState.PAID: {InvoiceState.CREDITED, InvoiceState.VOID},
    InvoiceState.CREDITED: {InvoiceState.VOID},
    InvoiceState.VOID: set[InvoiceState](),
}


@dataclass(frozen=True)
class Invoice:
    """An invoice of a provider for one source and month; below zero it is a credit note.

    `amount` is what is to be paid, tax included; `tax` is the part of it that is tax, and
    None where nobody said. Both are in `currency`, in its minor unit at the finest.
    `issuer` is who sends it; `credits` the number of the invoice that a credit note is for.
    """

    number: str
    source: str
    period: Period
    amount: Decimal
    currency: str
    issuer: str = ""
    tax: Decimal | None = None
    issued_on: date | None = None
    due_on: date | None = None
    credits: str = ""

    @property
    def is_credit_note(self) -> bool:
        return self.amount < 0

    @property
    def content(self) -> str:
        """A digest of all that it says: the same number with another digest is refused.

        >>> one = Invoice("A-1", "aws", Period(2026, 10), Decimal("10.0"), "USD")
        >>> other = Invoice("A-1", "aws", Period(2026, 10), Decimal("10.00"), "USD")
        >>> one.content == other.content
        True
        """
        said = (
            *(self.number, self.source, str(self.period), _digits(self.amount), self.currency),
            *(self.issuer, "" if self.tax is None else _digits(self.tax)),
            *(str(self.issued_on or ""), str(self.due_on or ""), self.credits),
        )
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def check(self) -> None:
        """Raise UsageError where it can't be an invoice: no number, or finer than its currency."""
        if not self.number.strip() or not self.number.isprintable():
            raise UsageError("an invoice without a number", hint="say the number on the invoice")
        digits = minor_digits(self.currency)
        for name, value in (("amount", self.amount), ("tax", self.tax)):
            if value is not None and places(value) > digits:
                raise UsageError(
                    f"invoice {self.number}: {name} {value} is finer than {self.currency} has",
                    why=f"{self.currency} has {digits} decimal places",
                    hint="write it as the invoice does",
                )
        if self.tax is not None and self.tax and (self.tax < 0) != (self.amount < 0):
            raise UsageError(
                f"invoice {self.number}: tax {self.tax} and amount {self.amount} disagree in sign",
                hint="the tax of a credit note is below zero, as its amount is",
            )
        if self.tax is not None and abs(self.tax) > abs(self.amount):
            raise UsageError(
                f"invoice {self.number}: tax {self.tax} is more than the amount {self.amount}",
                why="the amount is what is to be paid, tax included",
                hint="write both as the invoice does",
            )
        if self.issued_on and self.due_on and self.due_on < self.issued_on:
            raise UsageError(f"invoice {self.number} is due before it was issued")


AHEAD = 2
"""Months that an invoice may lie ahead: what is paid in advance."""


def check_period(invoice: Invoice, today: date) -> None:
    """Raise UsageError for a month that lies far ahead: a slip of the year, most likely.

    >>> one = Invoice("A-1", "aws", Period(2062, 10), Decimal(10), "USD")
    >>> check_period(one, date(2026, 11, 25))
    Traceback (most recent call last):
    apportion.errors.UsageError: invoice A-1 is of 2062-10, which is far ahead
      why: today is 2026-11-25; at most 2 months ahead are entered
      do: write the month that it is for
    """
    ahead = (invoice.period.year - today.year) * 12 + invoice.period.month - today.month
    if ahead > AHEAD:
        raise UsageError(
            f"invoice {invoice.number} is of {invoice.period}, which is far ahead",
            why=f"today is {today}; at most {AHEAD} months ahead are entered",
            hint="write the month that it is for",
        )


def _digits(amount: Decimal) -> str:
    return plain_text(amount)


@dataclass(frozen=True)
class EnteredInvoice:
    """An invoice as the books have it: where it is now, who entered it, and why."""

    id: int
    invoice: Invoice
    state: InvoiceState
    actor: str
    at: datetime


@dataclass(frozen=True)
class InvoiceStep:
    """Somebody took an invoice to a state, for a reason."""

    invoice: int
    state: InvoiceState
    actor: str
    because: str
    at: datetime


@dataclass(frozen=True)
class PrepaidOpening:
    """What was still prepaid of a commitment when the first bill that is loaded begins."""

    source: str
    commitment: str
    period: Period
    amount: Decimal
    currency: str
