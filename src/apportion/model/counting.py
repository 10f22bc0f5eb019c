"""How a split counts quantities: tiers, a ceiling, multipliers, days; and how it takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from apportion.domain.period import Period, Span


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

    def counted(self, quantity: Fraction, months: Fraction = Fraction(1)) -> Fraction:
        """A quantity by tiers and ceiling; each tier counts only the units within it.

        Tiers and ceiling are those of a month; they hold for a part of one, or for several.

        >>> half = Counting((Tier(Fraction(100), Fraction(1)), Tier(None, Fraction(1, 2))))
        >>> half.counted(Fraction(140))
        Fraction(120, 1)
        """
        found = self._by_tiers(quantity, months) if self.tiers else quantity
        return found if self.at_most is None else min(found, self.at_most * months)

    def _by_tiers(self, quantity: Fraction, months: Fraction) -> Fraction:
        total, below = Fraction(0), Fraction(0)
        for tier in self.tiers:
            above = quantity if tier.up_to is None else min(quantity, tier.up_to * months)
            if above > below:
                total += (above - below) * tier.weight
                below = above
        return total


@dataclass(frozen=True)
class Takeover:
    """Months over which a split takes over from the one before it: grandfathering.

    In the month k of n (from 1) the new split decides k ÷ n of the pool and the
    previous one the rest, so parts move by equal steps, and from the month n on the new
    one decides alone. `start` is the first day of the first month.
    """

    months: int
    start: date

    def part(self, day: date) -> Fraction:
        """The part of the new split in the month of a day.

        >>> [str(Takeover(3, date(2026, 10, 1)).part(date(2026, m, 1))) for m in (9, 10, 11, 12)]
        ['0', '1/3', '2/3', '1']
        """
        month = _number(Period.of(day)) - _number(Period.of(self.start)) + 1
        return Fraction(min(max(month, 0), self.months), self.months)

    def cuts(self, days: Span) -> frozenset[date]:
        """The days within a span on which the part changes: first days of months."""
        firsts = (day for day in days if day.day == 1 and day != days.start)
        return frozenset(
            day for day in firsts if self.part(day) != self.part(day - timedelta(days=1))
        )


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
