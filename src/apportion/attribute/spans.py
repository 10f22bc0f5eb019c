"""The days of a run, cut where anything that can change an attribution begins or ends."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from apportion.attribute.branches import below
from apportion.model.dated import Validity
from apportion.store.relation import day, number


@dataclass(frozen=True)
class Spans:
    """Neighbouring spans of days, counted from 0; on all days of one the same claims hold.

    `starts` are their first days, ascending. The first span also holds what
    was charged before, the last one all that comes after.
    """

    starts: tuple[date, ...]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def one(self) -> bool:
        """Whether nothing changes on any day, so that days need not be told apart."""
        return len(self.starts) == 1

    def range(self, valid: Validity) -> tuple[int, int] | None:
        """The first and the last span in which something holds; None where it holds in none.

        >>> spans = Spans((date(2026, 10, 1), date(2026, 10, 16)))
        >>> spans.range(Validity(date(2026, 10, 16), None)), spans.range(Validity())
        ((1, 1), (0, 1))
        """
        first = bisect_left(self.starts, valid.start) if valid.start else 0
        last = bisect_left(self.starts, valid.until) - 1 if valid.until else len(self.starts) - 1
        return (first, last) if first <= last else None

    def of(self, days: exp.Expr) -> exp.Expr:
        """The number of the span that a day lies in."""
        return below(days, [day(start) for start in self.starts[1:]], self._numbers)

    @property
    def _numbers(self) -> list[exp.Expr]:
        return [number(n) for n in range(len(self.starts))]

    def first_day(self, span: exp.Expr) -> exp.Expr:
        """The first day of the span with a number."""
        limits = [number(n) for n in range(1, len(self.starts))]
        return below(span, limits, [day(start) for start in self.starts])


def cut(opening: date, closing: date, cuts: Iterable[date]) -> Spans:
    """Cut the days from `opening` to `closing` (both in), at each cut that parts two of them.

    >>> cut(date(2026, 10, 1), date(2026, 10, 31), [date(2026, 10, 1), date(2026, 10, 16)]).starts
    (datetime.date(2026, 10, 1), datetime.date(2026, 10, 16))
    """
    return Spans((opening, *sorted({c for c in cuts if opening < c <= closing})))
