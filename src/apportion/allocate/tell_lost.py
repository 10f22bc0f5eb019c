"""Use that came to nothing, told apart in the share of who used it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.question import Rest
from apportion.allocate.settling import Settled, Settling
from apportion.allocate.shown import shown
from apportion.domain.amounts import sum_of
from apportion.domain.result import DriverUse, LineKind


def tell_lost(answer: PoolAnswer, about: Settling) -> Settled:
    """Split off what a team carries for jobs that failed, were cancelled or preempted.

    Nobody's charge changes: the team carries the same, on two lines. Of a share that goes
    by several drivers, each driver's part is split by its own quantities. Shares of which the
    drivers don't tell the whole (a cap, a standard rate) stay as they are.
    """
    measured = {
        name: Measured(one.quantities(about.span), lost)
        for name, one in about.model.drivers.items()
        if one.metered and (lost := one.lost(about.span))
    }
    if not measured:
        return answer, ()
    whole = answer.answer
    fractions, rests, uses = dict(whole.fractions), list(whole.rests), dict(whole.uses)
    for team, fraction in whole.fractions.items():
        if team in answer.passes or not fraction:
            continue
        found = list(_lost(team, whole.uses.get(team, ()), fraction, measured))
        fractions[team] = fraction - sum_of(one.part for one in found)
        uses[team] = tuple(_left(use, found) for use in whole.uses.get(team, ()))
        rests += found
    told = replace(whole, fractions=fractions, uses=uses, rests=tuple(rests))
    return replace(answer, answer=told), ()


def _left(use: DriverUse, lost: Iterable[Rest]) -> DriverUse:
    """What is left of a use once what was lost of it is told apart."""
    gone = (one.quantity for rest in lost for one in rest.uses if one.driver == use.driver)
    return replace(use, quantity=use.quantity - sum_of(gone))


@dataclass(frozen=True)
class Measured:
    """What a metered driver counted of each team, and how much of it was lost, by outcome."""

    used: Mapping[str, Fraction]
    lost: Mapping[str, Mapping[str, Fraction]]


def _lost(
    team: str,
    uses: tuple[DriverUse, ...],
    fraction: Fraction,
    measured: Mapping[str, Measured],
) -> Iterator[Rest]:
    if sum_of(use.weight * use.quantity / use.total for use in uses if use.total) != fraction:
        return
    by_outcome: dict[str, list[DriverUse]] = defaultdict(list)
    for use in uses:
        found = measured.get(use.driver)
        if found and use.quantity and use.quantity == found.used.get(team):
            for outcome, quantity in found.lost.get(team, {}).items():
                by_outcome[outcome].append(replace(use, quantity=quantity))
    for outcome, told in sorted(by_outcome.items()):
        part = sum_of(use.weight * use.quantity / use.total for use in told)
        words = ", ".join(f"{shown(use.quantity)} {use.unit}" for use in told)
        yield Rest(part, LineKind.LOST, f"{outcome}: {words}", team, tuple(told))
