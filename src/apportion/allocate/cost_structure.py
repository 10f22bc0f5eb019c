"""What the services that drivers stand for cost: the real weights of a pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from fractions import Fraction

from apportion.allocate.question import Question
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.model.counting import CostStructure


def cost_structure(question: Question, structure: CostStructure) -> dict[str, Fraction] | None:
    """Each driver's part of what the services of all drivers cost; None where that is nothing.

    A service belongs to the first driver whose patterns fit its name. Services
    that cost less than nothing weigh nothing; in a refund (all of them together are
    below zero) it is the other way round.
    """
    costs = dict.fromkeys((name for name, _ in structure.services), Fraction(0))
    found = {
        service: (driver, amounts.of(question.split.on))
        for service, amounts in question.services.items()
        if (driver := _driver_of(service, structure)) is not None
    }
    sign = -1 if sum_of(cost for _, cost in found.values()) < 0 else 1
    for driver, cost in found.values():
        costs[driver] += max(Fraction(0), sign * cost)
    whole = sum_of(costs.values())
    return {name: cost / whole for name, cost in costs.items()} if whole else None


def _driver_of(service: str, structure: CostStructure) -> str | None:
    for name, patterns in structure.services:
        if any(fnmatchcase(service.casefold(), pattern.casefold()) for pattern in patterns):
            return name
    return None


def drifted(
    question: Question,
    structure: CostStructure,
    stated: Mapping[str, Fraction],
    found: Mapping[str, Fraction],
) -> Iterator[Finding]:
    """A warning for each stated weight that the pool's real cost has left behind.

    Only drivers whose services are known are compared, among each other.
    """
    whole = sum_of(weight for name, weight in stated.items() if name in found)
    for name, real in found.items():
        weight = stated[name] / whole
        if abs(weight - real) * 100 > structure.drift:
            yield Finding(
                "weights-drifted",
                Level.WARNING,
                f"pool {question.pool}: the weight of {name} is {float(weight * 100):.2f} %, what "
                f"it stands for is {float(real * 100):.2f} % of the cost",
                question.split.place,
                "correct the weights, or say `weights: cost`",
            )
