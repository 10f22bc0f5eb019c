"""Of which cost classes each line of a run is made, so that a line can be booked by class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction

from apportion.allocate.origins import origins
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import Attributed, Run

Weights = Mapping[str, Fraction]
"""By cost class, its cost in the line's reporting currency (or its own)."""

_Part = tuple[str, str, str, str, str]
"""What the rows of one attribution have in common: source, currency, rule, evidence, service."""


def class_weights(run: Run) -> Mapping[str, Weights]:
    """By line, what it costs in each class; empty for a run that wasn't taken apart by class.

    A direct line is made of the charges that its owner was given of that service; a
    share of a pool of what the pool's full cost is made of, that of pools which charge it
    included.
    """
    if not run.classes:
        return {}
    own = _own(run)
    pools = _pools(run, own)
    return {
        line.id: pools.get((line.currency, line.pool), {})
        if line.pool
        else own.get((line.currency, line.owner, line.service), {})
        for line in run.lines
    }


_Own = dict[tuple[str, Owner, str], dict[str, Fraction]]


def _own(run: Run) -> _Own:
    """By currency, owner and service, the cost of each class."""
    held = {(_part(one), one.meant or str(one.owner)): one for one in run.attributed}
    found: _Own = defaultdict(lambda: defaultdict(Fraction))
    for one in run.classes:
        part = (one.source, one.currency, one.rule, str(one.evidence), one.service)
        given = held.get((part, str(one.owner)))
        if given is not None:
            cost = one.amounts.of(run.basis) * _rate(given, run.basis)
            found[one.currency, given.owner, one.service][one.cost_class] += cost
    return found


def _part(one: Attributed) -> _Part:
    return (one.source, one.currency, one.rule, str(one.evidence), one.service)


def _rate(given: Attributed, basis: str) -> Fraction:
    """What one unit of a part's currency counts for; parts of one line may have several rates."""
    whole = given.amounts.of(basis)
    return given.converted.of(basis) / whole if given.converted and whole else Fraction(1)


def _pools(run: Run, own: _Own) -> dict[tuple[str, str], dict[str, Fraction]]:
    """By currency and pool, the cost of each class of its full cost."""
    of_pool: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for (currency, owner, _), classes in own.items():
        if owner.kind is OwnerKind.POOL:
            for cost_class, cost in classes.items():
                of_pool[currency, owner.name][cost_class] += cost
    whence = origins(run.shares)
    found: dict[tuple[str, str], dict[str, Fraction]] = {}
    for (currency, pool), parts in whence.items():
        full: dict[str, Fraction] = defaultdict(Fraction)
        for origin, part in parts.items():
            for cost_class, cost in of_pool.get((currency, origin), {}).items():
                full[cost_class] += part * cost
        found[currency, pool] = dict(full)
    return found
