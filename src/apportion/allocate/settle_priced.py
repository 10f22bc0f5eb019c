"""Amounts of money become fractions of a pool, once it is known what the pool costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.question import Answer, Priced, Rest, blend
from apportion.allocate.settling import Settled, Settling
from apportion.domain.finding import Finding, Level
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.domain.result import LineKind


def settle_priced(answer: PoolAnswer, about: Settling) -> Settled:
    """Charge what was priced, on the run's cost basis; the rest of the cost is what is left.

    The other cost bases get the same fractions. A pool that costs nothing on the
    run's basis can't be charged by fractions: nothing is charged then, and a finding
    says so. Invariant: the fractions still sum to 1.
    """
    if not answer.answer.priced:
        return answer, ()
    cost = about.full.of(about.basis)
    made = blend(_parts(answer.answer, Fraction(1), cost))
    told = replace(made, rests=tuple(_told(rest, cost, answer.currency) for rest in made.rests))
    findings = (*_findings(answer, about, cost), *_variance(answer.pool, told, about))
    return replace(answer, answer=told), findings


def _parts(answer: Answer, weight: Fraction, cost: Fraction) -> Iterator[tuple[Fraction, Answer]]:
    yield weight, replace(answer, priced=())
    for one in answer.priced:
        part = weight * one.part
        charged = _charged(one, part, cost)
        yield from _parts(one.charged, charged, cost)
        yield from _parts(one.left, part - charged, cost)


def _charged(one: Priced, part: Fraction, cost: Fraction) -> Fraction:
    fraction = one.money / cost if cost else Fraction(0)
    if one.capped and not (cost and 0 <= fraction <= part):
        return part
    return fraction


def _told(rest: Rest, cost: Fraction, currency: str) -> Rest:
    if rest.kind is not LineKind.VARIANCE:
        return rest
    digits = minor_digits(currency)
    amount = from_units(to_units(rest.part * cost, digits), digits)
    return replace(rest, reason=f"{rest.reason} {amount:,f} {currency}")


def _findings(answer: PoolAnswer, about: Settling, cost: Fraction) -> Iterator[Finding]:
    for one in _all(answer.answer):
        if one.capped:
            if one.money and not 0 < one.money <= one.part * cost:
                yield Finding(
                    "fixed-above-cost",
                    Level.WARNING,
                    f"pool {answer.pool}: {float(one.money):.2f} {answer.currency} of its cost are "
                    f"fixed, and it costs {float(one.part * cost):.2f}; all of it counts as fixed",
                    about.pool.place,
                    "correct the fixed amount, or see what is missing in the bill",
                )
        elif one.money and not cost:
            yield without_cost(answer.pool, answer.currency, about)


def _variance(pool: str, told: Answer, about: Settling) -> Iterator[Finding]:
    reasons = [one.reason for one in told.rests if one.kind is LineKind.VARIANCE and one.part]
    if reasons and about.full.of(about.basis):
        yield Finding(
            "variance-kept",
            Level.NOTE,
            f"pool {pool} keeps: {'; '.join(reasons)}",
            about.pool.place,
            "below zero is more charged than spent; adjust the rates where it stays",
        )


def _all(answer: Answer) -> Iterator[Priced]:
    for one in answer.priced:
        yield one
        yield from (*_all(one.charged), *_all(one.left))


def without_cost(pool: str, currency: str, about: Settling) -> Finding:
    """Rates that charge nothing, since there is no cost that a charge could be a part of."""
    money = f" in {currency}" if currency else ""
    return Finding(
        "rate-without-cost",
        Level.WARNING,
        f"pool {pool} has no cost{money} from {about.span.start} until {about.span.until}, so "
        "nothing is charged by its rates",
        about.pool.place,
        "load the bill, or make sure that charges fall into the pool",
    )
