"""How good forecasts were: the measures of FinOps, each with its formula.

Source: FinOps Framework, Forecasting capability; reference of the project, governance, section 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Said(NamedTuple):
    """What was said of a month, and what it cost; `before` is what was said a month earlier."""

    forecast: float
    actual: float
    before: float | None = None


def forecast_accuracy(said: Said) -> float | None:
    """1 - |forecast - actual| ÷ actual; below zero where it was off by more than all of it.

    >>> forecast_accuracy(Said(90, 100))
    0.9
    """
    return 1 - abs(said.forecast - said.actual) / said.actual if said.actual else None


def signed_variance(said: Said) -> float | None:
    """(actual - forecast) ÷ forecast: above zero where it cost more than was said.

    >>> signed_variance(Said(80, 100))
    0.25
    """
    return (said.actual - said.forecast) / said.forecast if said.forecast else None


def wape(many: Sequence[Said]) -> float | None:
    """Σ|forecast - actual| ÷ Σ actual: one figure for all teams, the dear ones weighing most.

    >>> wape([Said(90, 100), Said(330, 300)])
    0.1
    """
    whole = sum(one.actual for one in many)
    return sum(abs(one.forecast - one.actual) for one in many) / whole if whole else None


def drift_rate(many: Sequence[Said]) -> float | None:
    """Σ|forecast - forecast a month earlier| ÷ Σ forecast a month earlier: how much it wavers.

    >>> drift_rate([Said(110, 100, before=100)])
    0.1
    """
    pairs = [(one.forecast, one.before) for one in many if one.before is not None]
    whole = sum(abs(before) for _, before in pairs)
    return sum(abs(now - before) for now, before in pairs) / whole if whole else None
