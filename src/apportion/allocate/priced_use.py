"""What use comes to at rates in money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.driver import quantities
from apportion.allocate.missing import below_zero, no_quantities
from apportion.allocate.question import Answer, Gap, Question
from apportion.domain.amounts import sum_of
from apportion.domain.period import Span
from apportion.domain.result import DriverUse
from apportion.model.dated import Validity
from apportion.model.terms.money import Rates


@dataclass(frozen=True)
class PricedUse:
    """What all receivers are charged together, and which part of it each one is."""

    money: Fraction
    answer: Answer


def priced_use(question: Question, driver: str, rates: Rates, currency: str) -> PricedUse | Gap:
    """Rate × quantity of each receiver, each day's at the rate of that day; or why not.

    Where nothing was used nothing is charged, and the answer says nothing of anybody.
    """
    if currency != question.currency:
        what = f"its rates are in {currency}, and it has cost in {question.currency}"
        return Gap(Fraction(1), what, hint=f"make a pool of the cost in {question.currency}")
    found = question.drivers[driver]
    used = quantities(found, question.span)
    if not used:
        return no_quantities(found)
    if negative := below_zero(found, used, question.names, question.span):
        return negative
    spans = list(_rated(rates, question.span))
    if sum(days.days for _, days in spans) != question.span.days:
        return Gap(Fraction(1), "no rate holds on all days", hint="state a rate for each day")
    charged: dict[str, Fraction] = defaultdict(Fraction)
    for rate, days in spans:
        of_days = quantities(found, days)
        for name in question.names:
            charged[name] += rate * of_days.get(name, Fraction(0))
    money = sum_of(charged.values())
    if not money:
        return PricedUse(money, Answer())
    total = sum_of(used.get(name, Fraction(0)) for name in question.names)
    uses = {
        name: (
            _use(DriverUse(driver, found.unit, used.get(name, Fraction(0)), total), own / money),
        )
        for name, own in charged.items()
        if own
    }
    return PricedUse(
        money, Answer({name: own / money for name, own in charged.items() if own}, uses)
    )


def _use(use: DriverUse, part: Fraction) -> DriverUse:
    """The weight that makes quantity ÷ total the part, where the rate changed within the days."""
    if not use.quantity:
        return use
    return DriverUse(use.driver, use.unit, use.quantity, use.total, part * use.total / use.quantity)


def _rated(rates: Rates, span: Span) -> Iterator[tuple[Fraction, Span]]:
    for dated in rates:
        met = Validity(span.start, span.until).meet(dated.valid)
        if met and met.start and met.until:
            yield dated.value, Span(met.start, met.until)
