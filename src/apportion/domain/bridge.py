"""The bridge from a provider's invoice to the statements: steps that sum to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from apportion.domain.finding import Finding
from apportion.domain.invoice import Invoice
from apportion.domain.period import Period


class Step(StrEnum):
    """Where a bridge stands or what takes it further, in its order; see `MEANINGS`.

    Source: FOCUS 1.4, BilledCost (cash) and EffectiveCost (accrual); account reconciliation.
    """

    INVOICES = "invoices"
    CREDIT_NOTES = "credit_notes"
    NOT_ENTERED = "not_entered"
    NOT_INVOICED = "not_invoiced"
    TAX_NOT_IN_BILL = "tax_not_in_bill"
    ROUNDING = "rounding"
    SET_ASIDE = "set_aside"
    TAX = "tax"
    TAX_AS_COST = "tax_as_cost"
    PURCHASES = "purchases"
    AMORTISATION = "amortisation"
    CREDITS = "credits"
    ADJUSTMENTS = "adjustments"
    UNEXPLAINED = "unexplained"
    RECOVERABLE_TAX = "recoverable_tax"
    LEFT_OUT = "left_out"
    OTHER_BASIS = "other_basis"


MEANINGS: Mapping[Step, str] = {
    Step.INVOICES: "invoices of the month, tax included",
    Step.CREDIT_NOTES: "credit notes: invoices below zero",
    Step.NOT_ENTERED: "rows of invoices that nobody has entered",
    Step.NOT_INVOICED: "rows that bear no invoice yet, late ones among them",
    Step.TAX_NOT_IN_BILL: "tax of invoices whose bill has no rows of tax",
    Step.ROUNDING: "the provider's rounding of the invoice",
    Step.SET_ASIDE: "rows in quarantine: invoiced, and not loaded",
    Step.TAX: "rows of tax",
    Step.TAX_AS_COST: "tax that can't be recovered: it is cost",
    Step.PURCHASES: "purchases that become prepaid",
    Step.AMORTISATION: "amortisation of prepaid: used, and unused",
    Step.CREDITS: "credits that cost is shown without",
    Step.ADJUSTMENTS: "corrections and adjustments that aren't cost of the month",
    Step.UNEXPLAINED: "unexplained",
    Step.RECOVERABLE_TAX: "recoverable tax, which statements show and nobody is charged",
    Step.LEFT_OUT: "charges that count by another bill",
    Step.OTHER_BASIS: "statements are on another cost basis",
}

TO_EFFECTIVE = tuple(Step)[: list(Step).index(Step.RECOVERABLE_TAX)]
"""The steps from the invoice to effective cost; those after lead on to the statements."""


@dataclass(frozen=True)
class Bridge:
    """From the invoices of a source and month, in one currency, to what its statements sum to.

    `steps` hold those that are not zero, in their order: the first are the invoices, each
    other is what is added. To the last digit, those up to `unexplained` sum to
    `effective_cost`, and all of them to `statements`. Without invoices (`invoices` is empty)
    it begins at what the bill itself comes to, which is then the step *not_entered* or
    *not_invoiced*. `statements` is None while the month has no run. `reported` is the same sum
    in the reporting currency, by the run's rates, where they differ.
    """

    source: str
    period: Period
    currency: str
    invoices: tuple[Invoice, ...]
    steps: Mapping[Step, Fraction]
    rows: Mapping[Step, int]
    effective_cost: Fraction
    statements: Fraction | None
    run: str = ""
    reported: tuple[str, Fraction] | None = None
    categories: Mapping[str, Fraction] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def unexplained(self) -> Fraction:
        """What no step explains; zero where the bridge holds."""
        return self.steps.get(Step.UNEXPLAINED, Fraction(0))

    @property
    def holds(self) -> bool:
        """Whether nothing stays unexplained."""
        return not self.unexplained

    def sum_to(self, *steps: Step) -> Fraction:
        return sum((self.steps.get(step, Fraction(0)) for step in steps), Fraction(0))
