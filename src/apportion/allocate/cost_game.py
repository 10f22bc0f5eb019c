"""What a pool would cost for any set of those who share it over some days: a cost game.

Nobody costs nothing. A cost is in the pool's currency where the model states one, else
in units of need.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.driver import quantities
from apportion.allocate.missing import below_zero, no_quantities
from apportion.allocate.question import Gap, Question
from apportion.domain.amounts import sum_of
from apportion.domain.period import Span
from apportion.model.pools import Driver
from apportion.model.terms.games import CoalitionCosts, NestedNeeds, VolumeCost
from apportion.model.terms.per_period import PerPeriod
from apportion.model.terms.shapley import Shapley

Quantities = Mapping[str, Fraction]


@dataclass(frozen=True)
class NestedGame:
    """Each one's need, and what it costs; a set costs what its largest need does."""

    driver: Driver
    needs: Quantities
    costs: Quantities
    stated: bool

    def cost(self, who: Collection[str]) -> Fraction:
        return max((self.costs[name] for name in who), default=Fraction(0))


@dataclass(frozen=True)
class VolumeGame:
    """A set costs what the sum of its quantities does; without any quantity it costs nothing."""

    driver: Driver
    used: Quantities
    price: VolumeCost
    stated: bool = True

    def cost(self, who: Collection[str]) -> Fraction:
        quantity = sum_of(self.used[name] for name in who)
        return self.price.fixed + self.price.variable(quantity) if quantity else Fraction(0)


@dataclass(frozen=True)
class StatedGame:
    """The cost of each set, as the model states it."""

    costs: CoalitionCosts
    months: Fraction
    stated: bool = True

    def cost(self, who: Collection[str]) -> Fraction:
        return self.costs.cost(who) * self.months


Game = NestedGame | VolumeGame | StatedGame


def game_of(question: Question) -> Game | Gap:
    """The cost game of a split by the Shapley value, or why there is none."""
    terms = question.split.terms
    assert isinstance(terms, Shapley)
    months = PerPeriod(Fraction(1)).over(question.span)
    if isinstance(terms.game, CoalitionCosts):
        return StatedGame(terms.game, months)
    if isinstance(terms.game, NestedNeeds):
        return _nested(question, terms.game, months)
    return _volume(question, terms.game, months)


def players(question: Question, game: Game) -> tuple[str, ...]:
    """Whose cost it is: of stated sets all whom they name, whether each exists on all days or not;
    without pools that the method between pools leaves out.
    """
    if isinstance(game, StatedGame):
        return tuple(name for name in game.costs.names if name not in question.closed)
    return question.names


def _nested(question: Question, terms: NestedNeeds, months: Fraction) -> NestedGame | Gap:
    driver = question.drivers[terms.needs]
    known = needs(driver, question.span)
    measured = _measured(question, driver, known)
    if isinstance(measured, Gap):
        return measured
    costs: dict[str, Fraction] = {}
    for name, need in measured.items():
        cost = terms.cost(need)
        if cost is None:
            last = terms.steps[-1].up_to
            what = f"{driver.name} of {name} is {float(need):g}, above the last step of {last}"
            return Gap(Fraction(1), what, hint="add a step that serves it, or correct the need")
        costs[name] = cost * months
    return NestedGame(driver, measured, costs, bool(terms.steps))


def _volume(question: Question, terms: VolumeCost, months: Fraction) -> VolumeGame | Gap:
    driver = question.drivers[terms.driver]
    measured = _measured(question, driver, quantities(driver, question.span))
    if isinstance(measured, Gap):
        return measured
    price = terms.over(months)
    total = sum_of(measured.values())
    if price.end is not None and total > price.end:
        what = f"{driver.name} is {float(total):g}, above the last tier of {float(price.end):g}"
        return Gap(Fraction(1), what, hint="add a tier without an end, or correct the quantities")
    return VolumeGame(driver, measured, price)


def _measured(question: Question, driver: Driver, known: Quantities) -> Quantities | Gap:
    if not known:
        return no_quantities(driver)
    if negative := below_zero(driver, known, question.names, question.span):
        return negative
    return {name: known.get(name, Fraction(0)) for name in sorted(question.names)}


def needs(driver: Driver, span: Span) -> Quantities:
    """Each one's largest need on any of the days: a capacity is there for its peak.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> from apportion.domain.period import Period
    >>> from apportion.errors import Place
    >>> from apportion.model.pools import DriverRow
    >>> month = Period(2026, 10).span
    >>> row = DriverRow("nlp", month.start, month.until, Decimal(8), Place("n.csv"))
    >>> needs(Driver("gpus", "GPUs", "n.csv", Place("n.csv"), (row,)), month)
    {'nlp': Fraction(8, 1)}
    """
    found: dict[str, Fraction] = {}
    for row in driver.rows:
        if span.overlap(Span(row.start, row.until)):
            need = Fraction(row.quantity)
            found[row.team] = max(found.get(row.team, need), need)
    return found
