"""Where the full cost of a pool comes from: its own charges, and those of pools that charge it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.allocate.solve_loops import Passed, solve_loops
from apportion.domain.owner import Owner
from apportion.domain.result import LineKind, PoolShare

Origins = Mapping[str, Fraction]
"""By pool that cost comes from, the fraction of its own cost."""


@dataclass(frozen=True)
class FinalShare:
    """The fraction of a pool's own charges that reaches a receiver in the end, by any way."""

    pool: str
    currency: str
    receiver: Owner
    kind: LineKind
    fraction: Fraction


def origins(shares: Iterable[PoolShare]) -> dict[tuple[str, str], Origins]:
    """By currency and pool, the fraction of each pool's own cost that passes through it.

    A pool that receives nothing has all of its own cost and nothing else. In a
    loop cost passes through a pool more than once, so a fraction may exceed 1.
    Invariant: full cost of a pool = the sum of these fractions times own costs.
    """
    by_currency: dict[str, list[PoolShare]] = defaultdict(list)
    for share in shares:
        by_currency[share.currency].append(share)
    found: dict[tuple[str, str], Origins] = {}
    for currency, own in by_currency.items():
        passed: dict[str, dict[str, Fraction]] = defaultdict(dict)
        for share in own:
            if share.passed:
                passed[share.pool][share.receiver.name] = share.fraction
        pools = {share.pool: {share.pool: Fraction(1)} for share in own}
        for pool, from_ in (solve_loops(passed, pools) if passed else pools).items():
            found[currency, pool] = {name: part for name, part in from_.items() if part}
    return found


def passing_through(pool: str, passed: Passed) -> Origins:
    """By pool that charges it, near or far, the fraction of its own cost that passes through one.

    The same fractions as those of `origins`, for one pool alone: its equations are
    solved backwards, from the receiver to the givers. `passed` is of one currency.

    >>> passing_through("b", {"a": {"b": Fraction(1, 2)}, "b": {"c": Fraction(1)}})
    {'b': Fraction(1, 1), 'a': Fraction(1, 2)}
    """
    givers: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for giver, received in passed.items():
        for receiver, part in received.items():
            givers[receiver][giver] = part
    reached = {pool}
    ahead = [pool]
    while ahead:
        new = givers.get(ahead.pop(), {}).keys() - reached
        reached |= new
        ahead.extend(new)
    back = {one: givers[one] for one in reached if one in givers}
    found = solve_loops(back, {pool: {pool: Fraction(1)}})
    return {name: part for name, of in found.items() if (part := of.get(pool, Fraction(0)))}


def final_shares(shares: Iterable[PoolShare]) -> tuple[FinalShare, ...]:
    """Who carries each pool's own charges in the end. Invariant: they sum to 1 for each pool."""
    shares = tuple(shares)
    whence = origins(shares)
    found: dict[tuple[str, str, Owner, LineKind], Fraction] = defaultdict(Fraction)
    for share in shares:
        if share.passed:
            continue
        for pool, part in whence[share.currency, share.pool].items():
            found[pool, share.currency, share.receiver, share.kind] += part * share.fraction
    return tuple(FinalShare(*key, fraction) for key, fraction in found.items())
