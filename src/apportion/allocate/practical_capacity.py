"""Split a pool by use, at a rate that doesn't rise when others use less."""

from __future__ import annotations

from apportion.allocate.driver import quantities
from apportion.allocate.idle_capacity import Used, by_capacity
from apportion.allocate.missing import no_quantities
from apportion.allocate.question import Answer, Question, no_answer
from apportion.model.terms.practical_capacity import PracticalCapacity


def practical_capacity(question: Question) -> Answer:
    """Each team carries rate × its use, with rate = cost ÷ practical capacity.

    Idle capacity, rate × what wasn't used, is told apart and goes where the
    model says: to its reserver, a central account, by quota, or by use.

    Source: practical capacity as denominator level, Horngren, Cost Accounting, ch. 9 and 15.
    """
    terms = question.split.terms
    assert isinstance(terms, PracticalCapacity)
    driver = question.drivers[terms.driver]
    used = quantities(driver, question.span)
    if not used:
        return no_answer(no_quantities(driver))
    return by_capacity(question, Used(driver.name, driver.unit, used), terms.capacity)
