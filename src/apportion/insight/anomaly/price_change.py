"""Prices that changed: the same thing, dearer by the unit from one day on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apportion.insight.anomaly.detect import Episode, Sensitivity
from apportion.insight.anomaly.tracks import Channel, Depth, Laid

if TYPE_CHECKING:
    from apportion.insight.anomaly.tracks import Matrix

LEAST = 14
"""Days with a price before, by which a change is judged."""

STAYS = 3
"""Days in a row on which the new price must stand."""

CHANGE = 0.05
"""A change of less than five per cent is no change."""

SPREADS = 6.0
MONTH = 28


def price_changes(laid: Laid, begin: int, sensitivity: Sensitivity) -> tuple[Episode, ...]:
    """Kinds of things whose price went up and stays, where a month of it matters."""
    found = []
    for row, track in enumerate(laid.tracks):
        if track.depth is Depth.KIND and track.channel is Channel.SPEND:
            episode = _of_track(laid, row, begin, sensitivity)
            if episode:
                found.append(episode)
    return tuple(found)


def _of_track(laid: Laid, row: int, begin: int, sensitivity: Sensitivity) -> Episode | None:
    import numpy as np

    amounts, quantities = laid.amounts[row], laid.quantities[row]
    days = np.flatnonzero((quantities > 0) & (amounts > 0))
    prices = amounts[days] / quantities[days]
    for at in range(LEAST, len(days) - STAYS + 1):
        if days[at + STAYS - 1] < begin:
            continue
        before, now = prices[max(0, at - 42) : at], prices[at : at + STAYS]
        price = float(np.median(before))
        spread = 1.4826 * float(np.median(np.abs(before - price)))
        if float(now.min()) - price > max(CHANGE * price, SPREADS * spread):
            first = int(days[at])
            daily = float(np.mean(quantities[max(0, first - MONTH) : first]))
            rise = (float(np.median(now)) - price) * daily * MONTH
            if rise > max(sensitivity.least, sensitivity.part * _spend(laid, row, first)):
                return _episode(laid, row, first, int(days[at + STAYS - 1]), price)
    return None


def _spend(laid: Laid, row: int, first: int) -> float:
    owner = laid.tracks[row].owner
    return sum(
        float(laid.amounts[other, max(0, first - MONTH) : first].sum())
        for other, track in enumerate(laid.tracks)
        if track.depth is Depth.SERVICE and track.owner == owner and track.channel is Channel.SPEND
    )


def _episode(laid: Laid, row: int, first: int, noticed: int, price: float) -> Episode:
    """What the price added, for four weeks; then it is the price."""
    last = min(first + MONTH, laid.days) - 1
    own = slice(first, last + 1)
    extra: Matrix = laid.amounts[row, own] - price * laid.quantities[row, own]
    return Episode(
        row, first, noticed, last, tuple(float(max(one, 0.0)) for one in extra),
        last == laid.days - 1,
    )  # fmt: skip
