"""New cost that runs on: a thing nobody knew that costs the same day and night, and adds to it.

An endpoint that was left on is too small to be seen in its service, and never was usual.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from apportion.insight.anomaly.detect import Episode, Sensitivity
from apportion.insight.anomaly.tracks import Depth, Laid

if TYPE_CHECKING:
    from apportion.insight.anomaly.tracks import Matrix

RUNS = 7
"""Days in a row that a thing must run to be steady."""

KNOWN = 35
"""Days before its first that must be known, or nobody can say that it is new."""

STEADY = 0.3
"""The most that its days may differ from each other, as a part of their mean."""

NORMAL = 2
"""More new things than this in nine weeks are how the service is used."""

MONTH = 28


def new_cost(laid: Laid, begin: int, sensitivity: Sensitivity) -> tuple[Episode, ...]:
    """Things that began, run steadily, and make their service dearer than it was before."""
    born: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    found: list[Episode] = []
    services = {
        (one.channel, one.owner, one.service): row
        for row, one in enumerate(laid.tracks)
        if one.depth is Depth.SERVICE
    }
    starts = sorted(
        (first, row) for row, first in _first_days(laid) if first - laid.known[row] >= KNOWN
    )
    for first, row in starts:
        track = laid.tracks[row]
        whole = services[track.channel, track.owner, track.service]
        at = track.channel, track.owner, track.service
        if first + RUNS > laid.days or not _steady(laid.amounts[row, first : first + RUNS]):
            continue
        earlier = sum(first - one < 63 for one in born[at])
        born[at].append(first)
        if first + RUNS - 1 < begin or earlier >= NORMAL:
            continue
        if _matters(laid, row, whole, first, sensitivity):
            found.append(_episode(laid, row, first))
    return tuple(found)


def _first_days(laid: Laid) -> list[tuple[int, int]]:
    import numpy as np

    rows = [row for row, one in enumerate(laid.tracks) if one.depth is Depth.ITEM]
    costs = [(row, np.flatnonzero(laid.amounts[row] > 0)) for row in rows]
    return [(row, int(days[0])) for row, days in costs if len(days)]


def _steady(days: Matrix) -> bool:
    rest = days[1:]  # the first day is rarely whole
    mean = float(rest.mean())
    return bool(mean > 0 and float(rest.min()) > 0 and float(rest.std()) < STEADY * mean)


def _matters(laid: Laid, row: int, whole: int, first: int, sensitivity: Sensitivity) -> bool:
    """Whether a month of it is worth an alert, and its service got dearer by about as much."""
    import numpy as np

    own = float(laid.amounts[row, first + 1 : first + RUNS].mean())
    before = laid.amounts[whole, first - MONTH : first]
    after = laid.amounts[whole, first + 1 : first + RUNS]
    rise = float(np.mean(after)) - float(np.mean(before))
    owner = laid.tracks[row].owner
    spend = sum(
        float(laid.amounts[other, first - MONTH : first].sum())
        for other, track in enumerate(laid.tracks)
        if track.depth is Depth.SERVICE and track.owner == owner
    )
    least = max(sensitivity.least, sensitivity.part * spend)
    return own * MONTH > least and rise > own / 2


def _episode(laid: Laid, row: int, first: int) -> Episode:
    days = laid.amounts[row, first : first + MONTH]
    over = next((at for at, one in enumerate(days) if at >= RUNS and one <= 0), len(days))
    extra = tuple(float(one) for one in days[:over])
    goes_on = first + over >= laid.days
    return Episode(row, first, first + RUNS - 1, first + over - 1, extra, goes_on)
