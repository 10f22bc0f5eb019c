"""Who receives which part of a pool's charges: ratios to 18 places that sum to exactly 1."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.allocate.origins import FinalShare, final_shares
from apportion.domain.money import SCALE, largest_remainder, plain_text
from apportion.domain.owner import Owner, OwnerKind
from apportion.domain.result import DriverUse, LineKind, Run, TeamFacts

UNITS = 10**SCALE
"""A whole, in units of the last place of a ratio."""


@dataclass(frozen=True)
class AllocatedPart:
    """One receiver's part of the charges of a pool; `takes_rest` is the one with the largest.

    `ratio` counts units of 10**-18. The rounding of each charge's amounts falls
    to whoever takes the rest.
    """

    pool: str
    currency: str
    ratio: int
    takes_rest: bool
    method: str
    details: str
    resource: str
    name: str
    tags: str
    owner: str


def allocated_parts(run: Run) -> Iterator[AllocatedPart]:
    """The parts of every pool of a run that is shared. Invariant: ratios of a pool sum to 1.

    Cost that passes through other pools reaches its receivers by all ways
    together. What stays with a pool (idle, kept, variance) is a receiver of its
    own. A pool that is kept as a whole isn't split.

    Source: FOCUS 1.3, Data Generator-Calculated Split Cost Allocation Handling.
    """
    facts = {own.team: own for own in run.teams}
    uses = _own_uses(run)
    by_pool: dict[tuple[str, str], list[FinalShare]] = defaultdict(list)
    for share in final_shares(run.shares):
        by_pool[share.pool, share.currency].append(share)
    methods = _methods(run)
    for (pool, currency), shares in sorted(by_pool.items()):
        if all(share.receiver.kind is OwnerKind.POOL for share in shares):
            continue
        ordered = sorted(shares, key=_name)
        ratios = largest_remainder(
            UNITS,
            {_name(share): share.fraction * UNITS for share in ordered},
            {_name(share): _name(share) for share in ordered},
        )
        rest = max(ordered, key=lambda share: (ratios[_name(share)], _name(share)))
        for share in ordered:
            ratio = ratios[_name(share)]
            yield AllocatedPart(
                pool,
                currency,
                ratio,
                share is rest,
                method_id(pool, run.model),
                _details(ratio, share, uses, _method(share, methods[pool, currency])),
                _name(share),
                _title(share, facts),
                _tags(share.receiver, facts),
                str(share.receiver),
            )


def _methods(run: Run) -> Mapping[tuple[str, str], str]:
    """What each pool is split by; what is kept of it says nothing of that."""
    kept = {(one.pool, one.currency): one.method for one in run.shares}
    return kept | {
        (one.pool, one.currency): one.method for one in run.shares if one.kind is not LineKind.KEPT
    }


def _method(share: FinalShare, split_by: str) -> str:
    return "kept" if share.kind is LineKind.KEPT else split_by


def method_id(pool: str, model: str) -> str:
    """The documented method of a pool: its name, and which version of the model describes it."""
    return f"{pool}@{model[:12]}"


def _name(share: FinalShare) -> str:
    kind = "" if share.kind is LineKind.SHARED else f":{share.kind}"
    return f"{share.receiver.kind}:{share.receiver.name}{kind}"


def _title(share: FinalShare, facts: Mapping[str, TeamFacts]) -> str:
    own = facts.get(share.receiver.name) if share.receiver.kind is OwnerKind.TEAM else None
    title = own.title if own else share.receiver.name
    return title if share.kind is LineKind.SHARED else f"{title} ({share.kind})"


def _tags(receiver: Owner, facts: Mapping[str, TeamFacts]) -> str:
    own = facts.get(receiver.name) if receiver.kind is OwnerKind.TEAM else None
    if own is None:
        return json.dumps({str(receiver.kind): receiver.name}, ensure_ascii=False)
    told = {
        "team": own.team,
        "cost_center": own.cost_center,
        "product": own.product,
        "business_unit": own.business_unit,
    }
    return json.dumps({key: value for key, value in told.items() if value}, ensure_ascii=False)


_Uses = Mapping[tuple[str, str, Owner, LineKind], Sequence[DriverUse]]


def _own_uses(run: Run) -> _Uses:
    """Driver uses of shares of pools that charge no other pool: there they make up the whole."""
    passing = {(share.currency, share.pool) for share in run.shares if share.passed}
    return {
        (share.pool, share.currency, share.receiver, share.kind): share.uses
        for share in run.shares
        if (share.currency, share.pool) not in passing
    }


def _details(ratio: int, share: FinalShare, uses: _Uses, method: str) -> str:
    """AllocatedMethodDetails: one element for each driver, whose ratios add up to the row's."""
    own = uses.get((share.pool, share.currency, share.receiver, share.kind), ())
    parts = [use.weight * use.quantity / use.total if use.total else Fraction(0) for use in own]
    if not own or sum(parts, Fraction(0)) != share.fraction:
        elements = [f'{{"AllocatedRatio":{_number(ratio)}}}']
    else:
        order = {n: f"{use.driver}\0{n:06}" for n, use in enumerate(own)}
        exact = {n: part * UNITS for n, part in enumerate(parts)}
        whole = largest_remainder(ratio, exact, order)
        elements = [_element(whole[n], use) for n, use in enumerate(own)]
    more = f'"x_Method":{json.dumps(method)},"x_Pool":{json.dumps(share.pool)}'
    return f'{{"Elements":[{",".join(elements)}],{more}}}'


def _element(ratio: int, use: DriverUse) -> str:
    told = {
        "AllocatedRatio": _number(ratio),
        "UsageUnit": json.dumps(use.unit),
        "UsageQuantity": _number(int(use.quantity * UNITS)),
        "x_Driver": json.dumps(use.driver),
        "x_TotalQuantity": _number(int(use.total * UNITS)),
        "x_Weight": _number(int(use.weight * UNITS)),
    }
    return "{" + ",".join(f'"{key}":{value}' for key, value in told.items()) + "}"


def _number(units: int) -> str:
    """A number in JSON, with as many places as it has and no exponent."""
    return plain_text(Decimal(units).scaleb(-SCALE))


def by_pool(parts: Iterable[AllocatedPart]) -> dict[tuple[str, str], list[AllocatedPart]]:
    """Parts by pool and currency."""
    found: dict[tuple[str, str], list[AllocatedPart]] = defaultdict(list)
    for part in parts:
        found[part.pool, part.currency].append(part)
    return dict(found)
