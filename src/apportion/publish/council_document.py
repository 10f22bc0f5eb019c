"""JSON of the council's queue and of its quarterly review; amounts and shares are text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apportion.govern.council import Queue
from apportion.govern.due_rules import Due
from apportion.govern.quarter_review import QuarterReview
from apportion.insight.coverage import Part
from apportion.publish.dispute_document import adjustment_document, dispute_document
from apportion.publish.documents import amount, exact


def queue_document(found: Queue) -> dict[str, Any]:
    """What waits for a decision, disputes by their deadline."""
    return {
        "today": found.today.isoformat(),
        "disputes": [dispute_document(one, found.today) for one in found.disputes],
        "adjustments": [adjustment_document(one) for one in found.adjustments],
        "due": _due(found.due),
    }


def review_document(found: QuarterReview) -> dict[str, Any]:
    """The review of a quarter, each rate with its formula, numerator and denominator."""
    said = found.disputes
    return {
        "quarter": found.quarter,
        "months": list(found.months),
        "coverage": [
            {
                "currency": one.currency,
                "total": amount(one.total),
                "direct": _part(one.direct),
                "shared": _part(one.shared),
                "unallocated": _part(one.unallocated),
            }
            for one in found.coverage
        ],
        "disputes": {
            "opened": said.opened,
            "accepted": said.accepted,
            "rejected": said.rejected,
            "withdrawn": said.withdrawn,
            "undecided": said.undecided,
            "decided_late": said.late,
            "median_days_to_settle": None if said.days is None else exact(said.days),
        },
        "kpis": [
            {
                "name": one.name,
                "currency": one.currency or None,
                "formula": one.formula,
                "numerator": exact(one.numerator),
                "denominator": exact(one.denominator),
                "percent": None if one.percent is None else str(one.percent),
            }
            for one in found.rates
        ],
        "sensitivity": [
            {
                "period": one.period,
                "pool": one.pool,
                "currency": one.currency,
                "driver": one.driver,
                "weight": exact(one.weight),
                "team": one.team,
                "tenth_more": amount(one.move),
            }
            for one in found.sensitivity
        ],
        "due": _due(found.due),
        "notes": list(found.notes),
    }


def _part(one: Part) -> dict[str, Any]:
    percent = None if one.percent is None else str(one.percent)
    return {"amount": amount(one.amount), "percent": percent}


def _due(found: Iterable[Due]) -> list[dict[str, str]]:
    return [
        {"what": one.what, "name": one.name, "place": one.place, "why": one.why} for one in found
    ]
