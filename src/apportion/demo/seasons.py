"""Growth over months and the rhythm of the year, the month and the week, in whole per mille.

Integers keep a month's quantities the same on every machine.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

ONE = 1000


class Season(StrEnum):
    """How demand moves: always on, office hours, shops, research deadlines, month ends."""

    STEADY = "steady"
    OFFICE = "office"
    RETAIL = "retail"
    RESEARCH = "research"
    MONTH_END = "month end"


_YEAR = {
    Season.RETAIL: (880, 850, 920, 940, 980, 960, 930, 960, 1020, 1120, 1480, 1620),
    Season.RESEARCH: (980, 1120, 1180, 1090, 1000, 900, 820, 800, 1080, 1150, 1020, 760),
    Season.OFFICE: (1000, 1000, 1020, 1000, 990, 980, 880, 840, 1010, 1030, 1020, 800),
}
_WEEKEND = {Season.OFFICE: 60, Season.RESEARCH: 780, Season.RETAIL: 1120}


def rhythm(season: Season, day: date) -> int:
    """Demand on a day in per mille of the usual.

    >>> rhythm(Season.OFFICE, date(2026, 10, 3)), rhythm(Season.STEADY, date(2026, 10, 3))
    (61, 1000)
    """
    of_week = _WEEKEND.get(season, ONE) if day.weekday() >= 5 else ONE
    of_month = 1350 if season is Season.MONTH_END and day.day >= 26 else ONE
    return of_year(season, day.month) * of_week * of_month // ONE**2


def of_year(season: Season, month: int) -> int:
    """Demand in a calendar month in per mille of the usual."""
    return _YEAR.get(season, (ONE,) * 12)[month - 1]


def growth(rate: int, months: int) -> int:
    """Compound growth after some months at a monthly rate, in per mille, cut down each month.

    >>> growth(20, 12)
    1262
    """
    grown = ONE
    for _ in range(months):
        grown = grown * (ONE + rate) // ONE
    return grown
