"""Caps, floors and minimum fees: what a team pays of a pool at most and at least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.question import Answer, Gap
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding, Level
from apportion.domain.money import from_units, minor_digits, to_units
from apportion.model.dated import on
from apportion.model.limits import Limit, Limits

if TYPE_CHECKING:
    from apportion.allocate.settling import Settling

ZERO = Fraction(0)
AT_CAP = "every team that shares it is at its cap"


def limit_shares(answer: PoolAnswer, about: Settling) -> tuple[PoolAnswer, tuple[Finding, ...]]:
    """Keep each team's part of a pool within its limits; the others carry the difference.

    The parts x are those of the method, scaled together: x = λ·f where that lies
    within the limits, else the limit, with the one λ for which they sum to what
    teams carry. So what a cap takes off, and what a floor brings, falls on all
    others in proportion. Where all are at their caps, the rest stays in the pool;
    floors that ask for more than there is shrink in proportion. A minimum fee is
    a floor for every team that carries anything. Refunds (a pool whose cost
    isn't above zero) aren't limited.

    Invariant: the sum is what it was; without a binding limit nothing moves.

    Source: proportional allocation with bounds, known as water-filling.
    """
    limits, cost = on(about.pool.limits, about.span.start), about.full.of(about.basis)
    parts = {who: f for who, f in answer.answer.fractions.items() if who not in answer.passes}
    if limits is None or cost <= 0 or not parts:
        return answer, ()
    bounds = _bounds(limits, parts, cost, answer.currency)
    held = within(parts, bounds)
    told = (*_moved(answer, limits, parts, held, cost), *_unmet(answer, limits, bounds))
    return _with(answer, held, sum_of(parts.values()) - sum_of(held.values())), told


@dataclass(frozen=True)
class Bounds:
    """By team, the least and the most that it carries, as fractions of the pool."""

    least: Mapping[str, Fraction]
    most: Mapping[str, Fraction]
    shrunk: bool = False


def within(parts: Mapping[str, Fraction], bounds: Bounds) -> dict[str, Fraction]:
    """Parts scaled together within bounds, so that their sum stays, as far as caps let it.

    >>> bounds = Bounds({}, {"a": Fraction(1, 2)})
    >>> within({"a": Fraction(3, 4), "b": Fraction(1, 8), "c": Fraction(1, 8)}, bounds)
    {'a': Fraction(1, 2), 'b': Fraction(1, 4), 'c': Fraction(1, 4)}
    """
    whole = sum_of(parts.values())
    if sum_of(_at(parts, bounds, None).values()) <= whole:
        return _at(parts, bounds, None)
    turns = sorted(
        {
            limit / parts[who]
            for table in (bounds.least, bounds.most)
            for who, limit in table.items()
            if parts.get(who)
        }
    )
    low = ZERO
    for turn in turns:
        if sum_of(_at(parts, bounds, turn).values()) >= whole:
            break
        low = turn
    return _at(parts, bounds, _scale(parts, bounds, low, whole))


def _scale(
    parts: Mapping[str, Fraction], bounds: Bounds, low: Fraction, whole: Fraction
) -> Fraction:
    """The λ just above `low` for which the parts sum to the whole: the sum is linear there."""
    fixed, moving = ZERO, ZERO
    for who, part in parts.items():
        least, most = bounds.least.get(who, ZERO), bounds.most.get(who)
        if low * part < least or not part:
            fixed += max(least, ZERO)
        elif most is not None and low * part >= most:
            fixed += most
        else:
            moving += part
    return (whole - fixed) / moving if moving else low


def _at(
    parts: Mapping[str, Fraction], bounds: Bounds, scale: Fraction | None
) -> dict[str, Fraction]:
    """The parts at a scale, each within its bounds; without a scale, all as high as they go."""
    found = {}
    for who, part in parts.items():
        least, most = bounds.least.get(who, ZERO), bounds.most.get(who)
        if scale is None:
            found[who] = _highest(part, least, most)
        else:
            raised = max(least, scale * part)
            found[who] = raised if most is None else min(most, raised)
    return found


def _highest(part: Fraction, least: Fraction, most: Fraction | None) -> Fraction:
    if not part:
        return least
    return Fraction(10**30) if most is None else most


def _bounds(limits: Limits, parts: Mapping[str, Fraction], cost: Fraction, currency: str) -> Bounds:
    def usable(limit: Limit | None) -> Fraction | None:
        known = limit is not None and (limit.of_pool or currency == limits.currency)
        return limit.part_of(cost) if limit is not None and known else None

    most = {who: part for who, cap in limits.caps if (part := usable(cap)) is not None}
    least = {
        who: part
        for who, floor in limits.floors
        if who in parts and (part := usable(floor)) is not None
    }
    if fee := usable(limits.minimum_fee):
        for who, part in parts.items():
            if part:
                least[who] = max(least.get(who, ZERO), fee)
    for who in least.keys() & most.keys():
        least[who] = min(least[who], most[who])
    whole, asked = sum_of(parts.values()), sum_of(least.values())
    if asked > whole:
        return Bounds({who: part * whole / asked for who, part in least.items()}, most, True)
    return Bounds(least, most)


def _with(answer: PoolAnswer, held: Mapping[str, Fraction], left: Fraction) -> PoolAnswer:
    found = answer.answer
    if all(found.fractions[who] == part for who, part in held.items()):
        return answer
    gaps = (*found.gaps, Gap(left, AT_CAP)) if left else found.gaps
    made: Answer = replace(found, fractions={**found.fractions, **held}, gaps=gaps)
    return replace(answer, answer=made)


def _moved(
    answer: PoolAnswer,
    limits: Limits,
    before: Mapping[str, Fraction],
    after: Mapping[str, Fraction],
    cost: Fraction,
) -> Iterator[Finding]:
    """What limits moved, in money."""
    moved = [
        f"{who} {_money((after[who] - before[who]) * cost, answer.currency)}"
        for who in sorted(after)
        if after[who] != before[who]
    ]
    if moved:
        yield Finding(
            "limits-applied",
            Level.NOTE,
            f"limits of pool {answer.pool} moved, in {answer.currency}: {', '.join(moved)}",
            limits.place,
            "the parts by the method alone are those before the move",
        )


def _unmet(answer: PoolAnswer, limits: Limits, bounds: Bounds) -> Iterator[Finding]:
    """What limits couldn't do."""
    if bounds.shrunk:
        yield Finding(
            "floors-too-high",
            Level.WARNING,
            f"floors of pool {answer.pool} ask for more than it costs; they shrank in proportion",
            limits.place,
            "lower the floors or the minimum fee",
        )
    foreign = [limits.minimum_fee, *(one for _, one in (*limits.caps, *limits.floors))]
    if answer.currency != limits.currency and any(one and not one.of_pool for one in foreign):
        yield Finding(
            "limits-in-another-currency",
            Level.WARNING,
            f"limits of pool {answer.pool} are in {limits.currency} and don't hold for its cost "
            f"in {answer.currency}",
            limits.place,
            "state them in percent of the pool",
        )


def _money(amount: Fraction, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{from_units(to_units(amount, digits), digits):+,f}"
