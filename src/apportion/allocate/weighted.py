"""Split a pool by several drivers, each with a stated weight."""

from __future__ import annotations

from dataclasses import replace

from apportion.allocate.by_service import nets_to_zero
from apportion.allocate.cost_structure import cost_structure, drifted, left_over
from apportion.allocate.driver import by_driver
from apportion.allocate.question import Answer, Question, blend, no_answer


def weighted(question: Question) -> Answer:
    """The pool is cut by the weights, and each part is split by its own driver.

    For weights w_d that sum to 1 and quantities q: team j carries
    Σ_d w_d · q_dj ÷ Σ_k q_dk. A driver without quantities leaves its own part
    unanswered; the others stand. Weights may be those of the pool's own cost: what
    the services cost that each driver stands for. Cost that no driver stands for is
    shared by all of them in proportion, so weights sum to 1.

    Source: several cost drivers on one pool, activity-based costing.
    """
    weights = dict(question.split.drivers)
    structure = question.split.structure
    found = cost_structure(question, structure) if structure else None
    if structure and structure.decides:
        if found is None:
            return no_answer(nets_to_zero(question))
        weights = found
    answer = blend(
        (weight, by_driver(question, name)) for name, weight in weights.items() if weight
    )
    if structure and found:
        told = tuple(
            left_over(question, structure)
            if structure.decides
            else drifted(question, structure, weights, found)
        )
        return replace(answer, findings=(*answer.findings, *told))
    return answer
