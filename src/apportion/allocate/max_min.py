"""Split a capacity so that nobody can get more without someone who has less getting less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from apportion.allocate.absent_teams import really
from apportion.allocate.driver import quantities
from apportion.allocate.missing import below_zero, no_quantities
from apportion.allocate.question import Answer, Question, Rest, no_answer
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.result import DriverUse, LineKind
from apportion.model.terms.fair_shares import MaxMin

Quantities = Mapping[str, Fraction]


def max_min(question: Question) -> Answer:
    """Each team is charged for the part of the capacity that is its max-min fair share.

    Small demands are met in full; what is left is shared equally (by weight) among those who
    want more. Charge = allocated ÷ capacity; what wasn't allocated is idle and stays with the
    pool. Demand that wasn't met is told, not charged.

    Source: max-min fair allocation by progressive filling, Bertsekas & Gallager, Data
    Networks, 6.5.2.
    """
    terms = question.split.terms
    assert isinstance(terms, MaxMin)
    driver, weights = question.drivers[terms.driver], dict(terms.weights)
    known = quantities(driver, question.span)
    if not known:
        return no_answer(no_quantities(driver))
    demand = {name: known.get(name, Fraction(0)) for name in sorted(question.names)}
    if negative := below_zero(driver, known, demand, question.span):
        return no_answer(negative)
    capacity = terms.capacity.over(question.span)
    got = fill(demand, capacity, {name: weights.get(really(name), Fraction(1)) for name in demand})
    left = capacity - sum_of(got.values())
    idle = DriverUse(f"unallocated {driver.name}", driver.unit, left, capacity)
    return Answer(
        {name: own / capacity for name, own in got.items()},
        {name: (DriverUse(driver.name, driver.unit, own, capacity),) for name, own in got.items()},
        rests=(Rest(left / capacity, LineKind.IDLE, "capacity not asked for", "", (idle,)),)
        if left
        else (),
        findings=tuple(_unmet(question, demand, got, capacity)),
    )


def fill(demand: Quantities, capacity: Fraction, weights: Quantities) -> dict[str, Fraction]:
    """Progressive filling: all rise in proportion to their weights until each has what it asks.

    Those with the least demand for their weight are met first; once one can't be met, all who
    remain share what is left by weight. Invariant: nobody gets more than it asks, and all is
    given unless all are met.

    >>> one = dict.fromkeys("abc", Fraction(1))
    >>> got = fill({"a": Fraction(2), "b": Fraction(9), "c": Fraction(5)}, Fraction(12), one)
    >>> [str(got[name]) for name in "abc"]
    ['2', '5', '5']
    """
    got: dict[str, Fraction] = {}
    left, weight = capacity, sum_of(weights[name] for name in demand)
    for name in sorted(demand, key=lambda name: (demand[name] / weights[name], name)):
        got[name] = min(demand[name], left * weights[name] / weight)
        left -= got[name]
        weight -= weights[name]
    return got


def _unmet(
    question: Question, demand: Quantities, got: Quantities, capacity: Fraction
) -> Iterator[Finding]:
    short = [name for name, asked in demand.items() if got[name] < asked]
    if short:
        yield Finding(
            "demand-above-capacity",
            Level.NOTE,
            f"pool {question.pool}: demand is {float(sum_of(demand.values())):g} and the capacity "
            f"{float(capacity):g} from {question.span.start} until {question.span.until}; "
            f"{', '.join(f'{name} gets {float(got[name]):g}' for name in short)}",
            question.split.place,
            "nothing; or add capacity",
        )
