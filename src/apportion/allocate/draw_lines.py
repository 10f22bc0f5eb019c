"""Last pass: statement lines, exact, from direct cost and from shares of pools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from apportion.allocate.gather_costs import Costs
from apportion.allocate.solve_pools import Full
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.result import Line, LineKind, PoolShare

ModeOf = Callable[[str, str], str]
"""The mode of a team's line, by team and pool."""


def draw_lines(
    costs: Costs, full: Full, shares: Iterable[PoolShare], mode_of: ModeOf
) -> tuple[Line, ...]:
    """One line for each direct service, each share of a pool, and what stays unallocated or kept.

    What a pool passes to another pool is no line: it is part of that pool's full cost.
    Invariant: the lines of a currency sum to the charges that were attributed,
    exactly, on every cost basis.
    """
    return tuple(
        sorted(
            _lines(costs, full, shares, mode_of),
            key=lambda line: (line.currency, line.owner, line.kind, line.pool, line.service),
        )
    )


def _lines(
    costs: Costs, full: Full, shares: Iterable[PoolShare], mode_of: ModeOf
) -> Iterator[Line]:
    for (currency, owner, service), amounts in costs.direct.items():
        name = _id(currency, owner, LineKind.DIRECT, service)
        mode = mode_of(owner.name, "")
        yield Line(name, currency, owner, LineKind.DIRECT, "", service, amounts, mode)
    for share in shares:
        if share.passed:
            continue
        name = _id(share.currency, share.receiver, share.kind, share.pool)
        amounts = full[share.currency, share.pool].times(share.fraction)
        of_team = share.receiver.kind is OwnerKind.TEAM
        mode = mode_of(share.receiver.name, share.pool) if of_team else ""
        yield Line(name, share.currency, share.receiver, share.kind, share.pool, "", amounts, mode)
    for (currency, service), amounts in costs.unallocated.items():
        name = _id(currency, UNALLOCATED, LineKind.UNALLOCATED, service)
        yield Line(name, currency, UNALLOCATED, LineKind.UNALLOCATED, "", service, amounts)


def _id(currency: str, owner: Owner, kind: LineKind, of: str) -> str:
    """A name made of what a line is, so that it stays when its amount changes."""
    named = f"{currency}\n{owner.kind}\n{owner.name}\n{kind}\n{of}"
    return sha256(named.encode()).hexdigest()[:12]
