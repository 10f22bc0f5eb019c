"""How good a forecast was, once the months it was about are there."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from apportion.domain.forecast import Forecast, ForecastLine, accuracy, wape
from apportion.domain.money import minor_digits
from apportion.domain.period import Period
from apportion.insight.budget_actuals import actuals_of
from apportion.run.open_project import OpenProject
from apportion.run.saved import latest_run
from apportion.run.statement import draw_statements


@dataclass(frozen=True)
class JudgedLine:
    """A line of a forecast beside what came of it; `actual` is None while the month has no run."""

    line: ForecastLine
    actual: int | None

    @property
    def accuracy(self) -> Fraction | None:
        return None if self.actual is None else accuracy(self.line.units, self.actual)

    @property
    def within_band(self) -> bool | None:
        """Whether the actual lay in the band; None where there is none, or no actual."""
        low, high = self.line.low, self.line.high
        if self.actual is None or (low is None and high is None):
            return None
        return (low is None or low <= self.actual) and (high is None or self.actual <= high)


@dataclass(frozen=True)
class JudgedForecast:
    """A forecast with its actuals, and its weighted absolute percentage error."""

    forecast: Forecast
    lines: tuple[JudgedLine, ...]

    @property
    def wape(self) -> Fraction | None:
        return wape((one.line.units, one.actual) for one in self.lines if one.actual is not None)


def judge_forecast(project: OpenProject, forecast: Forecast) -> JudgedForecast:
    """Hold each line of a forecast against the month's run, where there is one."""
    known = {m for m in {o.month for o in forecast.lines} if project.books.run(m, ()) is not None}
    spent = {month: actuals_of(project, month, forecast.currency) for month in known}
    whole = {month: _whole_bill(project, forecast, month) for month in known}
    return JudgedForecast(
        forecast,
        tuple(
            JudgedLine(
                line,
                None
                if line.month not in known
                else spent[line.month].get(line.owner, 0)
                if line.owner
                else whole[line.month],
            )
            for line in forecast.lines
        ),
    )


def _whole_bill(project: OpenProject, forecast: Forecast, month: Period) -> int:
    digits = minor_digits(forecast.currency)
    drawn = draw_statements(latest_run(project.books, month), project.settings.currency)
    return sum(int(one.total.scaleb(digits)) for one in drawn if one.currency == forecast.currency)
