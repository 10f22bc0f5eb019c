"""Split a pool by two rates: what is fixed by commitments, what varies by use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.by_service import by_service, unmatched_services
from apportion.allocate.driver import by_driver
from apportion.allocate.priced_use import priced_use
from apportion.allocate.question import Answer, Gap, Priced, Question, blend, no_answer
from apportion.allocate.variance import variance
from apportion.model.terms.dual_rate import DualRate
from apportion.model.terms.money import Rates

_ALL = Fraction(1)


def dual_rate(question: Question) -> Answer:
    """Fixed cost by committed capacity, variable cost by actual use.

    Each team's part of the fixed cost doesn't depend on what it, or anybody else,
    really uses. With budgeted rates a part is charged at rate × committed, or rate ×
    actual quantity, and its variance stays with the pool.

    Source: dual-rate method, Horngren, Cost Accounting, ch. 15.
    """
    terms = question.split.terms
    assert isinstance(terms, DualRate)
    fixed = _part(question, terms, terms.committed, terms.fixed_rate, "fixed")
    variable = _part(question, terms, terms.driver, terms.variable_rate, "variable")
    if terms.in_money and (gaps := (*fixed.gaps, *variable.gaps)):
        reasons = "; ".join(dict.fromkeys(gap.reason for gap in gaps))
        return no_answer(replace(gaps[0], part=_ALL, reason=reasons))
    if terms.fixed is None:
        return _one_variance(question, fixed.priced[0], variable.priced[0])
    if terms.fixed.amount is not None:
        return _by_amount(question, terms, terms.fixed.amount.over(question.span), fixed, variable)
    if terms.fixed.part is not None:
        return blend([(terms.fixed.part, fixed), (1 - terms.fixed.part, variable)])
    return _by_services(question, terms.fixed.services, fixed, variable)


def _by_amount(
    question: Question, terms: DualRate, amount: Fraction, fixed: Answer, variable: Answer
) -> Answer:
    if terms.currency != question.currency:
        return no_answer(
            f"its fixed amount is in {terms.currency}, and it has cost in {question.currency}",
            f"make a pool of the cost in {question.currency}, or state `fixed` in percent",
        )
    return Answer(priced=(Priced(_ALL, amount, fixed, variable, capped=True),))


def _by_services(
    question: Question, services: Sequence[str], fixed: Answer, variable: Answer
) -> Answer:
    found = by_service(question, {"fixed": services})
    if isinstance(found, Gap):
        return no_answer(found)
    told = tuple(unmatched_services(question, found))
    made = blend([(found.parts["fixed"], fixed), (found.left, variable)])
    return replace(made, findings=(*made.findings, *told))


def _part(question: Question, terms: DualRate, driver: str, rates: Rates, named: str) -> Answer:
    """The answer for all of one part: in proportion to a driver, or at a rate."""
    if not rates:
        return by_driver(question, driver)
    charge = priced_use(question, driver, rates, terms.currency)
    if isinstance(charge, Gap):
        return no_answer(charge)
    left = variance(question, f"variance of the {named} part")
    return Answer(priced=(Priced(_ALL, charge.money, charge.answer, left),))


def _one_variance(question: Question, fixed: Priced, variable: Priced) -> Answer:
    """Both parts at rates, of a cost that isn't told apart: one variance of the two."""
    money = fixed.money + variable.money
    left = variance(question, "variance")
    if not money:
        return left
    charged = blend((one.money / money, one.charged) for one in (fixed, variable) if one.money)
    return Answer(priced=(Priced(_ALL, money, charged, left),))
