"""The season of the year: how each calendar month lies to the level of its year.

Seen only where there are two years of history and the years agree; under two years nobody can
tell a season from a growth, and the forecast says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, median

YEAR = 12
LEAST = 2 * YEAR


def season(values: Sequence[float]) -> tuple[float, ...]:
    """Factors of twelve months, the first that of the first value; none where none is seen.

    Classical decomposition: each month over the mean of the year around it, the median by
    calendar month. Shrunk by how much the years agree.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, section 3.4.
    """
    if len(values) < LEAST or min(values) <= 0:
        return ()
    ratios: list[list[float]] = [[] for _ in range(YEAR)]
    for at, own in enumerate(values):
        ratios[at % YEAR].append(own / _year_around(values, at))
    factors = [median(own) for own in ratios]
    if not _agree(ratios, factors):
        return ()
    mean = fmean(factors)
    return tuple(one / mean for one in factors)


def _year_around(values: Sequence[float], at: int) -> float:
    """The level of the twelve months around one; at the ends, of the nearest whole year.

    The trend within the year is taken off, so that the ends don't lean.
    """
    start = min(max(at - YEAR // 2, 0), len(values) - YEAR)
    own = values[start : start + YEAR]
    growth = 0.0
    if len(values) >= LEAST:
        first, last = fmean(values[:YEAR]), fmean(values[-YEAR:])
        growth = (last / first) ** (1 / (len(values) - YEAR)) - 1
    return float(fmean(own) * (1 + growth) ** (at - start - (YEAR - 1) / 2))


def _agree(ratios: Sequence[Sequence[float]], factors: Sequence[float]) -> bool:
    """Whether calendar months differ by more than the years of one month do: F of two to one."""
    within = [one - factor for own, factor in zip(ratios, factors, strict=True) for one in own]
    free = sum(len(own) for own in ratios) - YEAR
    noise = sqrt(sum(one * one for one in within) / max(free, 1))
    signal = sqrt(sum((one - fmean(factors)) ** 2 for one in factors) / (YEAR - 1))
    return signal > NOTICED and signal > CLEAR * noise


NOTICED = 0.03
"""A season of less than three per cent isn't looked at."""

CLEAR = 1.0
"""How much the months must differ, as a multiple of how much the years do."""
