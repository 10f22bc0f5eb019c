"""A driver's quantities as they count, day by day, laid out once for all pools that go by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

from apportion.allocate.shown import shown
from apportion.domain.amounts import sum_of
from apportion.domain.period import Span
from apportion.model.pools import Driver

if TYPE_CHECKING:
    from flint import fmpz_mat

Counts = Callable[[str, Fraction], Fraction]
"""What a receiver's quantity counts as."""


@dataclass(frozen=True)
class DayTable:
    """What receivers used on each day that can be split, in whole numbers of 1 ÷ `unit`.

    `rows` has a row for each of `days` and a column for each of `names`; `faults` say
    why other days can't be split, and `missing` what is said of days without rows.
    `notes` tell each receiver's plain quantity.
    """

    names: tuple[str, ...]
    days: Mapping[date, int]
    rows: Sequence[Sequence[int]]
    unit: int
    faults: Mapping[date, str]
    missing: str
    notes: Mapping[str, str]

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """The quantity of each day, in whole numbers."""
        return tuple(sum(row) for row in self.rows)

    def why_not(self, day: date) -> str:
        """Why a day can't be split, or an empty text."""
        return "" if day in self.days else self.faults.get(day, self.missing)

    def parts(self, weights: Mapping[date, Fraction]) -> dict[str, Fraction]:
        """Each receiver's Σ weight · quantity ÷ total over days that can be split, exact.

        One product of whole numbers: hundreds of pools and receivers make millions.
        """
        from flint import fmpz_mat

        rates = [Fraction(0)] * len(self.rows)
        for day, weight in weights.items():
            at = self.days[day]
            rates[at] = weight / self.totals[at]
        below = lcm(*(rate.denominator for rate in rates))
        row = [rate.numerator * (below // rate.denominator) for rate in rates]
        sums = fmpz_mat(1, len(row), row) * self._matrix
        return {
            who: Fraction(amount, below)
            for who, found in zip(self.names, sums.entries(), strict=True)
            if (amount := int(found))
        }

    def total(self, days: Mapping[date, Fraction]) -> Fraction:
        """The quantity of some days."""
        return Fraction(sum(self.totals[self.days[day]] for day in days), self.unit)

    @cached_property
    def _matrix(self) -> fmpz_mat:
        from flint import fmpz_mat

        return fmpz_mat(len(self.rows), len(self.names), [one for row in self.rows for one in row])


def day_table(driver: Driver, names: tuple[str, ...], counts: Counts, span: Span) -> DayTable:
    """Lay out a driver's quantities of a span.

    A day without rows, with nothing but zeros, or with a quantity below zero can't be split.
    """
    split: dict[date, list[Fraction]] = {}
    faults: dict[date, str] = {}
    for day, own in driver.by_day(span).items():
        counted = [counts(who, own[who]) if who in own else Fraction(0) for who in names]
        if any(quantity < 0 for quantity in counted):
            faults[day] = f"driver {driver.name} is negative for a receiver"
        elif not any(counted):
            faults[day] = f"driver {driver.name} is zero for every receiver"
        else:
            split[day] = counted
    unit = lcm(*(quantity.denominator for row in split.values() for quantity in row))
    rows = [[q.numerator * (unit // q.denominator) for q in row] for row in split.values()]
    days = {day: number for number, day in enumerate(split)}
    missing = f"driver {driver.name} has no quantities"
    notes = _plain_notes(driver, names, span)
    return DayTable(names, days, rows, unit, faults, missing, notes)


def _plain_notes(driver: Driver, names: Sequence[str], span: Span) -> dict[str, str]:
    """What is said of each receiver's plain quantity beside its part by the day."""
    plain = driver.quantities(span)
    everybody = shown(sum_of(plain.get(who, Fraction(0)) for who in names))
    return {
        who: f"{shown(plain[who])} of {everybody} {driver.unit} of {driver.name}; "
        "each day weighs by what it cost"
        for who in names
        if who in plain
    }
