"""What the running month will have cost at its end, from its days so far.

Several views are taken, each of them a simple one, and weighed by how near they came in earlier
months on the same day of the month. How far the mixture was off then is the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, median

from apportion.domain.period import Period
from apportion.insight.forecast.uncertainty import quantile

RECENT, LAST = 28, 7
"""Days that say what a day costs now."""

EARLIER = 6
"""Earlier months that are looked at as a test."""

SURE = 0.02
"""No view is trusted to be nearer than this."""


@dataclass(frozen=True)
class DayMonth:
    """A month's cost day by day; of the running month, the days so far."""

    period: Period
    days: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.days)

    def until(self, days: int) -> DayMonth:
        return DayMonth(self.period, self.days[:days])


@dataclass(frozen=True)
class MonthEnd:
    """The forecast of a running month: what is spent, and what the whole will be.

    `errors` are by view its mean relative error on the same day of earlier months. `path` is
    what each day that is left is expected to cost.
    """

    period: Period
    as_of: date
    spent: float
    value: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float
    errors: Mapping[str, float]
    path: tuple[float, ...] = ()


View = Callable[[Sequence[DayMonth], DayMonth], float]
"""Earlier months and the days so far; the whole month."""


def month_end(
    earlier: Sequence[DayMonth], now: DayMonth, ahead: float | None, seen: Sequence[float] = ()
) -> MonthEnd:
    """Forecast a running month.

    `ahead` is what months past alone say of it, and `seen` what they said of the last of the
    earlier months, in their order; without them only days speak.
    """
    known = len(now.days)
    tests = _tests(earlier, known, seen)
    errors = {name: _error(pairs) for name, pairs in tests.items()}
    views = {name: view(earlier, now) for name, view in VIEWS.items()}
    if ahead is not None:
        views[MONTHS] = max(ahead, now.total) if ahead >= 0 else ahead
    weights = _weights(errors, views)
    value = sum(weights[name] * one for name, one in views.items())
    left = now.period.span.days - known
    size = max(abs(value), abs(now.total)) * left / now.period.span.days
    count = max((len(pairs) for pairs in tests.values()), default=0)
    wide = size * _scale(tests, weights, now, count)
    bounds = {level: wide * quantile(level, count + 2) for level in (80, 95)}
    floor = (
        now.total
        if min((min(one.days, default=0) for one in (*earlier, now)), default=0) >= 0
        else None
    )

    def low(level: int) -> float:
        found = value - bounds[level]
        return found if floor is None else max(found, floor)

    return MonthEnd(
        now.period,
        now.period.start + timedelta(days=max(known - 1, 0)),
        now.total,
        value if floor is None else max(value, floor),
        low(80),
        value + bounds[80],
        low(95),
        value + bounds[95],
        errors,
        _path(earlier, now, value),
    )


MONTHS = "months before"


def _tests(
    earlier: Sequence[DayMonth], known: int, seen: Sequence[float]
) -> dict[str, list[tuple[float, float]]]:
    """By view, what it would have said of earlier months on the same day, and what came."""
    made: dict[str, list[tuple[float, float]]] = {name: [] for name in VIEWS}
    for at in range(max(1, len(earlier) - EARLIER), len(earlier)):
        month = earlier[at]
        for name, view in VIEWS.items():
            made[name].append((view(earlier[:at], month.until(known)), month.total))
    count = min(len(seen), EARLIER)
    if count and len(earlier) >= count:
        months = earlier[len(earlier) - count :]
        pairs = zip(list(seen)[-count:], months, strict=True)
        made[MONTHS] = [(one, month.total) for one, month in pairs]
    return made


def _error(pairs: Sequence[tuple[float, float]]) -> float:
    """The root of the mean squared relative error; unknown is taken for a tenth."""
    if not pairs:
        return 0.1
    size = fmean(abs(came) for _, came in pairs) or 1.0
    return sqrt(fmean(((came - said) / size) ** 2 for said, came in pairs))


def _weights(errors: Mapping[str, float], views: Mapping[str, float]) -> dict[str, float]:
    raw = {name: 1 / (errors.get(name, 0.1) ** 2 + SURE**2) for name in views}
    whole = sum(raw.values())
    return {name: one / whole for name, one in raw.items()}


def _scale(
    tests: Mapping[str, Sequence[tuple[float, float]]],
    weights: Mapping[str, float],
    now: DayMonth,
    count: int,
) -> float:
    """How far the mixture was off, relative to the part of the month that is left."""
    left = max(now.period.span.days - len(now.days), 1) / now.period.span.days
    offs = []
    for back in range(1, count + 1):
        own = {name: pairs[-back] for name, pairs in tests.items() if len(pairs) >= back}
        whole = sum(weights.get(name, 0) for name in own)
        came = next(iter(own.values()))[1]
        if whole and came:
            said = sum(weights.get(name, 0) * one for name, (one, _) in own.items()) / whole
            offs.append((came - said) / (abs(came) * left))
    prior, weight = 0.1, 2  # before any month was tested: a tenth of what is left
    return sqrt((sum(one * one for one in offs) + weight * prior**2) / (len(offs) + weight))


def _by_ratio(earlier: Sequence[DayMonth], now: DayMonth) -> float:
    """As complete as earlier months were on this day."""
    parts = [one.until(len(now.days)).total / one.total for one in earlier[-EARLIER:] if one.total]
    part = median(parts) if parts else len(now.days) / now.period.span.days
    return now.total / part if part > 0.02 else _by_rest(earlier, now)


def _by_rest(earlier: Sequence[DayMonth], now: DayMonth) -> float:
    """What earlier months cost after this day, a day."""
    known = len(now.days)
    left = now.period.span.days - known
    rests = [
        sum(one.days[known:]) / (len(one.days) - known)
        for one in earlier[-3:]
        if len(one.days) > known
    ]
    return now.total + left * (median(rests) if rests else _rate(earlier, now, RECENT))


def _by_days(last: int) -> View:
    """On at the rate of the last days, each weekday at its own."""

    def view(earlier: Sequence[DayMonth], now: DayMonth) -> float:
        return now.total + sum(_days_left(earlier, now, last))

    return view


VIEWS: Mapping[str, View] = {
    "share of the month": _by_ratio,
    "rest of earlier months": _by_rest,
    "last four weeks": _by_days(RECENT),
    "last week": _by_days(LAST),
}


def _dated(earlier: Sequence[DayMonth], now: DayMonth) -> list[tuple[date, float]]:
    """Days before, the first of each month left out: that is where fees fall."""
    return [
        (month.period.start + timedelta(days=at), one)
        for month in (*earlier[-3:], now)
        for at, one in enumerate(month.days)
        if at
    ]


def _rate(earlier: Sequence[DayMonth], now: DayMonth, last: int) -> float:
    own = [one for _, one in _dated(earlier, now)[-last:]]
    return median(own) if own else fmean(now.days or [0.0])


def _days_left(earlier: Sequence[DayMonth], now: DayMonth, last: int) -> list[float]:
    days = _dated(earlier, now)
    usual = weekday_factors(days)
    own = [one / usual[day.weekday()] for day, one in days[-last:] if usual[day.weekday()] > 0.05]
    rate = median(own) if own else _rate(earlier, now, last)
    first = now.period.start + timedelta(days=len(now.days))
    left = range(now.period.span.days - len(now.days))
    return [rate * usual[(first + timedelta(days=at)).weekday()] for at in left]


def weekday_factors(days: Sequence[tuple[date, float]]) -> list[float]:
    """How each weekday lies to the usual day, Monday first; 1 where too few are known."""
    whole = median(one for _, one in days) if days else 0.0
    factors = []
    for weekday in range(7):
        own = [one for day, one in days if day.weekday() == weekday]
        factors.append(median(own) / whole if len(own) >= 3 and whole > 0 else 1.0)
    return [max(one, 0.0) for one in factors]


def _path(earlier: Sequence[DayMonth], now: DayMonth, value: float) -> tuple[float, ...]:
    """The rest of the month on its days, by the usual week."""
    days = _days_left(earlier, now, RECENT)
    whole = sum(days)
    left = value - now.total
    if not whole:
        return tuple([left / len(days)] * len(days)) if days else ()
    return tuple(left * one / whole for one in days)
