"""First pass: put attributed charges into direct cost, pools, and the unallocated rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from apportion.allocate.question import Across
from apportion.domain.amounts import Amounts
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import Attributed

PoolDays = Mapping[tuple[str, str], Mapping[date, Amounts]]
"""By currency and pool, its own cost day by day."""


@dataclass(frozen=True)
class Costs:
    """Attributed cost in three places, each by currency.

    `direct` and `unallocated` keep the service; `pools` are whole. `across` is
    each team's direct cost of all currencies, where the run converts them;
    `converted` is what rates make of the pools; `services` and `by_day` are pools
    taken apart, the latter for pools that are split day by day.
    """

    direct: dict[tuple[str, Owner, str], Amounts]
    pools: dict[tuple[str, str], Amounts]
    unallocated: dict[tuple[str, str], Amounts]
    across: Across | None = None
    converted: dict[tuple[str, str], Amounts] = field(default_factory=dict)
    services: dict[tuple[str, str], dict[str, Amounts]] = field(default_factory=dict)
    by_day: PoolDays = field(default_factory=dict)

    def direct_of(self, currency: str) -> dict[str, Amounts]:
        """Each team's direct cost in a currency."""
        found: dict[str, list[Amounts]] = defaultdict(list)
        for (money, owner, _), amounts in self.direct.items():
            if money == currency:
                found[owner.name].append(amounts)
        return {team: Amounts.total(parts) for team, parts in found.items()}

    def services_of(self, pool: str) -> frozenset[str]:
        """The services of a pool's charges in all currencies."""
        own = (of for (_, name), of in self.services.items() if name == pool)
        return frozenset(service for of in own for service in of)

    @property
    def total(self) -> dict[str, Amounts]:
        """Everything, by currency."""
        found: dict[str, list[Amounts]] = defaultdict(list)
        for place in (self.direct, self.pools, self.unallocated):
            for key, amounts in place.items():
                found[key[0]].append(amounts)
        return {currency: Amounts.total(parts) for currency, parts in found.items()}


def gather_costs(
    attributed: Iterable[Attributed], reporting: str = "", by_day: PoolDays | None = None
) -> Costs:
    """Sum what attribution decided by owner.

    `reporting` is the currency that the run converts to; empty where it
    converts nothing. Invariant: the sum of the three places is the sum of what
    came in, less what is left out because it counts by another bill.
    """
    attributed = tuple(attributed)
    direct: dict[tuple[str, Owner, str], list[Amounts]] = defaultdict(list)
    pools: dict[tuple[str, str], list[Attributed]] = defaultdict(list)
    rest: dict[tuple[str, str], list[Amounts]] = defaultdict(list)
    for part in attributed:
        if part.owner.kind is OwnerKind.TEAM:
            direct[part.currency, part.owner, part.service].append(part.amounts)
        elif part.owner.kind is OwnerKind.POOL:
            pools[part.currency, part.owner.name].append(part)
        elif part.owner.kind is OwnerKind.UNALLOCATED:
            rest[part.currency, part.service].append(part.amounts)
    return Costs(
        {key: Amounts.total(parts) for key, parts in direct.items()},
        {key: Amounts.total(one.amounts for one in parts) for key, parts in pools.items()},
        {key: Amounts.total(parts) for key, parts in rest.items()},
        _across(attributed, reporting) if reporting else None,
        _converted_pools(attributed) if reporting else {},
        _services(attributed),
        by_day or {},
    )


def _services(attributed: Iterable[Attributed]) -> dict[tuple[str, str], dict[str, Amounts]]:
    found: dict[tuple[str, str], dict[str, Amounts]] = defaultdict(dict)
    for part in attributed:
        if part.owner.kind is OwnerKind.POOL:
            own = found[part.currency, part.owner.name]
            before = own.get(part.service)
            own[part.service] = before + part.amounts if before else part.amounts
    return dict(found)


def _across(attributed: Iterable[Attributed], reporting: str) -> Across:
    """Each team's direct cost in the reporting currency, and what no rate brings there."""
    currencies: dict[str, set[str]] = defaultdict(set)
    converted: dict[str, list[Amounts]] = defaultdict(list)
    lacking: dict[str, set[str]] = defaultdict(set)
    for part in attributed:
        if part.owner.kind is not OwnerKind.TEAM:
            continue
        currencies[part.owner.name].add(part.currency)
        if part.currency == reporting:
            converted[part.owner.name].append(part.amounts)
        elif part.converted is not None:
            converted[part.owner.name].append(part.converted)
        else:
            lacking[part.owner.name].add(part.currency)
    totals = {team: Amounts.total(parts) for team, parts in converted.items()}
    return Across(reporting, totals, currencies, lacking)


def _converted_pools(attributed: Iterable[Attributed]) -> dict[tuple[str, str], Amounts]:
    pools: dict[tuple[str, str], list[Amounts]] = defaultdict(list)
    for part in attributed:
        if part.owner.kind is OwnerKind.POOL and part.converted is not None:
            pools[part.currency, part.owner.name].append(part.converted)
    return {key: Amounts.total(parts) for key, parts in pools.items()}
