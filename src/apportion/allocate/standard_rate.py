"""Charge use at a rate that is known beforehand; the centre answers for the difference."""

from __future__ import annotations

from fractions import Fraction

from apportion.allocate.driver import quantities
from apportion.allocate.priced_use import PricedUse, priced_use
from apportion.allocate.question import Answer, Gap, Priced, Question, no_answer
from apportion.allocate.variance import variance
from apportion.domain.amounts import sum_of
from apportion.model.terms.standard_rate import RateBudget, StandardRate


def standard_rate(question: Question) -> Answer:
    """Each team carries standard rate × its actual use; the pool keeps the variance.

    variance = actual cost - charged, below zero where more was charged than spent. With
    the budget that the rate was made from it is told in two parts: rate (spending)
    variance = actual cost - flexible budget, and volume variance = flexible budget -
    charged, with flexible budget = budgeted fixed cost + variable rate × actual
    quantity. It is never spread over the teams.

    Source: standard costing, Horngren, Cost Accounting, ch. 7 and 8.
    """
    terms = question.split.terms
    assert isinstance(terms, StandardRate)
    charge = priced_use(question, terms.driver, terms.rates, terms.currency)
    if isinstance(charge, Gap):
        return no_answer(charge)
    left = variance(question, "variance")
    if terms.budget:
        left = _in_two(question, terms, terms.budget, charge)
    return Answer(priced=(Priced(Fraction(1), charge.money, charge.answer, left),))


def _in_two(
    question: Question, terms: StandardRate, budget: RateBudget, charge: PricedUse
) -> Answer:
    used = quantities(question.drivers[terms.driver], question.span)
    actual = sum_of(used.get(name, Fraction(0)) for name in question.names)
    flexible = budget.fixed.over(question.span) + budget.variable_rate * actual
    volume, rate = variance(question, "volume variance"), variance(question, "rate variance")
    return Answer(priced=(Priced(Fraction(1), flexible - charge.money, volume, rate),))
