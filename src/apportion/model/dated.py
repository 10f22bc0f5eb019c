"""When something holds: from a day, until a day (which is no longer part), or always."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Validity:
    """Days on which something holds, half-open; None is open-ended.

    >>> Validity(date(2026, 10, 1), None).covers(date(2026, 9, 30))
    False
    """

    start: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (
            self.until is None or day < self.until
        )

    def meet(self, other: Validity) -> Validity | None:
        """The days that both cover, or None where there are none."""
        starts = [day for day in (self.start, other.start) if day]
        ends = [day for day in (self.until, other.until) if day]
        met = Validity(max(starts, default=None), min(ends, default=None))
        return None if met.start and met.until and met.until <= met.start else met

    @property
    def cuts(self) -> frozenset[date]:
        """The days on which something begins or ceases to hold."""
        return frozenset(day for day in (self.start, self.until) if day)


ALWAYS = Validity()


@dataclass(frozen=True)
class Dated(Generic[T]):
    """A value and the days on which it holds."""

    value: T
    valid: Validity = ALWAYS


def on(values: Iterable[Dated[T]], day: date) -> T | None:
    """The value that holds on a day; dated values never overlap, which the reader checks."""
    return next((dated.value for dated in values if dated.valid.covers(day)), None)
