"""JSON of a period's life: accruals and how near they came, reviews, reopenings, checklists."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from apportion.domain.accrual import AccrualPart
from apportion.domain.approval import Approval
from apportion.domain.money import from_units, minor_digits
from apportion.domain.review import Review
from apportion.ledger.corrections_in import CHARGE_CLASS, CorrectionLine
from apportion.publish.documents import amount, decimal_text, finding_document
from apportion.publish.journal_document import journal_document
from apportion.run.explain import rounded

if TYPE_CHECKING:  # a statement is read without what draws accruals and corrections
    from apportion.ledger.accrual_accuracy import Accuracy, Nearness
    from apportion.ledger.accrue import Accrued
    from apportion.ledger.checklist import Checklist
    from apportion.ledger.correct import Correction
    from apportion.ledger.materiality import Moved
    from apportion.ledger.reopen import Reopened
    from apportion.ledger.true_up import TrueUp


def accrued_document(found: Accrued, *, booked: bool) -> dict[str, Any]:
    """An accrual: what each source is expected to cost and by which method, and what is booked."""
    return {
        "period": str(found.accrual.period),
        "accrual": found.accrual.id,
        "number": found.accrual.number,
        "booked": booked and bool(found.booked),
        "by_source": [_part(one) for one in found.accrual.of_kind("source")],
        "by_team": [_part(one) for one in found.accrual.of_kind("team")],
        "findings": [finding_document(one) for one in found.findings],
        "journal": [journal_document(one) for one in (found.booked if booked else found.documents)],
    }


def _part(one: AccrualPart) -> dict[str, Any]:
    return {
        "name": one.name,
        "currency": one.currency,
        "amount": amount(rounded(one.amount, minor_digits(one.currency))),
        "exact": decimal_text(one.amount),
        "method": one.method or None,
        "basis": one.basis or None,
    }


def accuracy_document(found: Accuracy) -> dict[str, Any]:
    """Accrued beside actual, by source and by team, and how far off that was as a whole."""
    return {
        **_totals(found),
        "by_source": [_nearness(one) for one in found.rows if one.kind == "source"],
        "by_team": [_nearness(one) for one in found.rows if one.kind == "team"],
    }


def _totals(found: Accuracy) -> dict[str, Any]:
    pairs = sorted({(one.kind, one.currency) for one in found.rows})
    return {
        "period": str(found.accrual.period),
        "accrual": found.accrual.id,
        "closed": found.closed,
        "totals": [
            {
                "of": kind,
                **_nearness(found.total(kind, currency)),
                "absolute_percent": _percent(found.mean_absolute_percent(kind, currency)),
            }
            for kind, currency in pairs
        ],
    }


def _nearness(one: Nearness) -> dict[str, Any]:
    digits = minor_digits(one.currency)
    return {
        "name": one.name,
        "currency": one.currency,
        "accrued": amount(rounded(one.accrued, digits)),
        "actual": None if one.actual is None else amount(rounded(one.actual, digits)),
        "difference": None if one.difference is None else amount(rounded(one.difference, digits)),
        "percent": _percent(one.percent),
        "absolute_percent": _percent(None if one.percent is None else abs(one.percent)),
        "method": one.method or None,
    }


def _percent(value: Fraction | None) -> str | None:
    return None if value is None else amount(rounded(value, 2))


def true_up_document(one: TrueUp) -> dict[str, Any]:
    """One assignment: accrued, actual and the true-up, debits above zero."""
    digits = minor_digits(one.currency)
    return {
        "entity": one.entity,
        "currency": one.currency,
        "account": one.at.account,
        "cost_center": one.at.cost_center or None,
        "profit_center": one.at.profit_center or None,
        "project": one.at.project or None,
        "partner": one.at.partner or None,
        "accrued": amount(from_units(one.accrued, digits)),
        "actual": amount(from_units(one.actual, digits)),
        "true_up": amount(from_units(one.difference, digits)),
    }


def review_document(found: Review) -> dict[str, Any]:
    """A review window: until when, and what each team said."""
    return {
        "period": str(found.window.period),
        "until": str(found.window.until),
        "run": found.window.run,
        "opened_by": found.window.actor,
        "waiting": list(found.waiting),
        "answers": [
            {
                "team": one.team,
                "accepted": one.how,
                "by": one.actor,
                "because": one.because or None,
                "at": one.at.isoformat(),
            }
            for one in found.answers.values()
        ],
    }


def moved_document(one: Moved) -> dict[str, Any]:
    """What a document of a correction moves, beside what was closed."""
    return {
        "entity": one.entity,
        "currency": one.currency,
        "amount": amount(one.amount),
        "closed": amount(one.closed),
        "since": amount(one.since),
        "percent": _percent(one.percent),
        "material": one.material,
    }


def correction_document(found: Correction) -> dict[str, Any]:
    """What a correction books or would book, and whether it is material."""
    return {
        "period": str(found.original),
        "into": str(found.into),
        "run": found.run.id,
        "restates": found.restates,
        "material": found.material,
        "moved": [moved_document(one) for one in found.moved],
        "findings": [finding_document(one) for one in found.findings],
        "journal": [journal_document(one) for one in found.documents],
    }


def correction_line_document(one: CorrectionLine) -> dict[str, Any]:
    """A correction that an open month carries, as FOCUS would call it."""
    return {
        "charge_class": CHARGE_CLASS,
        "original": one.original,
        "booked_in": str(one.period),
        "document": one.document,
        "currency": one.currency,
        "cost_center": one.cost_center,
        "teams": list(one.teams),
        "amount": amount(one.amount),
    }


def reopened_document(found: Reopened) -> dict[str, Any]:
    """Who took a month up again, and what would be corrected."""
    return {
        "period": str(found.reopening.period),
        "into": str(found.reopening.into),
        "by": found.reopening.actor,
        "because": found.reopening.because,
        "correction": correction_document(found.correction) if found.correction else None,
    }


def checklist_document(found: Checklist) -> dict[str, Any]:
    """Where a period is, and what is done and open on its way; no team's cost is in it."""
    return {
        "period": str(found.period),
        "state": str(found.state),
        "review": review_document(found.review) if found.review else None,
        "approvals": [_approval(one) for one in found.approvals],
        "accrual": _totals(found.accuracy) if found.accuracy else None,
        "restated": len(found.restatements),
        "reopened": len(found.reopenings),
    }


def _approval(one: Approval) -> dict[str, Any]:
    return {
        "subject": one.request.subject,
        "state": str(one.state),
        "asked_by": one.request.asker,
        "decided": [
            {"by": said.actor, "approved": said.approved, "because": said.because}
            for said in one.decisions
        ],
    }
