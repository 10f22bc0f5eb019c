"""The invoices that a bill itself tells of, by the numbers that its rows bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.invoice import Invoice
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.period import Period
from apportion.ledger.bridge import bills_of, groups_of, standing
from apportion.ledger.bridge_step import BilledGroup

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class BilledInvoice:
    """What a bill has of one invoice, exactly, and what was entered of it, if anybody did.

    `number` is empty for rows that bear none: they aren't invoiced yet.
    """

    number: str
    source: str
    period: Period
    currency: str
    billed: Fraction
    tax: Fraction
    charges: int
    entered: Invoice | None

    @property
    def differs(self) -> bool:
        """Whether what was entered isn't what the bill comes to, rounded to the minor unit."""
        return self.entered is not None and self.entered.amount != self.as_invoice().amount

    def as_invoice(self) -> Invoice:
        """The invoice as it would be entered by what the bill says: rounded half up."""
        digits = minor_digits(self.currency)
        return Invoice(
            number=self.number,
            source=self.source,
            period=self.period,
            amount=from_units(to_units(self.billed, digits), digits),
            currency=self.currency,
            tax=from_units(to_units(self.tax, digits), digits) if self.tax else None,
        )


def billed_invoices(
    project: OpenProject, period: Period, source: str = ""
) -> tuple[BilledInvoice, ...]:
    """By source, number and currency, what the bills of a month have of each invoice.

    Source: FOCUS 1.4, InvoiceId; an invoice's total is the sum of BilledCost of its rows.
    """
    bills = bills_of(project, period, project.books.run(period, ()))
    groups = groups_of(project, [one for one in bills if source in {"", one.source}])
    return gathered(groups, period, standing(project, period, source))


def gathered(
    groups: Iterable[BilledGroup], period: Period, entered: Sequence[Invoice]
) -> tuple[BilledInvoice, ...]:
    """Charges by the invoice whose number they bear."""
    held = {(one.source, one.number, one.currency): one for one in entered}
    parts: dict[tuple[str, str, str], list[BilledGroup]] = defaultdict(list)
    for one in groups:
        parts[one.source, one.facts["InvoiceId"], one.currency].append(one)
    return tuple(
        BilledInvoice(
            number=number,
            source=source,
            period=period,
            currency=currency,
            billed=_billed(own),
            tax=_billed(one for one in own if one.facts["ChargeCategory"] == "Tax"),
            charges=sum(one.charges for one in own),
            entered=held.get((source, number, currency)),
        )
        for (source, number, currency), own in sorted(parts.items())
    )


def _billed(groups: Iterable[BilledGroup]) -> Fraction:
    return sum((Fraction(one.billed) for one in groups), Fraction(0))
