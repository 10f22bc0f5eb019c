"""JSON of disputes, adjustments and what accepting one would change; amounts are text."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from apportion.domain.adjustment import Adjustment
from apportion.domain.dispute import Dispute
from apportion.publish.documents import amount, exact

if TYPE_CHECKING:
    from apportion.govern.simulate import Simulation


def dispute_document(found: Dispute, today: date, *, whole: bool = False) -> dict[str, Any]:
    """A dispute with its deadline; `whole` has its evidence too."""
    made: dict[str, Any] = {
        "dispute": found.id,
        "period": str(found.period),
        "team": found.team,
        "line": found.line,
        "title": found.title,
        "currency": found.currency,
        "amount": amount(found.amount),
        "reason": str(found.reason),
        "because": found.because,
        "state": str(found.state),
        "opened_by": found.actor,
        "opened_at": found.at.isoformat(),
        "open_until": found.until.isoformat(),
        "decide_by": found.decide_by.isoformat(),
        "overdue": found.is_overdue(today),
        "given": found.given or None,
        "reopens": found.reopens or None,
        "run": found.run,
        "evidence_digest": found.digest,
        "steps": [
            {
                "state": str(one.state),
                "by": one.actor,
                "because": one.because or None,
                "at": one.at.isoformat(),
            }
            for one in found.steps
        ],
    }
    return made | {"evidence": dict(found.evidence)} if whole else made


def adjustment_document(found: Adjustment) -> dict[str, Any]:
    """An adjustment with its steps; `into` is the month in whose journal it stands."""
    return {
        "adjustment": found.id,
        "kind": "adjustment",
        "period": str(found.period),
        "currency": found.currency,
        "amount": amount(found.amount),
        "from": str(found.giver),
        "to": str(found.taker),
        "because": found.because,
        "line": found.line or None,
        "dispute": found.dispute or None,
        "beyond": found.beyond,
        "state": str(found.state),
        "into": found.into or None,
        "steps": [
            {
                "state": str(one.state),
                "by": one.actor,
                "because": one.because or None,
                "into": one.into or None,
                "at": one.at.isoformat(),
            }
            for one in found.steps
        ],
    }


def simulation_document(found: Simulation) -> dict[str, Any]:
    """Who would carry what; the differences sum to zero."""
    return {
        "period": str(found.question.period),
        "team": found.question.team,
        "line": found.line.id,
        "title": found.line.title,
        "remedy": str(found.remedy),
        "currency": found.currency,
        "line_before": amount(found.line.amount),
        "line_after": amount(found.line_after),
        "stale": found.stale,
        "effects": [
            {
                "owner": str(one.owner),
                "before": amount(one.before),
                "after": amount(one.after),
                "difference": amount(one.difference),
                "exact": exact(one.exact),
            }
            for one in found.effects
        ],
    }
