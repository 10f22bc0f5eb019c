"""What an hour of a GPU costs, three ways, and what one unit of every driver costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from apportion.domain.amounts import sum_of
from apportion.domain.usage import QUANTITIES
from apportion.insight.trace_lines import Piece
from apportion.insight.unit_cost_values import (
    NOT_METERED,
    Scope,
    UnitCost,
    cost_of,
    days_of,
)
from apportion.model.project import Model
from apportion.model.terms.idle import Capacity

GPU_UNIT = QUANTITIES["gpu_hours"].unit
READS = "feature_reads"

PROVISIONED = "per GPU hour provisioned"
ALLOCATED = "per GPU hour allocated"
EFFECTIVE = "per GPU hour used"
PER_UNIT = "per unit of a driver"
PER_READ = "per feature read, all of the pool"

_PROVISIONED = "all cost of the pool ÷ GPU hours of its capacity"
_ALLOCATED = "cost of the pool ÷ GPU hours that jobs held"
_EFFECTIVE = "cost of the pool ÷ GPU hours that did work"
_UNIT = "cost carried by the driver ÷ its quantity"
_READ = "all cost of the pool ÷ feature reads"


def hour_costs(scope: Scope, model: Model) -> Iterator[UnitCost]:
    """Costs per GPU hour of each pool that goes by GPU hours."""
    pools: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece in scope.pieces:
        if piece.line.pool:
            pools[piece.line.currency, piece.line.pool].append(piece)
    by_hours = {at: own for at, own in pools.items() if any(_in_hours(one) for one in own)}
    for (currency, pool), pieces in sorted(by_hours.items()):
        cost = cost_of(pieces)
        capacity, told = _capacity(scope, model, pool, pieces)
        allocated = _allocated(scope, pieces)
        used = _used(scope, pieces, alone=len(by_hours) == 1)
        for measure, formula, count, note in (
            (PROVISIONED, _PROVISIONED, capacity, told),
            (ALLOCATED, _ALLOCATED, allocated, ""),
            (EFFECTIVE, _EFFECTIVE, used, f"{NOT_METERED}: no source tells gpu_hours_used"),
        ):
            yield UnitCost(measure, formula, currency, cost, count, GPU_UNIT, of=pool,
                           note="" if count and measure != PROVISIONED else note)  # fmt: skip


def _in_hours(piece: Piece) -> bool:
    return piece.unit == GPU_UNIT or piece.meter.startswith("gpu_hours")


def _allocated(scope: Scope, pieces: Sequence[Piece]) -> Fraction | None:
    days = days_of(one for one in pieces if _in_hours(one))
    if days:
        return scope.quantity(days, "gpu_hours") or None
    return sum_of(one.quantity for one in pieces if _in_hours(one) and one.quantity) or None


def _used(scope: Scope, pieces: Sequence[Piece], *, alone: bool) -> Fraction | None:
    """Hours that did work, as the jobs' own source says, or where there is one cluster, any."""
    days = days_of(one for one in pieces if _in_hours(one))
    if found := scope.quantity(days, "gpu_hours_used"):
        return found
    if not alone:
        return None
    keys = scope.found.keys
    held = (
        day
        for day in scope.found.quantities
        if not scope.team or keys[day[0]].get("Owner") == scope.team
    )
    return scope.quantity(held, "gpu_hours_used") or None


def _capacity(
    scope: Scope, model: Model, pool: str, pieces: Sequence[Piece]
) -> tuple[Fraction | None, str]:
    """Hours of capacity, and who says so; capacity is nobody's, so a team has none."""
    if scope.team:
        return None, f"{NOT_METERED}: capacity is no team's"
    sources = {scope.found.about(one.key, "Source") for one in pieces if one.key}
    held = (
        day
        for day in scope.found.quantities
        if not sources or scope.found.about(day[0], "Source") in sources
    )
    if metered := scope.quantity(held, "gpu_hours_capacity"):
        return metered, "capacity as metered"
    span = scope.found.run.span
    for dated in next(one for one in model.pools if one.name == pool).splits:
        capacity = getattr(dated.value.terms, "capacity", None)
        if isinstance(capacity, Capacity) and capacity.practical and dated.valid.covers(span.start):
            return capacity.practical.over(span), "practical capacity as the model states it"
    return None, f"{NOT_METERED}: no source tells gpu_hours_capacity"


def driver_costs(scope: Scope, model: Model) -> Iterator[UnitCost]:
    """What a unit of each declared driver costs, and a read with all that its pool costs."""
    drivers: dict[tuple[str, str, str, str], list[Piece]] = defaultdict(list)
    pools: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece in scope.pieces:
        if piece.line.pool:
            pools[piece.line.currency, piece.line.pool].append(piece)
        if piece.quantity and piece.driver in model.drivers:
            at = piece.line.currency, piece.line.pool, piece.driver, piece.unit
            drivers[at].append(piece)
    for (currency, pool, driver, unit), own in sorted(drivers.items()):
        count, said = _stored(scope, unit, sum_of(one.quantity or Fraction(0) for one in own))
        yield UnitCost(PER_UNIT, _UNIT, currency, cost_of(own), count, said,
                       of=f"{pool}, {driver}")  # fmt: skip
    for (currency, pool), own in sorted(pools.items()):
        days = days_of(one for one in own if one.meter == READS)
        if days:
            reads = scope.quantity(days, READS)
            yield UnitCost(PER_READ, _READ, currency, cost_of(own), reads, "reads", of=pool)


def _stored(scope: Scope, unit: str, quantity: Fraction) -> tuple[Fraction, str]:
    """Gigabytes that were held for hours, as gigabytes of a whole month."""
    if unit != "GB hours":
        return quantity, unit
    return quantity / (24 * scope.found.run.span.days), "GB months"
