"""Unit costs as a JSON document. Amounts and quantities have up to 18 places, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from apportion.domain.period import Period
from apportion.insight.token_savings import FORMULAS, Saving
from apportion.insight.unit_cost_values import UnitCost
from apportion.insight.unit_costs import UnitCosts
from apportion.publish.documents import Document, decimal_text
from apportion.publish.prices_document import PLACES
from apportion.run.explain import rounded


def unit_cost_document(found: Sequence[UnitCosts], missing: Iterable[Period] = ()) -> Document:
    """The unit costs of the last of some months, and their trend; keys may be added only."""
    last = found[-1]
    document: Document = {
        "period": str(last.run.period),
        "run": last.run.id,
        "basis": last.run.basis,
        "team": last.team or None,
        "by": last.by or None,
        "cost": [
            {
                "currency": code,
                "whole": decimal_text(last.whole[code]),
                "traced": decimal_text(last.traced[code]),
            }
            for code in last.whole
        ],
        "unit_costs": [_unit_cost(one) for one in last.costs],
        "savings": [_saving(one) for one in last.savings],
        "unjoined": [{"run": run, "because": why} for run, why in last.unjoined],
    }
    if len(found) > 1 or tuple(missing):
        document["months"] = [
            {
                "period": str(one.run.period),
                "run": one.run.id,
                "unit_costs": [_unit_cost(cost) for cost in one.costs],
                "savings": [_saving(saving) for saving in one.savings],
            }
            for one in found
        ]
        document["months_without"] = [str(period) for period in missing]
    return document


def _unit_cost(one: UnitCost) -> Document:
    return {
        "measure": one.measure,
        "of": one.of or None,
        "group": one.group or None,
        "currency": one.currency,
        "cost": decimal_text(one.cost),
        "count": None if one.count is None else decimal_text(one.count),
        "unit": one.unit,
        "per": one.per,
        "unit_cost": figure_text(one.figure),
        "formula": one.formula,
        "note": one.note or None,
    }


def _saving(one: Saving) -> Document:
    return {
        "saving": one.kind,
        "group": one.group or None,
        "currency": one.currency or None,
        "amount": decimal_text(one.saving),
        "gained": decimal_text(one.gained),
        "paid": decimal_text(one.paid),
        "tokens": decimal_text(one.tokens),
        "written": decimal_text(one.written),
        "tokens_without_price": decimal_text(one.unknown),
        "hit_rate": figure_text(one.hit_rate),
        "formula": FORMULAS[one.kind],
    }


def figure_text(value: Fraction | None) -> str | None:
    """A quotient to ten places, half away from zero, without zeros that say nothing.

    >>> figure_text(Fraction(2, 3)), figure_text(Fraction(5, 2)), figure_text(None)
    ('0.6666666667', '2.5', None)
    """
    if value is None:
        return None
    text = format(rounded(value, PLACES), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
