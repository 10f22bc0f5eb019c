"""What a series of OpenTelemetry counted between two exports.

A *delta* says it itself. A *cumulative* one is a running total since its start: what counts is
the difference to the export before. A total that begins anew, with a later start or a smaller
value, counts from zero.

What the first total of a file counted is known only where no earlier export can have told of it:
the series began within the file, or no export fits between its start and its first total, or
the same process exported before without it. Else it was told by an earlier file, at least in part;
what lies between the two files is then not known, and is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

SAME_EXPORT = 1_000_000_000
"""Totals of one process less than this many nanoseconds apart were exported together."""


@dataclass(frozen=True)
class Total:
    """A running total: of which series, since when, and when it was read (nanoseconds)."""

    series: str
    start: int
    time: int
    value: Decimal | int


@dataclass(frozen=True)
class Counted:
    """What was counted, from when, and in which export; None where it isn't known."""

    total: Total
    start: int
    export: int
    amount: Decimal | int | None


@dataclass
class Process:
    """What exports, a resource: when it did, and the last total of each of its series."""

    begun: int
    """When the file's first export was, of whatever process."""

    export: int = 0
    before: int = 0
    _last: dict[str, Total] = field(default_factory=dict)
    _first: list[tuple[Total, int]] = field(default_factory=list)

    def at(self, time: int) -> int:
        """The export that a time belongs to: its earliest time."""
        if time >= self.export + SAME_EXPORT:
            self.before, self.export = self.export, time
        return min(self.export, time)

    def take(self, total: Total) -> Iterator[Counted]:
        """What the total says, and what is known now of the first ones; none if told again."""
        export = self.at(total.time)
        if self.before and self._first:
            yield from self.settle(self.export - self.before)
        last = self._last.get(total.series)
        if last is not None and total.time <= last.time:
            return
        self._last[total.series] = total
        if last is not None:
            anew = total.value < last.value or 0 < last.start < total.start
            amount = total.value if anew else total.value - last.value
            yield Counted(total, max(last.time, total.start), export, amount)
        elif self.before:
            yield Counted(total, max(self.before, total.start), export, total.value)
        else:
            self._first.append((total, export))

    def settle(self, interval: int = 0) -> Iterator[Counted]:
        """What the first totals counted, if it is known; `interval` is that of the exports."""
        first, self._first = self._first, []
        for total, export in first:
            fits = total.start > 0 and total.time - total.start <= interval * 3 // 2
            within = total.start >= self.begun > 0
            known = total.value if fits or within else None
            yield Counted(total, total.start, export, known)
