"""Remarks on policies."""

from __future__ import annotations

from collections.abc import Iterator

from apportion.domain.finding import Finding, Level
from apportion.model.project import Model


def policies_without_reason(model: Model) -> Iterator[Finding]:
    """Policies that don't say why they are so."""
    for policy in model.policies:
        if not policy.because:
            yield Finding(
                "policy-without-reason",
                Level.NOTE,
                f"the policy on {policy.kind.label} doesn't say why",
                policy.place,
                hint="add `because: …`; auditors will ask",
            )
