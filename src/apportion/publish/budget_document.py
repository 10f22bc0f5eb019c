"""Budgets, their status and forecasts as JSON documents: amounts are decimal strings."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from apportion.domain.budget import BudgetLine, KeptBudget
from apportion.domain.money import from_units, minor_digits
from apportion.insight.budget_status import BudgetStatus
from apportion.insight.forecast_accuracy import JudgedForecast


def amount_text(units: int | None, currency: str) -> str | None:
    """Minor units as a decimal string.

    >>> amount_text(12345, "USD")
    '123.45'
    """
    return None if units is None else str(from_units(units, minor_digits(currency)))


def percent(value: Fraction | None) -> str | None:
    """A part of a whole in percent, to two places; None where there is none.

    >>> percent(Fraction(3, 20)), percent(None)
    ('15.00', None)
    """
    from apportion.domain.money import to_units

    return None if value is None else str(from_units(to_units(value * 100, 2), 2))


def budget_document(kept: KeptBudget, lines: Sequence[BudgetLine] | None = None) -> dict[str, Any]:
    """A version or transfer with its steps; `lines` in the place of its own."""
    one = kept.document
    shown = one.lines if lines is None else lines
    return {
        "id": one.id,
        "name": one.name,
        "kind": str(one.kind),
        "number": one.number,
        "amends": one.amends or None,
        "state": str(kept.state),
        "currency": one.currency,
        "author": one.author,
        "because": one.because,
        "at": one.at.isoformat(),
        "total": amount_text(sum(line.units for line in shown), one.currency),
        "lines": [
            {
                "owner": str(line.owner),
                "month": str(line.month),
                "amount": amount_text(line.units, one.currency),
                "allowance": line.allowance,
            }
            for line in shown
        ],
        "steps": [
            {
                "state": str(step.state),
                "actor": step.actor,
                "because": step.because,
                "at": step.at.isoformat(),
            }
            for step in kept.steps
        ],
    }


def status_document(found: BudgetStatus) -> dict[str, Any]:
    """A month against its budget; percentages are decimal strings."""
    code = found.budget.currency
    return {
        "period": str(found.period),
        "budget": found.budget.id,
        "currency": code,
        "owners": [
            {
                "owner": str(one.owner),
                "budget": amount_text(one.budget, code),
                "actual": amount_text(one.actual, code),
                "allowance": amount_text(one.allowance, code),
                "allowance_used": amount_text(one.allowance_used, code),
                "charged": amount_text(one.charged, code),
                "variance_percent": percent(one.variance),
                "year_budget": amount_text(one.year_budget, code),
                "year_actual": amount_text(one.year_actual, code),
                "burn_percent": percent(one.burn),
                "left": amount_text(one.left, code),
            }
            for one in found.owners
        ],
        "months_without_a_run": [str(month) for month in found.missing],
    }


def forecast_document(found: JudgedForecast) -> dict[str, Any]:
    """A forecast beside what came of it."""
    one = found.forecast
    return {
        "budget": one.budget,
        "version": one.number,
        "currency": one.currency,
        "method": one.method,
        "author": one.author,
        "at": one.at.isoformat(),
        "wape_percent": percent(found.wape),
        "lines": [
            {
                "owner": str(each.line.owner) if each.line.owner else None,
                "month": str(each.line.month),
                "forecast": amount_text(each.line.units, one.currency),
                "low": amount_text(each.line.low, one.currency),
                "high": amount_text(each.line.high, one.currency),
                "actual": amount_text(each.actual, one.currency),
                "accuracy_percent": percent(each.accuracy),
                "within_band": each.within_band,
            }
            for each in found.lines
        ],
    }
