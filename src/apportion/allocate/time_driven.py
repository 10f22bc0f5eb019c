"""Split a pool by the time that each team's events take."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from apportion.allocate.driver import quantities
from apportion.allocate.idle_capacity import Used, by_capacity
from apportion.allocate.missing import below_zero, no_quantities
from apportion.allocate.question import Answer, Question, no_answer
from apportion.model.terms.time_driven import TimeDriven


def time_driven(question: Question) -> Answer:
    """Each team carries capacity cost rate × its time, and time that nobody used is idle.

    rate = cost ÷ practical capacity in minutes; time = Σ minutes of an event × how
    many there were (the time equation).

    Source: Kaplan & Anderson, Time-Driven Activity-Based Costing (Harvard Business Review, 2004).
    """
    terms = question.split.terms
    assert isinstance(terms, TimeDriven)
    times: dict[str, Fraction] = defaultdict(Fraction)
    parts: dict[str, list[tuple[str, Fraction]]] = defaultdict(list)
    for event in terms.events:
        driver = question.drivers[event.driver]
        counted = quantities(driver, question.span)
        if not counted:
            return no_answer(no_quantities(driver))
        if negative := below_zero(driver, counted, counted, question.span):
            return no_answer(negative)
        for who, quantity in counted.items():
            times[who] += event.minutes * quantity
            parts[who].append((driver.name, event.minutes * quantity))
    return by_capacity(question, Used("time", "minutes", times, parts), terms.capacity)
