"""First pass: put attributed charges into direct cost, pools, and the unallocated rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from apportion.allocate.question import Across
from apportion.domain.amounts import Amounts
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import Attributed


@dataclass(frozen=True)
class Costs:
    """Attributed cost in three places, each by currency.

    `direct` and `unallocated` keep the service; `pools` are whole. `across` is
    each team's direct cost of all currencies, where the run converts them;
    `converted` is what rates make of the pools, `parts` what they are made of.
    """

    direct: dict[tuple[str, Owner, str], Amounts]
    pools: dict[tuple[str, str], Amounts]
    unallocated: dict[tuple[str, str], Amounts]
    across: Across | None = None
    converted: dict[tuple[str, str], Amounts] = field(default_factory=dict)
    parts: Mapping[tuple[str, str], Sequence[Attributed]] = field(default_factory=dict)

    def services_of(self, currency: str, pool: str, basis: str) -> dict[str, Fraction]:
        """A pool's own cost by service, on one cost basis."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for part in self.parts.get((currency, pool), ()):
            found[part.service] += part.amounts.of(basis)
        return found

    def direct_of(self, currency: str) -> dict[str, Amounts]:
        """Each team's direct cost in a currency."""
        found: dict[str, list[Amounts]] = defaultdict(list)
        for (money, owner, _), amounts in self.direct.items():
            if money == currency:
                found[owner.name].append(amounts)
        return {team: Amounts.total(parts) for team, parts in found.items()}

    @property
    def total(self) -> dict[str, Amounts]:
        """Everything, by currency."""
        found: dict[str, list[Amounts]] = defaultdict(list)
        for place in (self.direct, self.pools, self.unallocated):
            for key, amounts in place.items():
                found[key[0]].append(amounts)
        return {currency: Amounts.total(parts) for currency, parts in found.items()}


def gather_costs(attributed: Iterable[Attributed], reporting: str = "") -> Costs:
    """Sum what attribution decided by owner.

    `reporting` is the currency that the run converts to; empty where it
    converts nothing. Invariant: the sum of the three places is the sum of what
    came in.
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
        else:
            rest[part.currency, part.service].append(part.amounts)
    return Costs(
        {key: Amounts.total(parts) for key, parts in direct.items()},
        {key: Amounts.total(one.amounts for one in parts) for key, parts in pools.items()},
        {key: Amounts.total(parts) for key, parts in rest.items()},
        _across(attributed, reporting) if reporting else None,
        _converted_pools(attributed) if reporting else {},
        pools,
    )


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
