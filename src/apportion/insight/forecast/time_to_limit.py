"""When a month's budget is used up, if it goes on as forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from apportion.insight.forecast.month_end import DayMonth, MonthEnd


@dataclass(frozen=True)
class TimeToLimit:
    """The day on which spending passes the budget; None where it doesn't within the month.

    `earliest` and `latest` are the same at the upper and the lower bound of 80 %. `spent` is
    the part of the budget that is used, `forecast` what will be at the month's end.
    """

    budget: float
    spent: float
    forecast: float
    day: date | None
    earliest: date | None
    latest: date | None


def time_to_limit(budget: float, now: DayMonth, end: MonthEnd) -> TimeToLimit:
    """The day on which the budget of the running month is used up, and between which days."""
    days = [_passed(budget, now, end.path, whole) for whole in (end.value, end.high_80, end.low_80)]
    return TimeToLimit(budget, now.total / budget, end.value / budget, *days)


def _passed(budget: float, now: DayMonth, path: tuple[float, ...], whole: float) -> date | None:
    """The first day on which what was spent and what is expected pass the budget."""
    left, expected = whole - now.total, sum(path)
    factor = left / expected if expected else 0.0
    course = accumulate((*now.days, *(one * factor for one in path)))
    return next(
        (now.period.start + timedelta(days=at) for at, one in enumerate(course) if one > budget),
        None,
    )
