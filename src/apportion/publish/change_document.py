"""Proposed changes of the model as JSON."""

from __future__ import annotations

from typing import Any

from apportion.govern.change_model import Proposal, Proposed
from apportion.publish.approval_document import approval_document
from apportion.publish.compare_document import compare_document
from apportion.publish.documents import finding_document


def change_document(found: Proposed) -> dict[str, Any]:
    """A change with its approval, and how it was taken in."""
    change, applied = found.change, found.applied
    return {
        "number": change.id,
        "state": found.state,
        "model": change.named,
        "base": change.base,
        "proposed": change.proposed,
        "effective": change.effective.isoformat(),
        "by": change.actor,
        "because": change.because,
        "at": change.at.isoformat(),
        "changes": change.says.splitlines(),
        "approval": approval_document(found.approval),
        "applied": None
        if applied is None
        else {"by": applied.actor, "at": applied.at.isoformat(), "because": applied.because},
    }


def proposal_document(made: Proposed, found: Proposal) -> dict[str, Any]:
    """A change that was just proposed, with what it would move."""
    return change_document(made) | {
        "benefits": list(found.benefits),
        "comparison": compare_document(found.compared) if found.compared else None,
        "findings": [finding_document(one) for one in found.findings],
    }
