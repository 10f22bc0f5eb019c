"""What was asked for and decided, as JSON."""

from __future__ import annotations

from typing import Any

from apportion.domain.approval import Approval


def approval_document(found: Approval) -> dict[str, Any]:
    """A request with its decisions."""
    asked = found.request
    return {
        "subject": asked.subject,
        "content": asked.content,
        "says": asked.says,
        "state": str(found.state),
        "asked_by": asked.asker,
        "because": asked.because,
        "at": asked.at.isoformat(),
        "waits_for": {
            "roles": [str(role) for role in found.roles_missing],
            "reviewers": list(found.reviewers_missing),
        },
        "authors": list(asked.authors),
        "benefits": list(asked.benefits),
        "decisions": [
            {
                "by": one.actor,
                "approved": one.approved,
                "because": one.because,
                "at": one.at.isoformat(),
            }
            for one in found.decisions
        ],
    }
