"""What a bridge can't explain, and what its reader must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from apportion.domain.bridge import Step
from apportion.domain.finding import Finding, Level
from apportion.domain.money import minor_digits, plain_text
from apportion.domain.period import Period
from apportion.ledger.bridge_step import BilledGroup, draws_on_prepaid, moves
from apportion.ledger.match_invoices import Match
from apportion.model.project import SourceSpec
from apportion.run.prove import as_decimal


def bridge_findings(
    source: str,
    period: Period,
    currency: str,
    match: Match,
    groups: Sequence[BilledGroup],
    spec: SourceSpec,
) -> Iterator[Finding]:
    """Errors for what stays unexplained, warnings for what isn't entered, notes for the rest."""
    about = f"source {source}, {period}"
    if match.unexplained:
        yield Finding(
            "invoice-differs",
            Level.ERROR,
            f"{about}: {_money(match.unexplained, currency)} between the invoices and the bill is "
            "unexplained",
            hint="ask the provider, load what is missing, or enter the invoice that lacks",
        )
    if not groups and (match.steps[Step.INVOICES] or match.steps[Step.CREDIT_NOTES]):
        yield Finding(
            "invoice-currency-unbilled",
            Level.WARNING,
            f"{about}: invoices are entered in {currency}, and no bill of it is in {currency}",
            hint="mark a wrong entry void and enter it in the currency of the bill",
        )
    for number, (said, billed) in sorted(match.differing.items()):
        yield Finding(
            "invoice-differs",
            Level.ERROR,
            f"{about}: invoice {number} says {_money(said, currency)}, and its rows in the bill "
            f"sum to {_money(billed, currency)}",
            hint="ask the provider, or load the bill again: it may have been restated",
        )
    yield from _missing(about, currency, match)
    yield from _tax(about, currency, match, groups, spec)
    yield from _of_costs(about, currency, groups)


def _missing(about: str, currency: str, match: Match) -> Iterator[Finding]:
    if match.not_entered:
        names = sorted(match.not_entered)
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        whole = sum(match.not_entered.values(), Fraction(0))
        yield Finding(
            "invoice-missing",
            Level.WARNING,
            f"{about}: the bill has {_money(whole, currency)} of invoices that nobody has "
            f"entered: {shown}",
            hint="`apportion invoices read` shows them; enter what the provider sent",
        )
    elif not match.steps[Step.INVOICES] and not match.steps[Step.CREDIT_NOTES]:
        yield Finding(
            "invoice-missing",
            Level.NOTE,
            f"{about}: no invoice in {currency} is entered",
            hint="`apportion invoices add`, or `invoices import` of a list",
        )


def _tax(
    about: str,
    currency: str,
    match: Match,
    groups: Sequence[BilledGroup],
    spec: SourceSpec,
) -> Iterator[Finding]:
    if match.tax is None:
        return
    rows = [one for one in groups if one.facts["ChargeCategory"] == "Tax"]
    billed = sum((Fraction(one.billed) for one in rows), Fraction(0))
    tolerance = Fraction(1, 10 ** minor_digits(currency))  # each of several rates is rounded
    if rows and abs(billed - match.tax) > tolerance:
        yield Finding(
            "invoice-tax-differs",
            Level.WARNING,
            f"{about}: the invoices name tax of {_money(match.tax, currency)}, and the bill has "
            f"{_money(billed, currency)}",
            hint="ask the provider which is right: tax is recovered by what the invoice says",
        )
    accounts = {one.facts["BillingAccountId"] for one in groups} or {""}
    if match.tax and not rows and not all(spec.recovers(account) for account in accounts):
        yield Finding(
            "tax-not-in-bill",
            Level.ERROR,
            f"{about}: tax of {_money(match.tax, currency)} is cost, and on no statement, since "
            "the bill has no rows of tax",
            hint="load a bill with its tax, or add it as a table source",
        )


def _of_costs(about: str, currency: str, groups: Sequence[BilledGroup]) -> Iterator[Finding]:
    open_ones = [one for one in groups if Step.UNEXPLAINED in moves(one, recoverable=True)]
    if open_ones:
        whole = sum((one.difference for one in open_ones), Fraction(0))
        services = sorted({one.facts["ServiceName"] for one in open_ones})[:3]
        yield Finding(
            "bridge-unexplained",
            Level.ERROR,
            f"{about}: effective cost is {_money(whole, currency)} more than billed where no "
            f"commitment, credit or correction says why ({', '.join(services)})",
            hint="`apportion invoices bridge --step unexplained` lists the charges",
            rows=sum(one.charges for one in open_ones),
        )
    unnamed = [
        one
        for one in groups
        if not one.same
        and not one.facts["CommitmentDiscountId"]
        and one.facts["ChargeCategory"] not in {"Tax", "Credit"}
        and (one.is_purchase or draws_on_prepaid(one))
    ]
    if unnamed:
        services = sorted({one.facts["ServiceName"] for one in unnamed})[:3]
        yield Finding(
            "prepaid-unnamed",
            Level.NOTE,
            f"{about}: what is prepaid names no commitment and is held by service "
            f"({', '.join(services)})",
            hint="export CommitmentDiscountId, to see each commitment by itself",
            rows=sum(one.charges for one in unnamed),
        )


def _money(amount: Fraction, currency: str) -> str:
    return f"{plain_text(as_decimal(amount))} {currency}"
