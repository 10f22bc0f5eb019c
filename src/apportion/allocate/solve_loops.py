"""Simultaneous equations between pools, exact: what each costs when all have charged each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import TypeVar

K = TypeVar("K")

Passed = Mapping[str, Mapping[str, Fraction]]
"""By pool, the fraction of its full cost that each other pool receives."""


class ClosedLoop(Exception):
    """Pools that charge only each other: nobody is left to pay. `path` leads back to its start."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" → ".join(path))
        self.path = tuple(path)


def solve_loops(
    passed: Passed, own: Mapping[str, Mapping[K, Fraction]]
) -> dict[str, dict[K, Fraction]]:
    """Each pool's full cost R: its own cost d, and its part of the full cost of others.

    R_j = d_j + Σ_i a_ij · R_i for every pool j, where a_ij is what i passes to j;
    for each key of `own` by itself (cost bases, or the pools that cost comes from).
    Pools that don't lie in a loop are taken in their order; each loop is one
    system of linear equations, solved in rationals. The sum of R exceeds the
    cost: only what leaves the pools may be charged.

    Raises ClosedLoop. Source: reciprocal method, Horngren, Cost Accounting, ch. 15.

    >>> half = Fraction(1, 2)
    >>> solve_loops({"a": {"b": half}, "b": {"a": half}}, {"a": {"x": Fraction(3)}, "b": {}})
    {'a': {'x': Fraction(4, 1)}, 'b': {'x': Fraction(2, 1)}}
    """
    full: dict[str, dict[K, Fraction]] = {pool: dict(costs) for pool, costs in own.items()}
    for loop in loops(passed, own):
        members = set(loop)
        if len(loop) > 1:
            full |= _solved(loop, passed, {pool: full.get(pool, {}) for pool in loop})
        for pool in loop:
            for receiver, part in passed.get(pool, {}).items():
                if receiver not in members:
                    into = full.setdefault(receiver, {})
                    for key, amount in full.get(pool, {}).items():
                        into[key] = into.get(key, Fraction(0)) + part * amount
    return full


def _solved(
    loop: Sequence[str], passed: Passed, into: Mapping[str, Mapping[K, Fraction]]
) -> dict[str, dict[K, Fraction]]:
    """The pools of one loop: (I - Aᵀ) R = d, in whole numbers.

    With m_i the common denominator of what i passes on, and R_i = m_i · x_i, the
    equations m_j · x_j - Σ_i (m_i · a_ij) · x_i = d_j have whole coefficients, which
    is many times faster than fractions are.
    """
    from flint import fmpz_mat

    keys = list(dict.fromkeys(key for costs in into.values() for key in costs))
    if not keys:
        return {}
    _refuse_closed(loop, passed)
    within = {pool: {to: part for to, part in passed[pool].items() if to in into} for pool in loop}
    common = {pool: lcm(*(part.denominator for part in within[pool].values())) for pool in loop}
    scale = [lcm(*(into[pool].get(key, ZERO).denominator for pool in loop)) for key in keys]
    rows = {pool: row for row, pool in enumerate(loop)}
    system = [[0] * len(loop) for _ in loop]
    for pool, column in rows.items():
        system[column][column] = common[pool]
        for receiver, part in within[pool].items():
            system[rows[receiver]][column] -= whole(part * common[pool])
    wanted = [
        [whole(into[pool].get(key, ZERO) * s) for key, s in zip(keys, scale, strict=True)]
        for pool in loop
    ]
    found = fmpz_mat(system).solve(fmpz_mat(wanted))
    return {
        pool: {
            key: Fraction(int(x.p) * common[pool], int(x.q) * scale[column])
            for column, key in enumerate(keys)
            for x in (found[row, column],)
        }
        for pool, row in rows.items()
    }


ZERO = Fraction(0)


def whole(value: Fraction) -> int:
    """A fraction that is a whole number."""
    assert value.denominator == 1
    return value.numerator


def _refuse_closed(loop: Sequence[str], passed: Passed) -> None:
    members = set(loop)
    for pool in loop:
        within = (part for receiver, part in passed[pool].items() if receiver in members)
        if sum(within, Fraction(0)) < 1:
            return
    raise ClosedLoop(_around(loop[0], members, passed))


def _around(start: str, members: set[str], passed: Passed) -> list[str]:
    """A shortest way from a pool back to itself."""
    before: dict[str, str] = {}
    row = [start]
    while start not in before:
        reached = []
        for pool in row:
            for receiver, part in sorted(passed[pool].items()):
                if part and receiver in members and receiver not in before:
                    before[receiver] = pool
                    reached.append(receiver)
        row = reached
    path = [start]
    while len(path) == 1 or path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def loops(passed: Passed, pools: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    """Groups of pools that reach each other, givers before receivers; most are of one pool.

    Tarjan's strongly connected components, without recursion, so that a chain
    may have any length.
    """
    names = sorted({*pools, *passed, *(to for given in passed.values() for to in given)})
    return reversed(_components(names, {pool: sorted(passed.get(pool, {})) for pool in names}))


def _components(names: Sequence[str], edges: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    held: dict[str, None] = {}
    found: list[tuple[str, ...]] = []
    for root in names:
        if root in index:
            continue
        walk = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        held[root] = None
        while walk:
            name, ahead = walk[-1]
            for other in ahead:
                if other not in index:
                    index[other] = low[other] = len(index)
                    held[other] = None
                    walk.append((other, iter(edges[other])))
                    break
                if other in held:
                    low[name] = min(low[name], index[other])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[name])
                if low[name] == index[name]:
                    found.append(_taken(held, name))
    return found


def _taken(held: dict[str, None], until: str) -> tuple[str, ...]:
    """Take pools off the stack, down to one that begins a component."""
    part: list[str] = []
    while not part or part[-1] != until:
        part.append(held.popitem()[0])
    return tuple(sorted(part))
