"""A billing period (a calendar month) and spans of days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apportion.errors import UsageError

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Span:
    """A run of days, first day in, `until` out (half-open, as FOCUS periods are).

    >>> Span(date(2026, 10, 1), date(2026, 10, 4)).days
    3
    """

    start: date
    until: date

    def __post_init__(self) -> None:
        if self.until <= self.start:
            raise UsageError(
                f"the span {self.start} to {self.until} has no day in it",
                hint="give an end that lies after the start (the end day itself is not part of it)",
            )

    @property
    def days(self) -> int:
        return (self.until - self.start).days

    @property
    def months(self) -> tuple[Period, ...]:
        """The months that the days lie in.

        >>> Span(date(2026, 9, 30), date(2026, 11, 1)).months
        (Period('2026-09'), Period('2026-10'))
        """
        found = [Period.of(self.start)]
        while found[-1].until < self.until:
            found.append(found[-1].next())
        return tuple(found)

    def overlap(self, other: Span) -> int:
        """How many days two spans have in common."""
        return max(0, (min(self.until, other.until) - max(self.start, other.start)).days)

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=n) for n in range(self.days))


@dataclass(frozen=True, order=True)
class Period:
    """A billing period: one calendar month, written ``2026-10``.

    >>> p = Period.parse("2026-12")
    >>> p.next(), p.previous(), p.span.days
    (Period('2027-01'), Period('2026-11'), 31)
    """

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``YYYY-MM``; raises UsageError with the form that is expected."""
        found = _MONTH.fullmatch(text.strip()) if isinstance(text, str) else None
        if not found:
            raise UsageError(f"{text!r} is not a period", hint="write it as YYYY-MM, say 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Period:
        return cls(day.year, day.month)

    @property
    def start(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def until(self) -> date:
        return self.next().start

    @property
    def span(self) -> Span:
        return Span(self.start, self.until)

    def next(self) -> Period:
        return self.of((self.start.replace(day=28) + timedelta(days=4)).replace(day=1))

    def previous(self) -> Period:
        return self.of(self.start - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __repr__(self) -> str:
        return f"Period({str(self)!r})"
