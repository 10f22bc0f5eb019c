"""Forecasts of a project: the running month and those to come, of teams, pools and products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.insight.forecast.accuracy import Said
from apportion.insight.forecast.month_end import EARLIER, DayMonth, MonthEnd, month_end
from apportion.insight.forecast.outlook import Outlook, look_ahead, said_ahead, sees_no_season
from apportion.insight.forecast.time_to_limit import TimeToLimit, time_to_limit
from apportion.insight.month_budgets import MonthBudgets, month_budgets
from apportion.insight.past.read_month import (
    Month,
    Rules,
    Subject,
    SubjectKind,
    full_months,
    read_months,
    with_days,
)
from apportion.model.project import Model
from apportion.run.workspace import Workspace

TESTED = 6
"""Months of the past on which accuracy is measured."""


@dataclass(frozen=True)
class Asked:
    """What is to be forecast.

    `period` is the running month, the last one that is loaded where it is left out; `as_of`
    cuts it off after a day. `kind` and `name` choose subjects; without, all of them.
    """

    months: int = 12
    period: Period | None = None
    as_of: date | None = None
    kind: SubjectKind | None = None
    name: str = ""
    rules: Rules = Rules.TODAY


@dataclass(frozen=True)
class Forecast:
    """What one subject is expected to cost.

    `running` is None where the last month is complete. `tested` are the last months, as they
    would have been forecast a month ahead.
    """

    subject: Subject
    history: Mapping[Period, float]
    running: MonthEnd | None
    outlook: Outlook
    limit: TimeToLimit | None
    tested: tuple[Said, ...]


@dataclass(frozen=True)
class Forecasts:
    """All forecasts that were asked for, and what must be known of them."""

    last: Period
    as_of: date
    rules: Rules
    basis: str
    forecasts: tuple[Forecast, ...]
    findings: tuple[Finding, ...]


def find_forecasts(workspace: Workspace, model: Model, asked: Asked) -> Forecasts:
    """Forecast what was asked for. Nothing is saved.

    The past is told by the model of today, so that a changed rule is no growth; or as issued,
    from saved runs alone, which tells no days. Raises NotLoaded where nothing is loaded, or no
    such team, pool or product is there; UsageError for a day outside of the month.
    """
    periods = _periods(workspace, asked)
    months, findings = read_months(workspace, model, periods, asked.rules)
    if not months:
        raise NotLoaded("no month can be told", hint="`apportion run`, or the rules of today")
    last = months[-1].run.period
    days = _with_days(workspace, model, months) if asked.rules is Rules.TODAY else ()
    as_of = _as_of(days, asked, last)
    subjects = _subjects(months, asked)
    budgets = month_budgets(workspace.books, model, last)
    past = _Past(months, days, as_of, budgets)
    made = tuple(_forecast(one, past, asked) for one in subjects)
    return Forecasts(
        last, as_of, asked.rules, months[-1].run.basis, made, (*findings, *_remarks(made, months))
    )


def _periods(workspace: Workspace, asked: Asked) -> tuple[Period, ...]:
    if asked.months < 0:
        raise UsageError(f"{asked.months} months can't be forecast", hint="ask for 12")
    found = full_months(workspace)
    if asked.period is not None:
        found = tuple(one for one in found if one <= asked.period)
        if asked.period not in found:
            raise NotLoaded(
                f"no charges are loaded for {asked.period}",
                hint="load a bill that covers it: `apportion load`",
            )
    if not found:
        raise NotLoaded("no charges are loaded", hint="load a bill: `apportion load`")
    return found


def _with_days(workspace: Workspace, model: Model, months: Sequence[Month]) -> tuple[Month, ...]:
    """The last months, day by day, where the days of the running one must be known."""
    return tuple(with_days(workspace, model, one) for one in months[-EARLIER - 2 :])


def _as_of(days: Sequence[Month], asked: Asked, last: Period) -> date:
    """The last day that is known: that of the bills, or the one asked for."""
    end = last.until - timedelta(days=1)
    if asked.as_of is not None:
        if Period.of(asked.as_of) != last:
            raise UsageError(
                f"{asked.as_of} is no day of {last}", hint="`--period` names the running month"
            )
        return asked.as_of
    own = [cost.day for cost in days[-1].costs if Period.of(cost.day) == last] if days else []
    return max(own, default=end)


def _subjects(months: Sequence[Month], asked: Asked) -> tuple[Subject, ...]:
    order = {kind: at for at, kind in enumerate(SubjectKind)}
    found = sorted(
        {
            subject
            for month in months[-12:]
            for subject, total in month.totals.items()
            if round(total, 2)
        },
        key=lambda one: (-order[one.kind], one),
    )
    kinds = (asked.kind,) if asked.kind else tuple(SubjectKind)
    own = tuple(one for one in found if one.kind in kinds and asked.name in {"", one.name})
    if not own and asked.name:
        names = sorted({one.name for one in found if one.kind in kinds})
        raise NotLoaded(
            f"no {asked.kind} is called {asked.name!r}", hint=f"there are {', '.join(names)}"
        )
    return own


@dataclass(frozen=True)
class _Past:
    """The months that are known, and how far."""

    months: Sequence[Month]
    days: Sequence[Month]
    as_of: date
    budgets: MonthBudgets

    @property
    def last(self) -> Period:
        return self.months[-1].run.period

    @property
    def complete(self) -> bool:
        return self.as_of >= self.last.until - timedelta(days=1)

    def totals(self, subject: Subject) -> dict[Period, float]:
        """Whole months; a month that isn't loaded between others counts as it wasn't there."""
        whole = self.months if self.complete else self.months[:-1]
        return {one.run.period: one.totals.get(subject, 0.0) for one in whole}

    def by_day(self, subject: Subject) -> tuple[DayMonth, ...]:
        return tuple(
            DayMonth(
                month.run.period,
                tuple(month.days.get(subject, {}).get(day, 0.0) for day in month.run.span),
            )
            for month in self.days
        )


def _forecast(subject: Subject, past: _Past, asked: Asked) -> Forecast:
    totals = past.totals(subject)
    first, values = min(totals, default=past.last), list(totals.values())
    running, limit = None, None
    if not past.complete:
        days = past.by_day(subject)
        now = days[-1].until(past.as_of.day)
        seen = [one.forecast for one in _tested(values, EARLIER)]
        ahead = said_ahead(values, 1) if values else None
        running = month_end(days[:-1], now, ahead, seen)
        values = [*values, running.value]
        budget = past.budgets.of(subject)
        limit = time_to_limit(budget, now, running) if budget else None
    return Forecast(
        subject,
        totals,
        running,
        look_ahead(values, first, asked.months),
        limit,
        _tested(list(totals.values()), TESTED),
    )


def _tested(values: Sequence[float], most: int) -> tuple[Said, ...]:
    """What would have been said of the last months, one and two months before."""
    made = []
    for at in range(max(2, len(values) - most), len(values)):
        now = said_ahead(values[:at], 1)
        before = said_ahead(values[: at - 1], 2) if at > 2 else None
        made.append(Said(now, values[at], before))
    return tuple(made)


def _remarks(made: Sequence[Forecast], months: Sequence[Month]) -> Iterable[Finding]:
    """What readers must know before they trust a forecast."""
    count = max((one.outlook.months for one in made), default=0)
    if made and sees_no_season(count):
        yield Finding(
            "forecast-no-season",
            Level.NOTE,
            f"{count} months of history: the season of the year can't be seen under 24",
            None,
            "load older bills, or judge by what you know of the year",
        )
    periods = [one.run.period for one in months]
    gaps = [one for one, nxt in pairwise(periods) if one.next() != nxt]
    if gaps:
        yield Finding(
            "forecast-months-missing",
            Level.WARNING,
            f"the months after {', '.join(map(str, gaps))} aren't known: the history has gaps",
            None,
            "load them, or run them where the past is told as issued",
        )
