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

    A service belongs to the first driver whose patterns fit its name. Where those of a
    driver cost less than nothing, its part is below zero: a credit goes back by its own
    driver, as each component of an activity does.
    """
    costs = dict.fromkeys((name for name, _ in structure.services), Fraction(0))
    for service, amounts in question.services.items():
        driver = _driver_of(service, structure)
        if driver is not None:
            costs[driver] += amounts.of(question.split.on)
    whole = sum_of(costs.values())
    return {name: cost / whole for name, cost in costs.items()} if whole else None


def _driver_of(service: str, structure: CostStructure) -> str | None:
    for name, patterns in structure.services:
        if any(fnmatchcase(service.casefold(), pattern.casefold()) for pattern in patterns):
            return name
    return None


def left_over(question: Question, structure: CostStructure) -> Iterator[Finding]:
    """A warning where services belong to no driver: they are shared as all others are."""
    on = question.split.on
    others = {
        service: amounts.of(on)
        for service, amounts in sorted(question.services.items())
        if _driver_of(service, structure) is None
    }
    if any(others.values()):
        whole = sum_of(amounts.of(on) for amounts in question.services.values())
        yield Finding(
            "service-without-driver",
            Level.WARNING,
            f"pool {question.pool}: no driver stands for {', '.join(others)}: "
            f"{float(sum_of(others.values())):,.2f} of {float(whole):,.2f} {question.currency} are "
            "shared as all the rest is",
            question.split.place,
            "name them under the `services` of a driver",
        )


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
