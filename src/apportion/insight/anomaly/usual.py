"""What was usual before a window of days, for all tracks at once: level, week and spread.

Medians throughout: a day, or a week, that went wrong doesn't make itself usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from apportion.insight.anomaly.tracks import Matrix

HISTORY = 63
"""Days before a window that say what is usual: nine weeks, with two beginnings of a month."""

RECENT = 28
"""Days whose median is the level."""

LEAST = 14
"""Days that must be known before anything is judged."""

FLOOR = 0.05
"""Spread is at least this part of the level: nothing is steadier than that by luck."""


class Usual(NamedTuple):
    """By track: what the days of a window would usually cost, the spread of a day, the record.

    `days` has a column for each day; `record` is the most that as many days in a row cost
    before.
    """

    days: Matrix
    spread: Matrix
    record: Matrix

    @property
    def total(self) -> Matrix:
        found: Matrix = self.days.sum(axis=1)
        return found


def usual(clean: Matrix, start: int, length: int, weekday: int) -> Usual:
    """What is usual for `length` days from the column `start`, by the days before it.

    `weekday` is that of the first column, Monday being 0.
    """
    import numpy as np

    history = clean[:, max(0, start - HISTORY) : start]
    shift = (weekday + max(0, start - HISTORY)) % 7
    factors = _week(history, shift)
    count = history.shape[1]
    days = (shift + np.arange(count)) % 7
    plain = history / np.maximum(factors[:, days], 0.05)
    level = _level(plain[:, -RECENT:])
    ahead = (shift + count + np.arange(length)) % 7
    expected = level[:, None] * factors[:, ahead]
    return Usual(expected, _spread(history, level), _record(history, length))


def _level(recent: Matrix) -> Matrix:
    """The median day; of what comes and goes the mean, its dearest days cut off."""
    import numpy as np

    middle = np.median(recent, axis=1)
    seldom = (recent <= 0).mean(axis=1) > SELDOM
    cut = np.quantile(recent, 0.9, axis=1)
    mean = np.minimum(recent, cut[:, None]).mean(axis=1)
    found: Matrix = np.where(seldom, np.maximum(mean, middle), middle)
    return found


SELDOM = 0.3
"""With more days without cost than this, a track comes and goes."""


def _week(history: Matrix, shift: int) -> Matrix:
    """How each weekday lies to the usual day; 1 under three weeks."""
    import numpy as np

    factors = np.ones((history.shape[0], 7))
    if history.shape[1] < 21:
        return factors
    whole = np.median(history, axis=1)
    some = whole > 0
    days = (shift + np.arange(history.shape[1])) % 7
    for weekday in range(7):
        own = np.median(history[:, days == weekday], axis=1)
        factors[some, weekday] = np.clip(own[some] / whole[some], 0.05, 5.0)
    return factors


def _spread(history: Matrix, level: Matrix) -> Matrix:
    """The robust spread of a day, by the change from the same weekday a week before.

    Such changes know neither the week nor a slow trend. By their median, and where a tenth of
    them are far larger than that, by those: jobs are no two alike.
    """
    import numpy as np

    if history.shape[1] <= 7:
        return np.maximum(FLOOR * level, 1e-9)
    moves = np.abs(history[:, 7:] - history[:, :-7])
    robust = 1.4826 * np.median(moves, axis=1)
    tail = np.quantile(moves, 0.9, axis=1) / 1.645
    found: Matrix = np.maximum(np.maximum(robust, tail) / np.sqrt(2), FLOOR * level)
    return np.maximum(found, 1e-9)


def _record(history: Matrix, length: int) -> Matrix:
    import numpy as np

    if history.shape[1] < length:
        return np.zeros(history.shape[0])
    sums = np.cumsum(np.pad(history, ((0, 0), (1, 0))), axis=1)
    found: Matrix = (sums[:, length:] - sums[:, :-length]).max(axis=1)
    return found
