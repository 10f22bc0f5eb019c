"""What happened once, and steps to another level, so that neither poisons a forecast.

A month that stands out from those around it and comes back is a one-off (a runaway job, a
refund): the forecast sees what was usual instead. A step that stays is the new level: the
history before it is lifted to it, so that its growth and its season still count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

YEAR = 12

LEAST = 0.25
"""A month within a quarter of those around it is neither a one-off nor a step."""

SPREADS = 4.0
"""How many robust standard deviations a one-off or a step stands out."""

AROUND = 3
"""Months on either side that say what was usual."""

STAYS = 3
"""Months that a step must last to be a new level; before that, nobody can tell."""


@dataclass(frozen=True)
class Repaired:
    """A history as it would have been without one-offs, at today's level.

    `one_offs` are the places of months that were replaced, `step` that of the first month of
    today's level. `plain` is the history without one-offs, its levels as they were.
    """

    values: tuple[float, ...]
    plain: tuple[float, ...]
    one_offs: tuple[int, ...] = ()
    step: int | None = None


def repair(values: Sequence[float]) -> Repaired:
    """Replace one-offs by what was usual around them, and lift what lies before a step.

    The last month is never replaced: whether it comes back isn't known yet.

    >>> repair([100, 102, 104, 290, 108, 110, 112]).one_offs
    (3,)
    >>> repair([100, 101, 99, 100, 200, 202, 198, 201]).step
    4
    """
    one_offs = _one_offs(values)
    mended = list(values)
    for at in one_offs:
        mended[at] = _usual(values, at, one_offs)
    plain = tuple(mended)
    step = _step(mended)
    if step is not None:
        factor = _ratio(mended, step)
        mended = [one * factor if at < step else one for at, one in enumerate(mended)]
    return Repaired(tuple(mended), plain, one_offs, step)


def _around(values: Sequence[float], at: int) -> list[float]:
    return [*values[max(0, at - AROUND) : at], *values[at + 1 : at + 1 + AROUND]]


def spread(values: Sequence[float]) -> float:
    """The robust standard deviation of deviations: 1.4826 × their median size.

    Source: Hampel (1974), The influence curve and its role in robust estimation.
    """
    return 1.4826 * median(abs(one) for one in values) if values else 0.0


def _one_offs(values: Sequence[float]) -> tuple[int, ...]:
    if len(values) < 2 * AROUND:
        return ()
    usual = [median(_around(values, at)) for at in range(len(values))]
    off = [one - own for one, own in zip(values, usual, strict=True)]
    sigma = spread(off)
    return tuple(
        at
        for at in range(1, len(values) - 1)
        if abs(off[at]) > SPREADS * sigma
        and abs(off[at]) > LEAST * abs(usual[at])
        and _comes_back(values, usual[at], off[at], at)
        and not _each_year(off, at)
    )


def _comes_back(values: Sequence[float], usual: float, off: float, at: int) -> bool:
    """Whether the two months before and one of the two after are nearer to what was usual."""
    before, after = values[max(0, at - 2) : at], values[at + 1 : at + 3]
    near = [abs(one - usual) < abs(off) / 2 for one in before]
    return any(near) and any(abs(one - usual) < abs(off) / 2 for one in after)


def _each_year(off: Sequence[float], at: int) -> bool:
    """Whether the same month of another year stood out, too: a season, and no one-off."""
    others = [off[one] for one in (at - YEAR, at + YEAR) if 0 <= one < len(off)]
    return any(one * off[at] > 0 and abs(one) > abs(off[at]) / 3 for one in others)


def _usual(values: Sequence[float], at: int, one_offs: Sequence[int]) -> float:
    """Between the nearest months that aren't one-off themselves."""
    before = next(one for one in range(at - 1, -1, -1) if one not in one_offs)
    after = next(one for one in range(at + 1, len(values)) if one not in one_offs)
    part = (at - before) / (after - before)
    return values[before] * (1 - part) + values[after] * part


def _sides(values: Sequence[float], at: int) -> tuple[Sequence[float], Sequence[float]]:
    return values[max(0, at - 2 * AROUND) : at], values[at : at + 2 * AROUND]


def _ratio(values: Sequence[float], at: int) -> float:
    before, after = _sides(values, at)
    near, far = median(before[-AROUND:]), median(after[:AROUND])
    return far / near if near > 0 < far else 1.0


def _step(values: Sequence[float]) -> int | None:
    """The last place where the level changed for good, in one month, and far more than usual."""
    moves = [abs(b - a) for a, b in pairwise(values)]
    found = None
    for at in range(STAYS, len(values) - STAYS + 1):
        before, after = _sides(values, at)
        low, high = sorted((before, after), key=median)
        jump = abs(values[at] - values[at - 1])
        others = [one for place, one in enumerate(moves) if place != at - 1]
        if (
            min(high) > max(low)
            and min(high) - max(low) > LEAST * abs(median(before))
            and jump > SPREADS * spread(others)
        ):
            found = at
    return found if found is not None and _ratio(values, found) != 1.0 else None
