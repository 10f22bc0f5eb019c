"""Forecasts that are kept, so that it shows afterwards how good they were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from apportion.domain.budget import BudgetOwner
from apportion.domain.period import Period


@dataclass(frozen=True, order=True)
class ForecastLine:
    """What an owner is expected to cost in a month, in minor units, with its band if there is one.

    `owner` is None for the whole bill.
    """

    owner: BudgetOwner | None
    month: Period
    units: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Forecast:
    """A version of a forecast against a budget; `method` says how it was made."""

    budget: str
    number: int
    currency: str
    method: str
    lines: tuple[ForecastLine, ...]
    author: str
    at: datetime


def accuracy(forecast: int, actual: int) -> Fraction | None:
    """1 - |forecast - actual| ÷ actual; None where nothing was spent.

    Source: FinOps KPI library, forecast accuracy.

    >>> accuracy(90, 100), accuracy(5, 0)
    (Fraction(9, 10), None)
    """
    return None if actual == 0 else 1 - Fraction(abs(forecast - actual), abs(actual))


def wape(pairs: Iterable[tuple[int, int]]) -> Fraction | None:
    """Weighted absolute percentage error: Σ|forecast - actual| ÷ Σ|actual|; None without cost.

    >>> wape([(90, 100), (60, 50)])
    Fraction(2, 15)
    """
    found = tuple(pairs)
    whole = sum(abs(actual) for _, actual in found)
    return Fraction(sum(abs(f - a) for f, a in found), whole) if whole else None
