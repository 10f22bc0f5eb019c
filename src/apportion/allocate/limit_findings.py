"""What limits of a pool moved, in money, and what they couldn't do as stated."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.domain.finding import Finding, Level
from apportion.domain.money import from_units, minor_digits, to_units

if TYPE_CHECKING:
    from apportion.allocate.limit_shares import Limited


def limit_findings(made: Limited) -> Iterator[Finding]:
    """The amounts that were moved, what stays in the pool, and limits that don't hold."""
    place, pool = made.limits.place, made.pool
    if moved := made.moved:
        amounts = (f"{who} {money(part * made.cost, made.currency)}" for who, part in moved.items())
        yield Finding(
            "limits-applied",
            Level.NOTE,
            f"limits of pool {pool} moved, in {made.currency}: {', '.join(amounts)}",
            place,
            "the parts by the split alone are those before the move",
        )
    if made.left:
        yield Finding(
            "pool-kept",
            Level.WARNING,
            f"pool {pool} keeps {amount_in(made, made.left)}: every team that shares it is at its "
            "cap",
            place,
            "raise a cap, or let more teams share the pool",
        )
    if made.shrunk:
        yield Finding(
            "floors-too-high",
            Level.WARNING,
            f"floors of pool {pool} ask for more than it costs; they shrank in proportion",
            place,
            "lower the floors or the minimum fee",
        )
    yield from _not_as_stated(made)


def _not_as_stated(made: Limited) -> Iterator[Finding]:
    limits, pool = made.limits, made.pool
    if made.crossed:
        yield Finding(
            "cap-below-floor",
            Level.WARNING,
            f"in pool {pool} the cap of {', '.join(made.crossed)} lies below the floor or the "
            "minimum fee; the cap decides",
            limits.place,
            "raise the cap, or lower the floor",
        )
    if made.absent:
        yield Finding(
            "floor-without-share",
            Level.WARNING,
            f"pool {pool} has a floor for {', '.join(made.absent)}, which doesn't share it",
            limits.place,
            "take the floor out, or let the team share the pool",
        )
    stated = [limits.minimum_fee, *(one for _, one in (*limits.caps, *limits.floors))]
    if made.currency != limits.currency and any(one and not one.of_pool for one in stated):
        yield Finding(
            "limits-in-another-currency",
            Level.WARNING,
            f"limits of pool {pool} are in {limits.currency} and don't hold for its cost "
            f"in {made.currency}",
            limits.place,
            "state them in percent of the pool",
        )


def amount_in(made: Limited, part: Fraction) -> str:
    """A part of the pool in its currency, say 4,000.00 USD."""
    return f"{money(part * made.cost, made.currency).removeprefix('+')} {made.currency}"


def money(amount: Fraction, currency: str) -> str:
    """An amount with its sign, to the currency's minor unit."""
    digits = minor_digits(currency)
    return f"{from_units(to_units(amount, digits), digits):+,f}"
