"""Coverage: how much of the cost has an owner, how much is shared by rule, how much has neither."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apportion.domain.money import from_units, largest_remainder, minor_digits, to_units
from apportion.domain.owner import OwnerKind
from apportion.domain.result import Attributed

PLACES = 2
"""Decimal places of a printed percentage."""

COVERED = (OwnerKind.TEAM, OwnerKind.POOL, OwnerKind.UNALLOCATED)
"""Whose cost is a part of the whole."""


@dataclass(frozen=True)
class Part:
    """A part of the whole in money, and in percent; no percentage where the whole is zero."""

    amount: Decimal
    percent: Decimal | None


@dataclass(frozen=True)
class Coverage:
    """Direct, shared and unallocated cost: as printed, amounts sum to the total, percents to 100.

    Source: FinOps KPIs `% allocated` and `% unallocated` cost.
    """

    currency: str
    total: Decimal
    direct: Part
    shared: Part
    unallocated: Part


def draw_coverage(attributed: Iterable[Attributed], currency: str, basis: str) -> Coverage:
    """Add up what rules gave to teams, to pools and to nobody, in one currency on one basis.

    Percents are rounded by largest remainder, so that those that are printed
    sum to exactly 100; credits can make a part negative or greater than 100. What is left
    out, since it counts on another bill, is no part of the whole.
    """
    exact = dict.fromkeys(COVERED, Fraction(0))
    for part in attributed:
        if part.currency == currency and part.owner.kind in exact:
            exact[part.owner.kind] += part.amounts.of(basis)
    whole = sum(exact.values(), Fraction(0))
    names = {kind: str(kind) for kind in COVERED}
    digits = minor_digits(currency)
    units = to_units(whole, digits)
    money = largest_remainder(units, {k: part * 10**digits for k, part in exact.items()}, names)
    percents = share_percents(exact)
    parts = {kind: Part(from_units(money[kind], digits), percents[kind]) for kind in COVERED}
    return Coverage(
        currency,
        from_units(units, digits),
        parts[OwnerKind.TEAM],
        parts[OwnerKind.POOL],
        parts[OwnerKind.UNALLOCATED],
    )


def share_percents(parts: dict[OwnerKind, Fraction]) -> dict[OwnerKind, Decimal | None]:
    """Parts in percent of their sum, which as printed sum to 100; None each where it is zero.

    >>> thirds = {kind: Fraction(1) for kind in COVERED}
    >>> [str(percent) for percent in share_percents(thirds).values()]
    ['33.33', '33.34', '33.33']
    """
    whole = sum(parts.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(parts, None)
    scale = 100 * 10**PLACES
    units = largest_remainder(
        scale,
        {kind: part / whole * scale for kind, part in parts.items()},
        {kind: str(kind) for kind in parts},
    )
    return {kind: from_units(found, PLACES) for kind, found in units.items()}


def percent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    """A part in percent of a whole, to two places; None where the whole is zero.

    >>> percent_of(Decimal(1), Decimal(8)), percent_of(Decimal(1), Decimal(0))
    (Decimal('12.50'), None)
    """
    if not whole:
        return None
    return from_units(to_units(Fraction(part) / Fraction(whole) * 100, PLACES), PLACES)
