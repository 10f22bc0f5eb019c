"""The budgets of a project and how fast they are used up, with alerts as findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from apportion.domain.finding import Finding, Level
from apportion.domain.period import Period
from apportion.errors import NotLoaded, UsageError
from apportion.insight.burn.burn_rate import Burn, burn
from apportion.insight.forecast.month_end import DayMonth
from apportion.insight.month_budgets import month_budgets
from apportion.insight.past.read_month import (
    SubjectKind,
    full_months,
    read_months,
    with_days,
)
from apportion.model.project import Model
from apportion.run.workspace import Workspace

EARLIER = 3
"""Months before that say how a month's cost lies on its days."""


@dataclass(frozen=True)
class TeamBurn:
    """The burn of a team's budget in one currency."""

    team: str
    currency: str
    burn: Burn


@dataclass(frozen=True)
class Burns:
    """All budgets of a month as of a day, and the alerts."""

    period: Period
    as_of: date
    teams: tuple[TeamBurn, ...]
    findings: tuple[Finding, ...]


def find_burns(
    workspace: Workspace,
    model: Model,
    *,
    period: Period | None = None,
    as_of: date | None = None,
    team: str = "",
) -> Burns:
    """How fast budgets are used up in a month, as of its last known day or of one given.

    Raises NotLoaded where the month isn't loaded, or no team has a budget; UsageError for a
    day outside of it.
    """
    loaded = full_months(workspace)
    period = period or (Period.of(as_of) if as_of else loaded[-1] if loaded else None)
    if period is None or period not in loaded:
        raise NotLoaded(
            f"no charges are loaded for {period}" if period else "no charges are loaded",
            hint="load a bill that covers it: `apportion load`",
        )
    if as_of is not None and Period.of(as_of) != period:
        raise UsageError(f"{as_of} is no day of {period}", hint="give a day of the month")
    at = loaded.index(period)
    months, findings = read_months(workspace, model, loaded[max(0, at - EARLIER) : at + 1])
    months = tuple(with_days(workspace, model, month) for month in months)
    known = [cost.day for cost in months[-1].costs if Period.of(cost.day) == period]
    end = as_of or max(known, default=period.until - timedelta(days=1))
    budgets = month_budgets(workspace.books, model, period)
    made = []
    for subject in sorted({one for month in months for one in month.totals}):
        if subject.kind is not SubjectKind.TEAM or team not in {"", subject.name}:
            continue
        budget = budgets.of(subject)
        if budget:
            days = [
                DayMonth(
                    month.run.period,
                    tuple(month.days.get(subject, {}).get(day, 0.0) for day in month.run.span),
                )
                for month in months
            ]
            found = burn(budget, days[:-1], days[-1].until(end.day))
            made.append(TeamBurn(subject.name, subject.currency, found))
    if not made:
        raise NotLoaded(
            f"no team has a budget in {period}"
            if not team
            else f"{team} has no budget in {period}",
            hint="set one under `budgets` in the model",
        )
    alerts = [_alert(one, end) for one in made if one.burn.fired]
    return Burns(period, end, tuple(made), (*findings, *alerts))


def _alert(one: TeamBurn, day: date) -> Finding:
    rule = one.burn.fired[0]
    return Finding(
        rule.code,
        Level.WARNING,
        f"{one.team} used its budget at {one.burn.rates[rule.long]:.1f} times the rate that it "
        f"lasts for in the last {rule.long} days, and at {one.burn.rates[rule.short]:.1f} on {day}",
        None,
        "see what drives it: `apportion anomalies list`",
    )
