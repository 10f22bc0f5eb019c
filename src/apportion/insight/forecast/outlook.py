"""Months ahead of one history, with intervals, by the method that did best on its own past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import sub
from statistics import fmean

from apportion.domain.period import Period
from apportion.insight.forecast.methods import Method, combined, drift, naive, seasonal_naive
from apportion.insight.forecast.repair import Repaired, repair
from apportion.insight.forecast.season import LEAST as TWO_YEARS
from apportion.insight.forecast.season import YEAR, season
from apportion.insight.forecast.uncertainty import Errors, band

COMBINED = "combined"

BASELINES: Mapping[str, Method] = {
    "seasonal naive": seasonal_naive,
    "drift": drift,
    "naive": naive,
}
"""What a forecast must beat; where it doesn't, the best of them is the forecast."""

ORIGINS = 12
"""How many months of the past are forecast from what was known then."""

LEAST_HISTORY = 6
"""Months before the first that is forecast as a test."""

BETTER = 0.85
"""A baseline stands in where its error is below this part of ours."""

LEVELS = (80, 95)


@dataclass(frozen=True)
class Point:
    """A month ahead: the forecast, and between which bounds it lies with 80 and with 95 %."""

    period: Period
    value: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float


@dataclass(frozen=True)
class Outlook:
    """The months ahead of a history.

    `errors` are by method the WAPE of the months that were forecast as a test; empty where
    the history is too short for any. `seen` says whether a season of the year was seen.
    """

    points: tuple[Point, ...]
    method: str
    errors: Mapping[str, float]
    one_offs: tuple[Period, ...] = ()
    step: Period | None = None
    seen: bool = False
    months: int = 0


def look_ahead(values: Sequence[float], first: Period, ahead: int) -> Outlook:
    """Forecast `ahead` months after a history that begins in the month `first`.

    A history of nothing gives nothing. All costs times k give a forecast times k.
    """
    start = next((at for at, one in enumerate(values) if one), len(values))
    scale = fmean(map(abs, values[start:])) if start < len(values) else 0.0
    if not scale:
        return Outlook(_points(_after(first, len(values)), [0.0] * ahead, None, 0), "naive", {})
    # Nine digits: a cent more or less in a factor mustn't turn a search for an optimum.
    own = tuple(round(one / scale, 9) for one in values[start:])
    begin = _later(first, start)
    made = _tested(own, ahead)
    points = _points(_after(begin, len(own)), made.ahead, made.errors, min(own))
    return Outlook(
        tuple(_scaled(one, scale) for one in points),
        made.method,
        dict(made.wapes),
        tuple(_later(begin, at) for at in made.mended.one_offs),
        None if made.mended.step is None else _later(begin, made.mended.step),
        made.seen,
        len(own),
    )


@dataclass(frozen=True)
class _Tested:
    ahead: tuple[float, ...]
    method: str
    errors: Errors
    wapes: tuple[tuple[str, float], ...]
    mended: Repaired
    seen: bool


@lru_cache(maxsize=4096)
def _tested(values: tuple[float, ...], ahead: int) -> _Tested:
    """Choose a method by what each would have said in the past, and let it speak."""
    made: dict[str, Errors] = {name: Errors() for name in (COMBINED, *BASELINES)}
    off: dict[str, list[float]] = {name: [] for name in made}
    mended = repair(values)
    begin = max(LEAST_HISTORY, len(values) - ORIGINS)
    for origin in range(begin, len(values)):
        known, truth = values[:origin], values[origin : origin + YEAR]
        for name, errors in made.items():
            said = _months_ahead(name, known, len(truth))
            errors.add(said, truth, fmean(map(abs, known)))
            # Nobody is chosen for having repeated a one-off.
            own = map(abs, map(sub, said, mended.plain[origin : origin + YEAR]))
            off[name].append(sum(own))
    wapes = {name: one.wape for name, one in made.items() if one.count}
    method = _choose(off) if wapes else COMBINED
    return _Tested(
        tuple(_months_ahead(method, values, ahead)),
        method,
        made[method],
        tuple(wapes.items()),
        mended,
        bool(season(mended.values)),
    )


def said_ahead(values: Sequence[float], ahead: int) -> float:
    """What our own method says of the month `ahead`, without trying others and without interval."""
    start = next((at for at, one in enumerate(values) if one), len(values))
    if start == len(values):
        return 0.0
    own = values[start:]
    scale = fmean(abs(one) for one in own)
    said = _months_ahead(COMBINED, [round(one / scale, 9) for one in own], ahead)
    return said[ahead - 1] * scale


def _choose(off: Mapping[str, Sequence[float]]) -> str:
    """Ours, unless a baseline was clearly less off on this history.

    The worst fifth of the origins of each is left out: nobody can know on the last day of a
    runaway month that it was one.
    """
    kept = {name: sum(sorted(own)[: max(1, len(own) * 4 // 5)]) for name, own in off.items()}
    best = min(BASELINES, key=lambda name: kept[name])
    return best if kept[best] < BETTER * kept[COMBINED] else COMBINED


def _months_ahead(name: str, values: Sequence[float], ahead: int) -> list[float]:
    """What a method says; ours on a mended history without its season, which comes back after."""
    if name != COMBINED:
        return BASELINES[name](values, ahead)
    mended = repair(values).values
    factors = season(mended)
    if not factors:
        return _floor(combined(mended, ahead), values)
    plain = [one / factors[at % YEAR] for at, one in enumerate(mended)]
    said = combined(plain, ahead)
    back = [one * factors[(len(mended) + at) % YEAR] for at, one in enumerate(said)]
    return _floor(back, values)


def _floor(said: Sequence[float], values: Sequence[float]) -> list[float]:
    """Cost that was never below zero won't be."""
    return [max(one, 0.0) for one in said] if min(values) >= 0 else list(said)


def sees_no_season(months: int) -> bool:
    """Whether a history is too short to tell a season of the year from growth."""
    return months < TWO_YEARS


def _points(
    after: Period, values: Sequence[float], errors: Errors | None, least: float
) -> tuple[Point, ...]:
    points = []
    period = after
    for at, value in enumerate(values):
        bounds = []
        for level in LEVELS:
            size = max(abs(value), 0.1)  # of the mean month, which is 1
            low, high = band(value, size, errors, at + 1, level) if errors else (value, value)
            bounds += [max(low, 0.0) if least >= 0 else low, high]
        points.append(Point(period, value, *bounds))
        period = period.next()
    return tuple(points)


def _scaled(point: Point, scale: float) -> Point:
    own = (point.value, point.low_80, point.high_80, point.low_95, point.high_95)
    return Point(point.period, *(one * scale for one in own))


def _later(period: Period, months: int) -> Period:
    at = period.year * 12 + period.month - 1 + months
    return Period(at // 12, at % 12 + 1)


_after = _later
