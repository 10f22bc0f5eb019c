"""The neutral journal: what finance posts, before any ERP has its say.

A document belongs to one legal entity, one period and one currency, and its lines sum
to zero. Amounts are whole minor units with a side; signs are a matter of the target.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apportion.domain.money import from_units, minor_digits
from apportion.domain.period import Period


class Side(StrEnum):
    """debit: the cost centre that receives cost. credit: the one that is relieved of it."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def other(self) -> Side:
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class DocumentKind(StrEnum):
    """Why a document is posted.

    chargeback: the actual cost of a closed month. accrual: an estimate of it, and
    reversal: what takes a document back, whole. correction: a change of a closed month, in
    an open one. transfer: budget that moves with cost. adjustment: cost that an approved
    decision moves from one owner to another, beside what bills and model say. suspense: a
    disputed charge that waits on an account of its own.
    """

    CHARGEBACK = "chargeback"
    ACCRUAL = "accrual"
    REVERSAL = "reversal"
    CORRECTION = "correction"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"
    SUSPENSE = "suspense"

    @property
    def is_beside(self) -> bool:
        """Whether people decided it, so that no run says it and no correction may undo it."""
        return self in {DocumentKind.ADJUSTMENT, DocumentKind.SUSPENSE}


@dataclass(frozen=True, order=True)
class Assignment:
    """Where a line is booked: an account, and what it is assigned to.

    `partner` is the other entity of an intercompany line. All are names of the
    model's master data, never text of a bill.
    """

    account: str
    cost_center: str = ""
    profit_center: str = ""
    project: str = ""
    partner: str = ""
    tax_code: str = ""


@dataclass(frozen=True)
class JournalLine:
    """One line: where, on which side, how many minor units (more than none), and for what."""

    at: Assignment
    side: Side
    units: int
    text: str

    def __post_init__(self) -> None:
        if self.units <= 0:
            raise ValueError(f"a journal line of {self.units} units")

    @property
    def signed(self) -> int:
        """Debit above zero, credit below."""
        return self.units if self.side is Side.DEBIT else -self.units


@dataclass(frozen=True)
class JournalDocument:
    """A balanced posting. `id` is its external id: the same content has the same id, for good.

    `run` is what its figures come from, `reverses` the document that it takes back,
    `original` the period that a correction is about.
    """

    id: str
    entity: str
    period: Period
    posted_on: date
    currency: str
    kind: DocumentKind
    text: str
    lines: tuple[JournalLine, ...]
    run: str = ""
    reverses: str = ""
    original: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        """Debits less credits, in minor units: zero for every document that may be posted."""
        return sum(line.signed for line in self.lines)

    @property
    def total(self) -> int:
        """The debits, in minor units."""
        return sum(line.units for line in self.lines if line.side is Side.DEBIT)

    def amount(self, units: int) -> Decimal:
        """Minor units as an amount with the currency's digits."""
        return from_units(units, minor_digits(self.currency))

    @property
    def content(self) -> str:
        """A digest of what it says: the same id with another content is refused."""
        said = [
            self.entity,
            str(self.period),
            self.posted_on.isoformat(),
            self.currency,
            str(self.kind),
            self.reverses,
            self.original,
            [[*_texts(line.at), str(line.side), line.units, line.text] for line in self.lines],
        ]
        text = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _texts(at: Assignment) -> list[str]:
    return [at.account, at.cost_center, at.profit_center, at.project, at.partner, at.tax_code]


def lines_of(
    amounts: Mapping[Assignment, int], texts: Mapping[Assignment, str]
) -> tuple[JournalLine, ...]:
    """Signed sums by assignment as lines, in a stable order; what sums to nothing is dropped.

    >>> at, rest = Assignment("653010", "CC-1"), Assignment("659900", "CC-9")
    >>> [(line.side.value, line.units) for line in lines_of({at: -500, rest: 500}, {})]
    [('credit', 500), ('debit', 500)]
    """
    return tuple(
        JournalLine(at, Side.DEBIT if units > 0 else Side.CREDIT, abs(units), texts.get(at, ""))
        for at, units in sorted(amounts.items())
        if units
    )


def reversal(document: JournalDocument, period: Period, posted_on: date) -> JournalDocument:
    """The document that takes another back, whole: each line on its other side."""
    return JournalDocument(
        id=f"{document.id}-rev",
        entity=document.entity,
        period=period,
        posted_on=posted_on,
        currency=document.currency,
        kind=DocumentKind.REVERSAL,
        text=f"reversal of {document.text}",
        lines=tuple(
            JournalLine(line.at, line.side.other, line.units, line.text) for line in document.lines
        ),
        run=document.run,
        reverses=document.id,
        original=str(document.period),
    )


def beside(documents: Iterable[JournalDocument]) -> frozenset[str]:
    """The ids of documents that stand beside what runs say, and of those that take them back."""
    held = tuple(documents)
    own = {one.id for one in held if one.kind.is_beside}
    return frozenset(own | {one.id for one in held if one.reverses in own})


def unbalanced(documents: Iterable[JournalDocument]) -> tuple[JournalDocument, ...]:
    """Those whose lines don't sum to zero: a fault of the program."""
    return tuple(one for one in documents if one.difference or len(one.lines) < 2)
