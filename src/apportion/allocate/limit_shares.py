"""Caps, floors and minimum fees: what a team pays of a pool at most and at least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.allocate.limit_findings import amount_in, limit_findings
from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.question import Answer, Gap, noted
from apportion.allocate.water_fill import ZERO, Bounds, water_fill
from apportion.domain.amounts import sum_of
from apportion.domain.finding import Finding
from apportion.model.dated import on
from apportion.model.limits import Limit, Limits

if TYPE_CHECKING:
    from apportion.allocate.settling import Settling

AT_CAP = "every team that shares it is at its cap"


@dataclass(frozen=True)
class Limited:
    """A pool's parts before and after limits, and what the limits couldn't do as stated.

    `cost` is the pool's full cost. `crossed` are teams whose cap lies below their
    floor or fee, `absent` those with a floor that don't share the pool; `shrunk`
    says that the floors asked for more than there is.
    """

    pool: str
    currency: str
    cost: Fraction
    limits: Limits
    before: Mapping[str, Fraction]
    after: Mapping[str, Fraction]
    crossed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    shrunk: bool = False

    @property
    def moved(self) -> dict[str, Fraction]:
        """By team, what limits added to its part, below zero where they took some off."""
        return {
            who: part - self.before[who]
            for who, part in sorted(self.after.items())
            if part != self.before[who]
        }

    @property
    def left(self) -> Fraction:
        """The part that nobody may be charged any more."""
        return sum_of(self.before.values()) - sum_of(self.after.values())


def limit_shares(answer: PoolAnswer, about: Settling) -> tuple[PoolAnswer, tuple[Finding, ...]]:
    """Keep each team's part of a pool within its limits; the others carry the difference.

    The parts by use are scaled together within the limits (see `water_fill`), so
    what a cap takes off, and what a floor brings, falls on all others in proportion.
    Where all are at their caps, the rest stays in the pool; floors that ask for more
    than there is shrink in proportion; a cap wins over a floor. A minimum fee is a
    floor for every team that carries anything. Limits are on the shares by use: idle
    capacity and variance stay where they are. Refunds (a pool whose cost isn't
    above zero) aren't limited.

    Invariant: the sum is what it was; without a binding limit nothing moves.
    """
    limits, cost = on(about.pool.limits, about.span.start), about.full.of(about.basis)
    parts = {who: f for who, f in answer.answer.fractions.items() if who not in answer.passes}
    if limits is None or cost <= 0 or not parts:
        return answer, ()
    made = _limited(answer, limits, parts, cost)
    return replace(answer, answer=_settled(answer.answer, made)), tuple(limit_findings(made))


def _limited(
    answer: PoolAnswer, limits: Limits, parts: Mapping[str, Fraction], cost: Fraction
) -> Limited:
    def part_of(limit: Limit | None) -> Fraction | None:
        known = limit is not None and (limit.of_pool or answer.currency == limits.currency)
        return limit.part_of(cost) if limit is not None and known else None

    def table(stated: tuple[tuple[str, Limit], ...]) -> dict[str, Fraction]:
        return {who: part for who, one in stated if (part := part_of(one)) is not None}

    most, least = table(limits.caps), table(limits.floors)
    absent = tuple(sorted(least.keys() - parts.keys()))
    least = {who: part for who, part in least.items() if who in parts}
    if fee := part_of(limits.minimum_fee):
        least |= {who: max(least.get(who, ZERO), fee) for who, part in parts.items() if part}
    crossed = tuple(sorted(who for who in least.keys() & most.keys() if least[who] > most[who]))
    least |= {who: most[who] for who in crossed}
    whole, asked = sum_of(parts.values()), sum_of(least.values())
    shrunk = asked > whole
    if shrunk:
        least = {who: part * whole / asked for who, part in least.items()}
    held = water_fill(parts, Bounds(least, most))
    return Limited(answer.pool, answer.currency, cost, limits, parts, held, crossed, absent, shrunk)


def _settled(found: Answer, made: Limited) -> Answer:
    """The answer within limits, with a word on each share that they moved."""
    moved = made.moved
    if not moved:
        return found
    said = {
        who: f"{amount_in(made, made.before[who])} by its split alone, "
        f"{amount_in(made, made.after[who])} within the limits"
        for who in moved
    }
    limited = replace(
        found,
        fractions={**found.fractions, **made.after},
        gaps=(*found.gaps, Gap(made.left, AT_CAP)) if made.left else found.gaps,
    )
    return noted(limited, said)
