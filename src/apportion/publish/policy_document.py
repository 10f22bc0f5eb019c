"""Policies of governance, and what they came to, as JSON."""

from __future__ import annotations

from typing import Any

from apportion.govern.judge_figures import percent
from apportion.govern.judged import Judged
from apportion.model.governance import Check, GovernancePolicy
from apportion.publish.documents import finding_document


def policy_document(policy: GovernancePolicy) -> dict[str, Any]:
    """A policy as the model has it."""
    valid = policy.valid
    return {
        "name": policy.name,
        "check": str(policy.check),
        "demands": demand(policy),
        "level": str(policy.level),
        "owner": policy.responsible,
        "because": policy.because,
        "from": valid.start.isoformat() if valid.start else None,
        "until": valid.until.isoformat() if valid.until else None,
        "at": str(policy.place),
    }


def judged_document(found: Judged) -> dict[str, Any]:
    """A policy with its figures and the findings against it; `kept` is null without a run."""
    figures = [
        {
            "currency": one.currency,
            "percent": None if one.percent is None else f"{one.percent:f}",
        }
        for one in found.figures
    ]
    return policy_document(found.policy) | {
        "kept": found.kept if found.looked else None,
        "figures": figures,
        "findings": [finding_document(one) for one in found.findings],
    }


def demand(policy: GovernancePolicy) -> str:
    """What a policy demands, in words."""
    if policy.check is Check.EXEMPTIONS:
        longest = f", at most {policy.months} months long" if policy.months else ""
        return f"exemptions have an end ahead{longest}"
    if policy.check is Check.REVIEW:
        return f"the model is looked through every {policy.months} months"
    if policy.check is Check.REASONS:
        return "rules, splits and policies say why, and who answers for them"
    limit, words = policy.at_least, "at least"
    if limit is None:
        limit, words = policy.at_most, "at most"
    assert limit is not None
    return f"{_FIGURES[policy.check]}: {words} {percent(limit / 100):f} %"


_FIGURES = {
    Check.TAGS: "taggable cost with every required tag",
    Check.COVERAGE: "cost with an owner",
    Check.IDLE: "idle part of capacity",
    Check.WEAK_EVIDENCE: "owned cost on weak evidence",
}
