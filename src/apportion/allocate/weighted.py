"""Split a pool by several drivers, each with a stated weight."""

from __future__ import annotations

from apportion.allocate.driver import by_driver
from apportion.allocate.question import Answer, Question, blend


def weighted(question: Question) -> Answer:
    """The pool is cut by the weights, and each part is split by its own driver.

    For weights w_d that sum to 1 and quantities q: team j carries
    Σ_d w_d · q_dj ÷ Σ_k q_dk. A driver without quantities leaves its own part
    unanswered; the others stand.

    Source: several cost drivers on one pool, activity-based costing.
    """
    return blend((weight, by_driver(question, name)) for name, weight in question.split.drivers)
