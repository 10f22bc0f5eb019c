"""Pools whose cost may be booked: what falls into them must not rest on a guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from apportion.domain.mode import Mode
from apportion.domain.period import Span
from apportion.model.dated import Validity
from apportion.model.pools import BetweenPools, Pool, Split
from apportion.model.project import Model


def charged_pools(model: Model, span: Span) -> frozenset[str]:
    """Pools in chargeback, and those of whose cost a team in chargeback may carry a part.

    A pool's own mode decides for its own shares; without one, the modes of all that may
    receive any. What a pool passes to such a pool is charged there, whatever its own
    mode. Who may receive is what the splits of the span say, and not who will: whether
    a charge is suspended must not hang on how much was used.
    """
    teams = frozenset(
        team.name
        for team in model.organisation.teams
        if model.organisation.mode(team.name, span.start) is Mode.CHARGEBACK
    )
    everybody = frozenset(team.name for team in model.organisation.teams)
    pools = frozenset(pool.name for pool in model.pools) - everybody
    reach = _Reach(model, Validity(span.start, span.until), everybody, pools)
    receivers = {pool.name: frozenset(reach.receivers(pool)) for pool in model.pools}
    found: set[str] = set()
    for pool in model.pools:
        mode = model.pool_mode(pool.name, span.start)
        if mode is Mode.CHARGEBACK or (mode is None and teams & receivers[pool.name]):
            found.add(pool.name)
    if model.between(span.start).method is BetweenPools.DIRECT:
        return frozenset(found)
    return _with_passing(found, {name: to & pools for name, to in receivers.items()})


def _with_passing(found: set[str], passes: dict[str, frozenset[str]]) -> frozenset[str]:
    """The pools, and all that may pass cost to any of them, perhaps through others."""
    while more := {name for name, to in passes.items() if name not in found and to & found}:
        found |= more
    return frozenset(found)


@dataclass(frozen=True)
class _Reach:
    """Who may receive a part of a pool: all whom the splits in force name, or all users."""

    model: Model
    days: Validity
    teams: frozenset[str]
    pools: frozenset[str]

    def receivers(self, pool: Pool) -> Iterator[str]:
        for dated in pool.splits:
            if dated.valid.meet(self.days):
                for split in dated.value.nested:
                    yield from self._of(split)
                    yield from split.terms.accounts if split.terms else ()
        for one in pool.exempt:
            if one.charge_to and one.valid.meet(self.days):
                yield one.charge_to

    def _of(self, split: Split) -> frozenset[str]:
        """A method that goes by no driver, but knows more of its own, may know any pool."""
        wanted = split.named or self.teams.union(*map(self._users.__getitem__, split.driver_names))
        if split.terms and not split.named and not split.driver_names:
            wanted |= self.pools
        return wanted - frozenset(split.excluding)

    @cached_property
    def _users(self) -> dict[str, frozenset[str]]:
        """By driver; a metered one may have quantities of whomever an identity belongs to."""
        known = frozenset(one.owner.name for one in self.model.identities)
        return {
            one.name: known if one.metered else frozenset(row.team for row in one.rows)
            for one in self.model.drivers.values()
        }
