"""Forecasts as a JSON document. Amounts are decimal strings, rounded to the minor unit."""

from __future__ import annotations

from apportion.insight.burn.burns import Burns, TeamBurn
from apportion.insight.forecast.accuracy import (
    Said,
    drift_rate,
    forecast_accuracy,
    signed_variance,
    wape,
)
from apportion.insight.forecast.forecasts import Forecast, Forecasts
from apportion.insight.forecast.month_end import MonthEnd
from apportion.insight.forecast.outlook import Point
from apportion.insight.forecast.time_to_limit import TimeToLimit
from apportion.insight.past.read_month import SubjectKind
from apportion.publish.documents import Document, finding_document
from apportion.publish.estimate import estimate, ratio


def forecast_document(found: Forecasts) -> Document:
    """Forecasts of all subjects; keys may be added, never renamed."""
    teams = [one for one in found.forecasts if one.subject.kind is SubjectKind.TEAM and one.tested]
    return {
        "period": str(found.last),
        "as_of": str(found.as_of),
        "rules": str(found.rules),
        "basis": found.basis,
        "forecasts": [_forecast(one) for one in found.forecasts],
        "accuracy": {
            "wape_of_teams": ratio(wape([said for one in teams for said in one.tested])),
            "drift_rate_of_teams": ratio(
                drift_rate([said for one in teams for said in one.tested])
            ),
        },
        "findings": [finding_document(one) for one in found.findings],
    }


def _forecast(one: Forecast) -> Document:
    code, outlook = one.subject.currency, one.outlook
    return {
        "kind": str(one.subject.kind),
        "name": one.subject.name,
        "currency": code,
        "history": {str(period): _text(total, code) for period, total in one.history.items()},
        "month_end": _month_end(one.running, code) if one.running else None,
        "months": [_point(point, code) for point in outlook.points],
        "method": outlook.method,
        "errors": {name: ratio(wrong) for name, wrong in outlook.errors.items()},
        "one_offs": [str(period) for period in outlook.one_offs],
        "step": str(outlook.step) if outlook.step else None,
        "season_seen": outlook.seen,
        "budget": _limit(one.limit, code) if one.limit else None,
        "accuracy": accuracy_document(one.tested),
    }


def accuracy_document(tested: tuple[Said, ...]) -> Document:
    """How good the last months' forecasts would have been."""
    last = tested[-1] if tested else None
    return {
        "months": len(tested),
        "forecast_accuracy": ratio(forecast_accuracy(last)) if last else None,
        "signed_variance": ratio(signed_variance(last)) if last else None,
        "wape": ratio(wape(tested)),
        "drift_rate": ratio(drift_rate(tested)),
    }


def _point(point: Point, code: str) -> Document:
    return {
        "period": str(point.period),
        "forecast": _text(point.value, code),
        "low_80": _text(point.low_80, code),
        "high_80": _text(point.high_80, code),
        "low_95": _text(point.low_95, code),
        "high_95": _text(point.high_95, code),
    }


def _month_end(one: MonthEnd, code: str) -> Document:
    return {
        "period": str(one.period),
        "as_of": str(one.as_of),
        "spent": _text(one.spent, code),
        "forecast": _text(one.value, code),
        "low_80": _text(one.low_80, code),
        "high_80": _text(one.high_80, code),
        "low_95": _text(one.low_95, code),
        "high_95": _text(one.high_95, code),
        "errors": {name: ratio(wrong) for name, wrong in one.errors.items()},
    }


def _limit(one: TimeToLimit, code: str) -> Document:
    return {
        "budget": _text(one.budget, code),
        "spent_part": ratio(one.spent),
        "forecast_part": ratio(one.forecast),
        "used_up_on": str(one.day) if one.day else None,
        "earliest": str(one.earliest) if one.earliest else None,
        "latest": str(one.latest) if one.latest else None,
    }


def burn_document(found: Burns) -> Document:
    """How fast budgets are used up; keys may be added, never renamed."""
    return {
        "period": str(found.period),
        "as_of": str(found.as_of),
        "budgets": [_burn(one) for one in found.teams],
        "findings": [finding_document(one) for one in found.findings],
    }


def _burn(one: TeamBurn) -> Document:
    code, own = one.currency, one.burn
    return {
        "team": one.team,
        "currency": code,
        "budget": _text(own.budget, code),
        "spent": _text(own.spent, code),
        "allowed": _text(own.allowed, code),
        "rate": ratio(own.rate),
        "rates": {f"{days}_days": ratio(rate) for days, rate in own.rates.items()},
        "alerts": [rule.code for rule in own.fired],
    }


def _text(value: float, code: str) -> str:
    return format(estimate(value, code), "f")
