"""Split a pool by activities, each by what causes its cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from apportion.allocate.by_service import by_service, unmatched_services
from apportion.allocate.driver import by_driver, quantities
from apportion.allocate.idle_capacity import Used, by_capacity
from apportion.allocate.question import Answer, Gap, Question, blend, no_answer
from apportion.model.terms.activity import Activity, ActivityBased


def activity(question: Question) -> Answer:
    """Each activity's cost goes by its own driver: rate = its cost ÷ the driver's quantity.

    An activity with a capacity is charged by use of it, and what isn't used is idle.
    Services that belong to no activity leave their part unanswered.

    Source: activity-based costing, Cooper & Kaplan; Horngren, Cost Accounting, ch. 5.
    """
    terms = question.split.terms
    assert isinstance(terms, ActivityBased)
    if any(one.services for one in terms.activities):
        return _by_services(question, terms)
    stated = {one.name: one.part for one in terms.activities if one.part is not None}
    left = 1 - sum(stated.values(), Fraction(0))
    return blend((stated.get(one.name, left), _of(question, one)) for one in terms.activities)


def _by_services(question: Question, terms: ActivityBased) -> Answer:
    found = by_service(question, {one.name: one.services for one in terms.activities})
    if isinstance(found, Gap):
        return no_answer(found)
    rest = next((one for one in terms.activities if not one.services), None)
    parts = dict(found.parts)
    gaps: tuple[Gap, ...] = ()
    if rest is not None:
        parts[rest.name] = found.left
    elif found.left:
        hint = "name its services in an activity, or add one without services for the rest"
        gaps = (Gap(found.left, f"{', '.join(found.others)} in no activity", hint=hint),)
    made = blend((parts[one.name], _of(question, one)) for one in _costing(terms, parts))
    told = tuple(unmatched_services(question, found))
    return replace(made, gaps=(*made.gaps, *gaps), findings=(*made.findings, *told))


def _costing(terms: ActivityBased, parts: dict[str, Fraction]) -> Iterator[Activity]:
    return (one for one in terms.activities if parts[one.name])


def _of(question: Question, one: Activity) -> Answer:
    if one.capacity is None:
        return by_driver(question, one.driver)
    driver = question.drivers[one.driver]
    used = quantities(driver, question.span)
    if not used:
        return by_driver(question, one.driver)
    return by_capacity(question, Used(driver.name, driver.unit, used), one.capacity)
