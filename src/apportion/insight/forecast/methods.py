"""How months ahead follow from months past: the baselines, and what must beat them.

The smoothing is that of statsmodels. Each method takes a history and says the next months.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from math import exp, log
from statistics import fmean
from typing import Any

from apportion.errors import UsageError

YEAR = 12

Method = Callable[[Sequence[float], int], list[float]]
"""A history and how many months ahead; that many months."""


def naive(values: Sequence[float], ahead: int) -> list[float]:
    """As the last month.

    >>> naive([1, 2, 4], 2)
    [4, 4]
    """
    return [values[-1]] * ahead


def seasonal_naive(values: Sequence[float], ahead: int) -> list[float]:
    """As the same month a year before; as the last month under a year.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, section 5.2.
    """
    if len(values) < YEAR:
        return naive(values, ahead)
    return [values[len(values) - YEAR + at % YEAR] for at in range(ahead)]


def drift(values: Sequence[float], ahead: int) -> list[float]:
    """On along the line from the first month to the last one.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, section 5.2.

    >>> drift([1, 2, 3], 2)
    [4.0, 5.0]
    """
    if len(values) < 2:
        return naive(values, ahead)
    slope = (values[-1] - values[0]) / (len(values) - 1)
    return [values[-1] + slope * (at + 1) for at in range(ahead)]


def combined(values: Sequence[float], ahead: int) -> list[float]:
    """The mean of four simple methods, in logarithms where all is above zero.

    Simple smoothing, that with half the trend added (Theta), Holt's with a damped trend, and
    the line of least squares on from the level. Where a line explains most of the history, the
    first, which knows no trend, is left out.
    What comes in some months only is expected as the mean of a year: when it comes, nobody knows.
    Source: Makridakis et al. (2020), The M4 competition: combinations of simple methods.
    """
    if len(values) < 4:
        return naive(values, ahead)
    if sum(not one for one in values) > len(values) * SELDOM:
        return [fmean(values[-12:])] * ahead
    if min(values) <= 0:
        return _combined(values, ahead)
    logs = _combined([log(one) for one in values], ahead)
    ceiling = log(max(values)) + log(10)  # nothing grows tenfold by a trend of a few months
    return [exp(min(one, ceiling)) for one in logs]


SELDOM = 0.2
"""With more months without cost than this, a history comes and goes."""


def _combined(values: Sequence[float], ahead: int) -> list[float]:
    level, alpha = smoothed(values)
    trend = slope(values)
    theta = [level + trend / 2 * (at + 1 / alpha) for at in range(ahead)]
    line = [level + trend * (at + 1 / alpha) for at in range(ahead)]
    damped = holt_damped(values, ahead, alpha)
    flat = [] if straight(values) else [level]
    return [fmean((*flat, *three)) for three in zip(theta, damped, line, strict=True)]


STRAIGHT = 0.7
"""The part of the variance that a line explains of a history with a trend."""


def straight(values: Sequence[float]) -> bool:
    """Whether the last year lies on a line: its trend is more than its noise."""
    own = values[-12:]
    mean, middle = fmean(own), (len(own) - 1) / 2
    whole = sum((one - mean) ** 2 for one in own)
    line = slope(own) ** 2 * sum((at - middle) ** 2 for at in range(len(own)))
    return len(own) >= 8 and whole > 0 and line > STRAIGHT * whole


def slope(values: Sequence[float]) -> float:
    """The slope of the line of least squares."""
    middle, mean = (len(values) - 1) / 2, fmean(values)
    over = sum((at - middle) * (one - mean) for at, one in enumerate(values))
    return over / sum((at - middle) ** 2 for at in range(len(values)))


def smoothed(values: Sequence[float]) -> tuple[float, float]:
    """The level of simple exponential smoothing, and how much it heeds the last month."""
    if max(values) == min(values):
        return values[-1], 1.0
    fitted = _statsmodels().SimpleExpSmoothing(
        _array(values), initialization_method="known", initial_level=fmean(values[:3])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a flat optimum is no fault
        found = fitted.fit()
    alpha = min(max(float(found.params["smoothing_level"]), 0.1), 1.0)
    return float(found.forecast(1)[0]), alpha


EARLY = 4
"""Months at the beginning from which the first trend is taken; no history is shorter."""

PHI, BETA = 0.9, 0.1
"""How a trend is damped each month, and how much of it is learnt from each."""


def holt_damped(values: Sequence[float], ahead: int, alpha: float) -> list[float]:
    """Holt's smoothing with a damped trend.

    Source: Gardner & McKenzie (1985), Forecasting trends in time series.
    """
    if max(values) == min(values):
        return naive(values, ahead)
    model = _statsmodels().ExponentialSmoothing(
        _array(values),
        trend="add",
        damped_trend=True,
        initialization_method="known",
        initial_level=values[0],
        initial_trend=(values[EARLY - 1] - values[0]) / (EARLY - 1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(
            smoothing_level=alpha, smoothing_trend=BETA, damping_trend=PHI, optimized=False
        )
    return [float(one) for one in found.forecast(ahead)]


def _array(values: Sequence[float]) -> object:
    import numpy as np

    return np.asarray(values, dtype=float)


def _statsmodels() -> Any:
    """The kept library that smooths; raises UsageError where it isn't installed."""
    try:
        from statsmodels.tsa import holtwinters
    except ImportError as absent:
        raise UsageError(
            "forecasts need statsmodels, which isn't installed",
            hint="install the extra: `pip install 'apportion[forecast]'`",
        ) from absent
    return holtwinters
