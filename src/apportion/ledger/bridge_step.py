"""Which step of the bridge a charge belongs to, by what FOCUS says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.bridge import Step

FACTS = (
    *("InvoiceId", "BillingAccountId", "ChargeCategory", "ChargeClass", "ChargeFrequency"),
    *("CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus"),
    *("PricingCategory", "ServiceName"),
)
"""The columns of a charge that decide its step."""


@dataclass(frozen=True)
class BilledGroup:
    """Charges of one source, month and currency that FOCUS tells the same of.

    `facts` has the columns of `FACTS`, with empty texts for NULL. `free` says that each of
    them was billed nothing, `same` that each is billed what it costs; groups never mix these.
    """

    source: str
    period: str
    currency: str
    facts: Mapping[str, str]
    free: bool
    same: bool
    charges: int
    billed: Decimal
    effective: Decimal

    @property
    def difference(self) -> Fraction:
        """What effective cost is more than what was billed."""
        return Fraction(self.effective) - Fraction(self.billed)

    @property
    def commitment(self) -> str:
        """The commitment by its id; where the bill names none, the service that was bought."""
        return self.facts["CommitmentDiscountId"] or f"{self.facts['ServiceName']} (unnamed)"

    @property
    def is_purchase(self) -> bool:
        """Whether it buys (or, refunded, gives back) what is used up later."""
        facts = self.facts
        if facts["ChargeCategory"] == "Purchase":
            return True
        once = facts["ChargeFrequency"] == "One-Time" or facts["ChargeClass"] == "Correction"
        return (
            facts["ChargeCategory"] == "Adjustment" and bool(facts["CommitmentDiscountId"]) and once
        )


def moves(group: BilledGroup, *, recoverable: bool) -> dict[Step, Fraction]:
    """What a group of charges adds to each step; together effective less billed cost.

    Recoverable tax is taken out and so no effective cost; other tax is taken out and comes
    back as cost. A charge that costs what it is billed moves nothing else. A purchase goes
    out with what was billed and comes in with what of it belongs to the month (the unused
    part of a recurring fee stands on its own row). Use under a commitment comes in with what
    it costs more than it was billed: a row that takes back the on-demand price of covered use
    (AWS's negation) and the covered rows cancel out but for the commitment's price. What is
    neither is a credit's, an adjustment's, or explained by nothing.

    Source: FOCUS 1.4, EffectiveCost, ChargeCategory, CommitmentDiscountStatus.
    """
    billed, effective = Fraction(group.billed), Fraction(group.effective)
    if group.facts["ChargeCategory"] == "Tax":
        kept = {} if recoverable else {Step.TAX_AS_COST: effective}
        return {Step.TAX: -billed, **kept}
    if group.same:
        return {}
    if group.is_purchase:
        return {Step.PURCHASES: -billed, Step.AMORTISATION: effective}
    return {_step(group): effective - billed}


def _step(group: BilledGroup) -> Step:
    """Where the whole difference of charges belongs that are neither tax nor purchase."""
    if group.facts["ChargeCategory"] == "Credit":
        return Step.CREDITS
    if draws_on_prepaid(group):
        return Step.AMORTISATION
    if group.facts["ChargeCategory"] == "Adjustment":
        return Step.ADJUSTMENTS
    return Step.UNEXPLAINED


def draws_on_prepaid(group: BilledGroup) -> bool:
    """Whether charges that cost other than they are billed use up what was paid before.

    They name a commitment, are priced by one, or were billed nothing at all.
    """
    facts = group.facts
    return bool(
        facts["CommitmentDiscountId"]
        or facts["CommitmentDiscountStatus"]
        or facts["PricingCategory"] == "Committed"
        or (group.free and facts["ChargeCategory"] == "Usage")
    )
