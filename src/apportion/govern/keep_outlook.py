"""Keep a forecast that was made here against a budget, so that it shows later how good it was."""

from __future__ import annotations

from apportion.domain.budget import BudgetOwner, BudgetOwnerKind
from apportion.domain.forecast import Forecast as Kept
from apportion.domain.forecast import ForecastLine
from apportion.domain.money import minor_digits
from apportion.domain.period import Period
from apportion.govern.forecasts import keep_forecast
from apportion.insight.forecast.forecasts import Forecast, Forecasts
from apportion.insight.forecast.month_end import MonthEnd
from apportion.insight.forecast.outlook import Point
from apportion.insight.past.read_month import SubjectKind
from apportion.run.open_project import OpenProject


def keep_outlook(project: OpenProject, budget: str, found: Forecasts, *, actor: str) -> Kept:
    """Keep the running month's end and the months ahead, each with its band of 80 %.

    Only what is in the project's currency. Raises NotLoaded where there is no such budget.
    """
    code = project.settings.currency
    lines = [
        _line(one, period, bounds, code)
        for one in found.forecasts
        if one.subject.currency == code
        for period, bounds in _months(one)
    ]
    return keep_forecast(project, budget, lines, actor=actor, method=f"apportion {found.as_of}")


def _months(one: Forecast) -> list[tuple[Period, tuple[float, float, float]]]:
    points: list[MonthEnd | Point] = [one.running] if one.running else []
    points += one.outlook.points
    return [(point.period, (point.value, point.low_80, point.high_80)) for point in points]


def _line(
    one: Forecast, period: Period, bounds: tuple[float, float, float], code: str
) -> ForecastLine:
    owner = None
    if one.subject.kind is not SubjectKind.ALL:
        owner = BudgetOwner(BudgetOwnerKind(str(one.subject.kind)), one.subject.name)
    units = (round(value * 10 ** minor_digits(code)) for value in bounds)
    return ForecastLine(owner, period, *units)
