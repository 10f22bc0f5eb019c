"""Hold a bill against the invoices that were entered for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apportion.domain.bridge import Step
from apportion.domain.invoice import Invoice
from apportion.domain.money import minor_digits
from apportion.ledger.bridge_step import BilledGroup

ZERO = Fraction(0)


@dataclass(frozen=True)
class Match:
    """How invoices and bill compare: what each step adds, and what differs.

    `unexplained` is what no step explains; `differing` has by number what an invoice says and
    what its rows sum to; `not_entered` by number what the bill has of invoices that nobody
    entered; `tax` the tax that invoices name, None where none does.
    """

    steps: Mapping[Step, Fraction]
    charges: Mapping[Step, int]
    unexplained: Fraction = ZERO
    differing: Mapping[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    not_entered: Mapping[str, Fraction] = field(default_factory=dict)
    tax: Fraction | None = None


def match_invoices(
    entered: Sequence[Invoice],
    groups: Sequence[BilledGroup],
    currency: str,
    aside: Fraction = ZERO,
    rounding: Decimal | None = None,
) -> Match:
    """From what invoices say to what the bill was read as (`aside` is what is quarantined of it).

    Rows belong to the invoice whose number they bear; where the bill bears none of the numbers
    that were entered, it is held against them as a whole. Rows without a number belong to the
    invoices if these match then, and else are not invoiced yet. A rest of at most half a
    minor unit an invoice (or of `rounding` an invoice, where the provider rounds each line) is
    the provider's rounding; a larger one is unexplained.
    """
    said = sum((Fraction(one.amount) for one in entered), ZERO)
    billed, charges = _by_number(groups)
    bound = (len(entered) or 1) * _bound(currency, rounding)
    blank = billed.get("", ZERO)
    numbers = {one.number for one in entered}
    by_number = not entered or not numbers.isdisjoint(billed)
    others = {
        number: amount
        for number, amount in billed.items()
        if by_number and number and number not in numbers
    }
    rest = sum(billed.values(), ZERO) - sum(others.values(), ZERO) + aside - said
    steps = {
        Step.INVOICES: sum((Fraction(one.amount) for one in entered if one.amount >= 0), ZERO),
        Step.CREDIT_NOTES: sum((Fraction(one.amount) for one in entered if one.amount < 0), ZERO),
        Step.NOT_ENTERED: sum(others.values(), ZERO),
    }
    counts = {
        Step.NOT_ENTERED: sum(charges[number] for number in others),
    }
    tax = _tax(entered)
    taxed = any(one.facts["ChargeCategory"] == "Tax" for one in groups)
    if tax and not taxed and abs(rest + tax) < abs(rest):
        steps[Step.TAX_NOT_IN_BILL] = -tax
        rest += tax
    late = _late(rest, blank, aside, bound, any_entered=bool(entered))
    if late:
        steps[Step.NOT_INVOICED] = late
        counts[Step.NOT_INVOICED] = charges.get("", 0)
        rest -= late
    unexplained = rest if abs(rest) > bound else ZERO
    steps[Step.ROUNDING] = rest - unexplained
    exact_rows = by_number and entered and not aside
    return Match(
        steps,
        counts,
        unexplained,
        _differing(entered, billed, bound / (len(entered) or 1), steps) if exact_rows else {},
        others,
        tax,
    )


def _late(
    rest: Fraction, blank: Fraction, aside: Fraction, bound: Fraction, *, any_entered: bool
) -> Fraction:
    """What of the rows without a number is on no invoice yet."""
    if not any_entered:
        return blank + aside
    if abs(rest) <= bound or abs(rest - blank) >= abs(rest):
        return ZERO
    return blank


def _bound(currency: str, rounding: Decimal | None) -> Fraction:
    if rounding is not None:
        return Fraction(rounding)
    return Fraction(1, 2 * 10 ** minor_digits(currency))


def _by_number(
    groups: Iterable[BilledGroup],
) -> tuple[dict[str, Fraction], dict[str, int]]:
    billed: dict[str, Fraction] = defaultdict(Fraction)
    charges: dict[str, int] = defaultdict(int)
    for one in groups:
        billed[one.facts["InvoiceId"]] += Fraction(one.billed)
        charges[one.facts["InvoiceId"]] += one.charges
    return dict(billed), dict(charges)


def _tax(entered: Iterable[Invoice]) -> Fraction | None:
    told = [Fraction(one.tax) for one in entered if one.tax is not None]
    return sum(told, ZERO) if told else None


def _differing(
    entered: Iterable[Invoice],
    billed: Mapping[str, Fraction],
    bound: Fraction,
    steps: Mapping[Step, Fraction],
) -> dict[str, tuple[Fraction, Fraction]]:
    """Invoices that differ from their rows; a credit note without rows lowers what it is for."""
    blank_is_theirs = billed.get("") and Step.NOT_INVOICED not in steps
    if blank_is_theirs or Step.TAX_NOT_IN_BILL in steps:
        return {}  # whose rows they are, nobody can tell: the whole was compared
    said: dict[str, Fraction] = defaultdict(Fraction)
    for one in entered:
        known = one.number in billed or not one.credits
        said[one.number if known else one.credits] += Fraction(one.amount)
    return {
        number: (amount, billed.get(number, ZERO))
        for number, amount in said.items()
        if abs(amount - billed.get(number, ZERO)) > bound
    }
