"""How a split counts quantities: tiers, a ceiling, multipliers, days; and how it takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from apportion.domain.period import Period


@dataclass(frozen=True)
class Tier:
    """Units of a receiver up to `up_to` count by `weight` each; the last tier has no end."""

    up_to: Fraction | None
    weight: Fraction


@dataclass(frozen=True)
class Counting:
    """What a receiver's quantity counts as: first tiers, then the ceiling, then multipliers.

    `teams` and `stages` multiply a team's quantity, or that of teams whose product
    is in a stage (production counts double); a team's own multiplier wins.
    """

    tiers: tuple[Tier, ...] = ()
    at_most: Fraction | None = None
    teams: tuple[tuple[str, Fraction], ...] = ()
    stages: tuple[tuple[str, Fraction], ...] = ()

    def counted(self, quantity: Fraction) -> Fraction:
        """A quantity by tiers and ceiling; each tier counts only the units within it.

        >>> half = Counting((Tier(Fraction(100), Fraction(1)), Tier(None, Fraction(1, 2))))
        >>> half.counted(Fraction(140))
        Fraction(120, 1)
        """
        found = self._by_tiers(quantity) if self.tiers else quantity
        return found if self.at_most is None else min(found, self.at_most)

    def _by_tiers(self, quantity: Fraction) -> Fraction:
        total, below = Fraction(0), Fraction(0)
        for tier in self.tiers:
            above = quantity if tier.up_to is None else min(quantity, tier.up_to)
            if above > below:
                total += (above - below) * tier.weight
                below = above
        return total


@dataclass(frozen=True)
class Takeover:
    """Months over which a split takes over from the one before it.

    In the month k of n (from 1) the new split decides k ÷ (n + 1) of the pool and
    the previous one the rest; after n months the new one decides alone.
    """

    months: int
    start: date

    def part(self, day: date) -> Fraction:
        """The part of the new split in the month of a day.

        >>> [str(Takeover(3, date(2026, 10, 1)).part(date(2026, m, 1))) for m in (9, 10, 11, 12)]
        ['0', '1/4', '1/2', '3/4']
        """
        month = _number(Period.of(day)) - _number(Period.of(self.start)) + 1
        return Fraction(min(max(month, 0), self.months + 1), self.months + 1)


def _number(month: Period) -> int:
    return month.year * 12 + month.month


@dataclass(frozen=True)
class CostStructure:
    """The services of a pool's own cost that each driver stands for, as name patterns.

    With `decides` the weights are what these services cost; otherwise they are held
    against it, and more than `drift` percentage points apart is a finding.
    """

    services: tuple[tuple[str, tuple[str, ...]], ...]
    decides: bool = False
    drift: Fraction = Fraction(5)
