"""Pools that charge by rates or amounts in money: what they charge never goes to other pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from apportion.model.faults import Faults
from apportion.model.pools import Driver, Pool, Split


def check_money_pools(
    pools: Iterable[Pool], drivers: Mapping[str, Driver], teams: Iterable[str], faults: Faults
) -> None:
    """Faults where a pool that charges by terms in money would pass cost to a pool.

    Fractions of such a pool are known only once its full cost is, and that mustn't
    depend on them.
    """
    pools, people = tuple(pools), frozenset(teams)
    names = {pool.name for pool in pools} - people
    for pool in pools:
        for split in _in_money(pool):
            found = sorted((names & set(_receivers(split, drivers))) - set(split.excluding))
            if found:
                faults.add(
                    split.place,
                    f"the pool {pool.name!r} can't charge the pool {found[0]!r} by {split.method}",
                    why="rates and amounts in money are settled once all pools know what they cost",
                    hint=f"add `excluding: [{', '.join(found)}]`, or split by quantities alone",
                )


def _in_money(pool: Pool) -> Iterator[Split]:
    return (dated.value for dated in pool.splits if dated.value.in_money)


def _receivers(split: Split, drivers: Mapping[str, Driver]) -> Iterator[str]:
    if split.among:
        yield from split.among
        return
    for name in split.driver_names:
        if driver := drivers.get(name):
            yield from (row.team for row in driver.rows)
