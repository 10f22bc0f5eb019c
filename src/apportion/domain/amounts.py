"""The four costs of something, carried together and exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from apportion.domain.charge import COSTS

ZERO = Fraction(0)


@dataclass(frozen=True)
class Amounts:
    """Billed, effective, list and contracted cost of one and the same thing, as exact rationals.

    >>> a = Amounts(Fraction(1), Fraction(2), Fraction(3), Fraction(4))
    >>> (a + a).of("EffectiveCost"), a.times(Fraction(1, 3)).of("BilledCost")
    (Fraction(4, 1), Fraction(1, 3))
    """

    BilledCost: Fraction = ZERO
    EffectiveCost: Fraction = ZERO
    ListCost: Fraction = ZERO
    ContractedCost: Fraction = ZERO

    def of(self, basis: str) -> Fraction:
        """The amount on one cost basis, named by its FOCUS column."""
        value: Fraction = getattr(self, basis)
        return value

    def values(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        return (self.BilledCost, self.EffectiveCost, self.ListCost, self.ContractedCost)

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(a + b for a, b in zip(self.values(), other.values(), strict=True)))

    def __sub__(self, other: Amounts) -> Amounts:
        return self + other.times(Fraction(-1))

    def times(self, share: Fraction) -> Amounts:
        return Amounts(*(a * share for a in self.values()))

    @property
    def is_zero(self) -> bool:
        return not any(self.values())

    @classmethod
    def total(cls, parts: Iterable[Amounts]) -> Amounts:
        """The sum of parts.

        >>> Amounts.total([Amounts(Fraction(1)), Amounts(Fraction(2))]).BilledCost
        Fraction(3, 1)
        """
        parts = tuple(parts)
        if len(parts) == 1:
            return parts[0]
        columns = zip(*(part.values() for part in parts), strict=True)
        return cls(*(sum_of(column) for column in columns))


def sum_of(values: Iterable[Fraction]) -> Fraction:
    """A sum by denominator: the amounts of a bill share a few, and whole numbers add fast."""
    by_denominator: dict[int, int] = {}
    for value in values:
        numerator, denominator = value.as_integer_ratio()
        by_denominator[denominator] = by_denominator.get(denominator, 0) + numerator
    if not by_denominator:
        return ZERO
    common = lcm(*by_denominator)
    return Fraction(sum(n * (common // d) for d, n in by_denominator.items()), common)


if tuple(Amounts.__dataclass_fields__) != COSTS:  # pragma: no cover
    raise AssertionError("Amounts and COSTS must name the same cost bases in one order")
