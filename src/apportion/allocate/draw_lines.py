"""Third pass: statement lines, exact, from direct cost and from shares of pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from apportion.allocate.gather_costs import Costs
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.result import Line, LineKind, PoolShare


def draw_lines(costs: Costs, shares: Iterable[PoolShare]) -> tuple[Line, ...]:
    """One line for each direct service, each share of a pool, and what stays unallocated or kept.

    Invariant: the lines of a currency sum to the charges that were attributed,
    exactly, on every cost basis.
    """
    return tuple(
        sorted(
            _lines(costs, shares),
            key=lambda line: (line.currency, line.owner, line.kind, line.pool, line.service),
        )
    )


def _lines(costs: Costs, shares: Iterable[PoolShare]) -> Iterator[Line]:
    for (currency, owner, service), amounts in costs.direct.items():
        name = _id(currency, owner, LineKind.DIRECT, service)
        yield Line(name, currency, owner, LineKind.DIRECT, "", service, amounts)
    for share in shares:
        kind = LineKind.SHARED if share.receiver.kind is OwnerKind.TEAM else LineKind.KEPT
        name = _id(share.currency, share.receiver, kind, share.pool)
        amounts = costs.pools[share.currency, share.pool].times(share.fraction)
        yield Line(name, share.currency, share.receiver, kind, share.pool, "", amounts)
    for (currency, service), amounts in costs.unallocated.items():
        name = _id(currency, UNALLOCATED, LineKind.UNALLOCATED, service)
        yield Line(name, currency, UNALLOCATED, LineKind.UNALLOCATED, "", service, amounts)


def _id(currency: str, owner: Owner, kind: LineKind, of: str) -> str:
    """A name made of what a line is, so that it stays when its amount changes."""
    named = f"{currency}\n{owner.kind}\n{owner.name}\n{kind}\n{of}"
    return sha256(named.encode()).hexdigest()[:12]
