"""Burn rate: what is spent in some days over what the budget allows in them.

A rate of 1 uses the budget up on the last day of the month. An alert needs two windows at once:
the long one says that it matters, the short one that it still goes on.

Source: Site Reliability Workbook, chapter 5, multiwindow, multi-burn-rate alerts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from apportion.insight.forecast.month_end import DayMonth, weekday_factors


class BurnRule(NamedTuple):
    """An alert: the rate of both windows, in days, is at least `rate`."""

    code: str
    long: int
    short: int
    rate: float


RULES = (
    BurnRule(code="budget-burn-fast", long=3, short=1, rate=2.5),
    BurnRule(code="budget-burn-slow", long=7, short=1, rate=1.25),
)

WINDOWS = (1, 3, 7)


@dataclass(frozen=True)
class Burn:
    """A budget and how fast it is used: spent so far, what was allowed so far, rates by window."""

    budget: float
    spent: float
    allowed: float
    rates: Mapping[int, float]
    fired: tuple[BurnRule, ...]

    @property
    def rate(self) -> float:
        """That of the month so far."""
        return self.spent / self.allowed if self.allowed else 0.0


def burn(budget: float, earlier: Sequence[DayMonth], now: DayMonth) -> Burn:
    """The burn of the days so far against a month's budget.

    >>> from apportion.domain.period import Period
    >>> even = DayMonth(Period(2026, 9), (10.0,) * 30)
    >>> running = DayMonth(Period(2026, 10), (10.0,) * 10 + (50.0,) * 3)
    >>> [rule.code for rule in burn(310.0, [even], running).fired]
    ['budget-burn-fast', 'budget-burn-slow']
    """
    allowance = allowances(budget, earlier, now)
    known = len(now.days)
    rates = {
        days: _rate(now.days[-days:], allowance[max(0, known - days) : known]) for days in WINDOWS
    }
    fired = tuple(
        rule
        for rule in RULES
        if known >= rule.long and min(rates[rule.long], rates[rule.short]) >= rule.rate
    )
    return Burn(budget, now.total, sum(allowance[:known]), rates, fired)


def _rate(spent: Sequence[float], allowed: Sequence[float]) -> float:
    whole = sum(allowed)
    return sum(spent) / whole if whole > 0 else 0.0


def allowances(budget: float, earlier: Sequence[DayMonth], now: DayMonth) -> list[float]:
    """A month's budget on its days, as the months before lay on theirs. It sums to the budget.

    The first day has what fees usually take of a month; the rest goes by the usual week.
    """
    months = [one for one in earlier[-3:] if one.total > 0]
    days = now.period.span.days
    fees = median(one.days[0] / one.total for one in months) if months else 1 / days
    fees = min(max(fees, 0.0), 1.0)
    dated = [
        (one.period.start + timedelta(days=at), cost)
        for one in months
        for at, cost in enumerate(one.days)
        if at
    ]
    usual = weekday_factors(dated)
    rest = [usual[day.weekday()] or 1e-9 for day in list(now.period.span)[1:]]
    whole = sum(rest)
    return [budget * fees, *(budget * (1 - fees) * one / whole for one in rest)]
