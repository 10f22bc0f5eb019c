"""How far each charge moves when a weight does: what a negotiation about weights is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.result import LineKind, PoolShare
from apportion.model.pools import Method, Split

POINT, ZERO = Fraction(1, 100), Fraction(0)


@dataclass(frozen=True)
class WeightMove:
    """What one percentage point more for a driver brings each receiver, of the pool's cost.

    The other weights give way in proportion, so that all still sum to 1. `moves` sum to zero
    where every driver has quantities.
    """

    driver: str
    weight: Fraction
    moves: Mapping[str, Fraction]


def weight_moves(splits: Iterable[Split], shares: Iterable[PoolShare]) -> Iterator[WeightMove]:
    """The moves of a pool whose splits are weighted alike all the period; else none.

    With s_dj the part of driver d's quantities that is team j's, charge_j = Σ_d w_d · s_dj. A
    point more for d makes w_d + 0.01, and each other w_e · (1 - 0.01 ÷ (1 - w_d)), so charge_j
    moves by 0.01 · (s_dj - Σ_e≠d w_e · s_ej ÷ (1 - w_d)), exactly, since it is linear. By the
    method, before exemptions and limits.
    """
    splits = tuple(splits)
    drivers = {split.drivers for split in splits}
    if len(drivers) != 1 or any(
        one.method is not Method.WEIGHTED or one.previous for one in splits
    ):
        return
    carried = _carried(shares)
    parts = {name: sum(carried[name].values(), Fraction(0)) for (name, _) in next(iter(drivers))}
    if len(parts) < 2 or not sum_of(parts.values()):
        return
    receivers = sorted({who for own in carried.values() for who in own})
    for driver, weight in parts.items():
        others = sum_of(part for name, part in parts.items() if name != driver)
        if not weight or not others:
            continue
        moves: dict[str, Fraction] = {}
        for who in receivers:
            rest = sum_of(carried[name].get(who, ZERO) for name in parts if name != driver)
            moves[who] = POINT * (carried[driver].get(who, ZERO) / weight - rest / others)
        yield WeightMove(driver, weight, moves)


def _carried(shares: Iterable[PoolShare]) -> dict[str, dict[str, Fraction]]:
    """By driver and receiver, the part of the pool that the receiver carries by that driver."""
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for share in shares:
        if share.kind is LineKind.SHARED:
            for use in share.uses:
                part = use.weight * use.quantity / use.total
                found[use.driver][share.receiver.name] += part
    return found
