"""Which days of which tracks aren't usual: windows of one day to four weeks, day after day.

Each day is judged by what was known on it, so that an alert is the same however much came later.
A sudden excess shows in one day, a slow one in four weeks. What was flagged doesn't become
usual, until it has gone on for four weeks: then it is the new level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from apportion.insight.anomaly.tracks import Channel, Depth, Laid
from apportion.insight.anomaly.usual import HISTORY, LEAST, RECENT, Usual, usual

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from apportion.insight.anomaly.tracks import Matrix

    Flags = npt.NDArray[np.bool_]

WINDOWS = (1, 3, 7, 14, 28)

BEYOND = {1: 0.5, 3: 0.4, 7: 0.3, 14: 0.25, 28: 0.25}
"""By window: the part of the usual by which it must be exceeded."""

RECORD = 1.15
"""Times what as many days in a row ever cost before: the beginning of a month is none."""

LASTS = 28
"""Days after which an excess that goes on is the new level."""

WORSE = 2.0
"""Times the worst day of an episode that a day must be beyond to be a matter of its own."""

CALM = 3
"""Usual days in a row that end an episode."""


@dataclass(frozen=True)
class Sensitivity:
    """What is worth an alert: an excess of `least` money, and of a part of the owner's cost.

    `spreads` is how many robust standard deviations an excess must be; `part` the least part
    of what its owner spent in four weeks.
    """

    least: float = 100.0
    spreads: float = 6.0
    part: float = 0.005


class Episode(NamedTuple):
    """Days in a row on which a track cost more than usual.

    Columns of the first and last day, and of the day on which it was noticed; by day, what was
    beyond the usual.
    """

    track: int
    first: int
    noticed: int
    last: int
    extra: tuple[float, ...]
    open: bool


@dataclass
class _Open:
    first: int
    noticed: int
    extra: dict[int, float]
    calm: int = 0


def detect(laid: Laid, begin: int, sensitivity: Sensitivity) -> tuple[Episode, ...]:
    """The episodes of all tracks, judged day by day from the column `begin`."""
    watch = _Watch(laid, sensitivity)
    for at in range(max(begin, LEAST), laid.days):
        watch.judge(at)
    return tuple(watch.ended())


class _Watch:
    """The days so far, without what was flagged, and the episodes that are open."""

    def __init__(self, laid: Laid, sensitivity: Sensitivity) -> None:
        import numpy as np

        self.laid, self.sensitivity = laid, sensitivity
        self.clean = laid.amounts.copy()
        self.weekday = laid.first.weekday()
        self.open: dict[int, _Open] = {}
        self.closed: list[Episode] = []
        self.items = np.array([one.depth is Depth.ITEM for one in laid.tracks], dtype=bool)
        self.services = np.array(_services(laid), dtype=int)
        self.spend = _spend(laid)

    def judge(self, at: int) -> None:
        """One day: what goes on, what ends, and what is new."""
        today = usual(self.clean, at, 1, self.weekday)
        for row in list(self.open):
            self._go_on(row, at, today)
        for length in WINDOWS:
            if at + 1 - length < LEAST:
                break
            was = today if length == 1 else usual(self.clean, at + 1 - length, length, self.weekday)
            for row in self._flagged(at, length, was):
                if row not in self.open:
                    self._begin(row, at, length, was)
                elif length == 1 and self._worse(row, at, was):
                    self._end(row, open_=False)
                    self._begin(row, at, length, was)

    def _flagged(self, at: int, length: int, was: Usual) -> list[int]:
        import numpy as np

        window = self.clean[:, at + 1 - length : at + 1]
        total = window.sum(axis=1)
        excess = total - was.total
        least = np.maximum(self.sensitivity.least, self.sensitivity.part * self.spend[:, at])
        found: Flags = (
            (excess > least)
            & (excess > self.sensitivity.spreads * was.spread * length**0.75)
            & (excess > BEYOND[length] * was.total)
            & (total > RECORD * was.record)
            # The last day counts, too: an excess that is over was judged when it was there.
            & (window[:, -1] > was.days[:, -1])
            & self._has_history(at + 1 - length, excess)
        )
        return [int(row) for row in np.flatnonzero(found)]

    def _has_history(self, start: int, excess: Matrix) -> Flags:
        """What may be judged: a thing only once it was there for weeks, by itself.

        A kind that is new counts where its whole service got dearer by half of it: else it took
        another's place. Nothing is judged in the first four weeks of its source.
        """
        before = self.laid.amounts[:, max(0, start - HISTORY) : start]
        lasting: Flags = (before > 0).sum(axis=1) >= LEAST
        adds: Flags = ~self.items & (excess[self.services] > excess / 2)
        known: Flags = (self.laid.known == 0) | (start - self.laid.known >= RECENT)
        found: Flags = (lasting | adds) & known
        return found

    def _begin(self, row: int, at: int, length: int, was: Usual) -> None:
        days = range(at + 1 - length, at + 1)
        extra = {
            day: float(self.laid.amounts[row, day] - was.days[row, number])
            for number, day in enumerate(days)
        }
        raised = [
            day
            for number, day in enumerate(days)
            if extra[day] > max(was.spread[row], 0.2 * was.days[row, number])
        ]
        first = raised[0] if raised else at
        for number, day in enumerate(days):
            if day >= first:
                self.clean[row, day] = min(self.clean[row, day], was.days[row, number])
        kept = {day: one for day, one in extra.items() if day >= first}
        self.open[row] = _Open(first, at, kept)

    def _go_on(self, row: int, at: int, today: Usual) -> None:
        episode = self.open[row]
        expected, spread = float(today.days[row, 0]), float(today.spread[row])
        amount = float(self.laid.amounts[row, at])
        if self._worse(row, at, today):
            return  # a matter of its own, if it is flagged
        if amount > expected + max(2 * spread, 0.2 * expected):
            episode.extra[at] = amount - expected
            episode.calm = 0
            self.clean[row, at] = expected
        else:
            episode.calm += 1
        if episode.calm >= CALM:
            self._end(row, open_=False)
        elif at - episode.first >= LASTS:
            self._end(row, open_=False)
            self.clean[row, at + 1 - LASTS : at + 1] = self.laid.amounts[
                row, at + 1 - LASTS : at + 1
            ]

    def _worse(self, row: int, at: int, today: Usual) -> bool:
        """Whether a day is so far beyond an open episode that it is another matter."""
        peak = max(one for day, one in self.open[row].extra.items())
        extra = float(self.laid.amounts[row, at] - today.days[row, 0])
        return at not in self.open[row].extra and extra > WORSE * peak + self.sensitivity.least

    def _end(self, row: int, *, open_: bool) -> None:
        episode = self.open.pop(row)
        last = max(episode.extra)
        extra = tuple(episode.extra.get(day, 0.0) for day in range(episode.first, last + 1))
        self.closed.append(Episode(row, episode.first, episode.noticed, last, extra, open_))

    def ended(self) -> Iterator[Episode]:
        """All episodes, those that go on included, in the order of their days."""
        for row in list(self.open):
            self._end(row, open_=True)
        yield from sorted(self.closed, key=lambda one: (one.first, one.track))


def _services(laid: Laid) -> list[int]:
    """By track: the row of its service."""
    rows = {one[:3]: row for row, one in enumerate(laid.tracks) if one.depth is Depth.SERVICE}
    return [rows[one[:3]] for one in laid.tracks]


def _spend(laid: Laid) -> Matrix:
    """By track and day: what its owner spent in the four weeks before, all services together."""
    import numpy as np

    owners: dict[tuple[Channel, str], Matrix] = {}
    for row, track in enumerate(laid.tracks):
        if track.depth is Depth.SERVICE:
            at = track.channel, track.owner
            owners[at] = owners.get(at, np.zeros(laid.days)) + np.maximum(laid.amounts[row], 0)
    sums = {at: _four_weeks(own) for at, own in owners.items()}
    empty = np.zeros(laid.days)
    return np.array([sums.get((one.channel, one.owner), empty) for one in laid.tracks]).reshape(
        len(laid.tracks), laid.days
    )


def _four_weeks(own: Matrix) -> Matrix:
    """At each day the sum of the 28 days before, as much as if all of them were known."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(own)])
    found = np.zeros(len(own))
    for at in range(1, len(own)):
        start = max(0, at - 28)
        found[at] = (sums[at] - sums[start]) * 28 / (at - start)
    return found
