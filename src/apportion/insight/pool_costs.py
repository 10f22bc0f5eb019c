"""What a pool would cost a team that used it alone, and what it would save without the team.

Both follow from a cost function: what the pool would cost for any set of its users. It is the
first of these that is known:

1. `cost_behaviour` of the pool: a fixed part, and the rest in proportion to a driver;
2. the cost function of a split by the Shapley value;
3. of a capacity, the part that a set uses or has reserved (an estimate: it can be bought in parts);
4. in proportion to the drivers of the split; of several, to that of which the set has the largest
   part (an estimate: the pool is sized by what is needed most);
5. all of it, whoever uses it: nothing is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.cost_game import game_of, players
from apportion.allocate.dominant_resource import demands_of, fill_dominant
from apportion.allocate.driver import quantities
from apportion.allocate.max_min import max_min
from apportion.allocate.question import Gap, Question
from apportion.domain.amounts import sum_of
from apportion.model.cost_behaviour import CostBehaviour
from apportion.model.pools import Driver, Pool
from apportion.model.terms.fair_shares import DominantResource, MaxMin
from apportion.model.terms.practical_capacity import PracticalCapacity
from apportion.model.terms.shapley import Shapley

Parts = Mapping[str, Fraction]
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class PoolCosts:
    """By receiver, the stand-alone and the incremental cost as parts of the pool's; and why."""

    alone: Parts
    added: Parts
    words: str


def pool_costs(pool: Pool, questions: Iterable[tuple[Fraction, Question]]) -> PoolCosts:
    """Both costs of each receiver over all splits of a period, by their days."""
    alone: dict[str, Fraction] = defaultdict(Fraction)
    added: dict[str, Fraction] = defaultdict(Fraction)
    words: dict[str, None] = {}
    for part, question in questions:
        found = _of(pool, question)
        words[found.words] = None
        for name in question.names:
            if name in question.absent:
                continue
            alone[name] += part * found.alone.get(name, ZERO)
            added[name] += part * found.added.get(name, ZERO)
    return PoolCosts(alone, added, "; ".join(words))


def _of(pool: Pool, question: Question) -> PoolCosts:
    terms = question.split.terms
    found: PoolCosts | None = None
    if pool.behaviour:
        found = _by_behaviour(question, pool.behaviour)
    elif isinstance(terms, Shapley):
        found = _by_game(question)
    elif isinstance(terms, PracticalCapacity):
        found = _by_capacity(question, terms)
    elif isinstance(terms, MaxMin):
        got = max_min(question).fractions
        found = PoolCosts(got, got, "the part of the capacity that it gets (estimate)")
    elif isinstance(terms, DominantResource):
        found = _by_resources(question, terms)
    elif question.split.measured_by:
        found = _by_drivers(question)
    if found is None or not any(found.alone.values()):
        return PoolCosts(
            dict.fromkeys(question.names, ONE),
            {},
            "all of it, whoever uses it (nothing else is known; state `cost_behaviour`)",
        )
    return found


def _by_behaviour(question: Question, behaviour: CostBehaviour) -> PoolCosts:
    shares = _shares(question, question.drivers[behaviour.driver])
    fixed, rest = behaviour.fixed, 1 - behaviour.fixed
    return PoolCosts(
        {name: fixed + rest * own for name, own in shares.items() if own},
        {name: rest * own for name, own in shares.items()},
        f"{float(fixed * 100):g} % fixed, the rest by {behaviour.driver} (as the model says)",
    )


def _by_game(question: Question) -> PoolCosts | None:
    game = game_of(question)
    if isinstance(game, Gap):
        return None
    names = set(players(question, game))
    whole = game.cost(names)
    if not whole:
        return None
    return PoolCosts(
        {name: game.cost((name,)) / whole for name in names},
        {name: 1 - game.cost(names - {name}) / whole for name in names},
        "the cost function of its split (as the model says)",
    )


def _by_capacity(question: Question, terms: PracticalCapacity) -> PoolCosts | None:
    used = quantities(question.drivers[terms.driver], question.span)
    reserved: Parts = {}
    if terms.capacity.reserved:
        reserved = quantities(question.drivers[terms.capacity.reserved], question.span)
    practical = terms.capacity.practical
    capacity = practical.over(question.span) if practical else sum_of(reserved.values())
    own = {name: max(ZERO, used.get(name, ZERO)) for name in question.names}
    whole = max(capacity, sum_of(own.values()))
    if not whole:
        return None
    return PoolCosts(
        {name: max(quantity, reserved.get(name, ZERO)) / whole for name, quantity in own.items()},
        {name: quantity / whole for name, quantity in own.items()},
        "the part of the capacity that it uses or has reserved (estimate)",
    )


def _by_resources(question: Question, terms: DominantResource) -> PoolCosts | None:
    demands = demands_of(question, terms)
    if isinstance(demands, Gap):
        return None
    entitled = dict(terms.weights)
    fair = fill_dominant(demands, {name: entitled.get(name, ONE) for name in demands})
    return PoolCosts(
        fair.dominant(demands),
        {name: fair.met[name] * min(own.values()) for name, own in demands.items()},
        "its largest part of any resource alone, its smallest on top (estimate)",
    )


def _by_drivers(question: Question) -> PoolCosts | None:
    names = question.split.measured_by
    all_shares = [_shares(question, question.drivers[name]) for name in names]
    known = [shares for shares in all_shares if any(shares.values())]
    if not known:
        return None
    listed = ", ".join(names)
    words = f"in proportion to {listed}" if len(names) == 1 else f"by its largest part of {listed}"
    return PoolCosts(
        {name: max(shares[name] for shares in known) for name in question.names},
        {name: min(shares[name] for shares in known) for name in question.names},
        f"{words} (estimate)",
    )


def _shares(question: Question, driver: Driver) -> dict[str, Fraction]:
    """Each receiver's part of all receivers' quantities; those below zero have none."""
    known = quantities(driver, question.span)
    own = {name: max(ZERO, known.get(name, ZERO)) for name in question.names}
    whole = sum_of(own.values())
    return {name: quantity / whole if whole else ZERO for name, quantity in own.items()}
