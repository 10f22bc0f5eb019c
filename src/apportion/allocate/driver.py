"""Split a pool by a measured quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from apportion.allocate.by_days import by_days
from apportion.allocate.counted import by_counted
from apportion.allocate.missing import below_zero, no_quantities, nobody_used
from apportion.allocate.question import Answer, Question, no_answer
from apportion.domain.period import Span
from apportion.model.pools import Driver


def driver(question: Question) -> Answer:
    """Each team carries a part in proportion to its quantity of one driver.

    Quantities of the days are summed; a monthly row that reaches beyond the
    days counts by the days it has in common with them. No rows, only zeros, or
    a negative total leave the pool unanswered.

    Source: "usage-based allocation", FinOps Framework; activity driver, ABC costing.
    """
    ((name, _),) = question.split.drivers
    return by_driver(question, name)


def by_driver(question: Question, name: str) -> Answer:
    """The answer of a single driver, by name."""
    found = question.drivers[name]
    measured = quantities(found, question.span)
    if not measured:
        return no_answer(no_quantities(found))
    if question.split.by_day:
        return by_days(question, found)
    if negative := below_zero(found, measured, question.names, question.span):
        return no_answer(negative)
    own = {who: measured.get(who, Fraction(0)) for who in sorted(question.names)}
    if not any(own.values()):
        return no_answer(nobody_used(found, measured, own))
    return by_counted(question, name, found.unit, own, found.quantities)


def unmeasured(question: Question) -> Iterator[tuple[Driver, str, bool]]:
    """Receivers for whom a driver has no row, perhaps by an oversight; whether others have one.

    They carry nothing by it, or where drivers go together, none of their part is by it.
    """
    terms = question.split.terms
    named = (question.drivers[name] for name in question.split.measured_by)
    drivers = [one for one in named if not one.metered]  # what isn't metered wasn't used
    by = [(one, found) for one in drivers if (found := quantities(one, question.span))]
    anyhow = set[str]()
    if terms and terms.measured_together:
        anyhow = {name for _, measured in by for name in measured}
    for driver_, measured in by:
        for team in question.receivers:
            if team.name not in measured:
                yield driver_, team.name, team.name in anyhow


def quantities(found: Driver, span: Span) -> Mapping[str, Fraction]:
    """Each team's or pool's quantity over some days; those without rows are absent."""
    return found.quantities(span)
