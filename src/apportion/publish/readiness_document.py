"""The JSON document of `apportion ready`."""

from __future__ import annotations

from apportion.insight.readiness import Readiness
from apportion.publish.documents import Document


def readiness_document(found: Readiness) -> Document:
    """Checks with their formulas, and the modes of teams and pools."""
    return {
        "period": found.period,
        "ready": found.ready,
        "checks": [
            {
                "name": check.name,
                "ok": check.ok,
                "found": check.found,
                "wanted": check.wanted,
                "formula": check.formula,
                "hint": check.hint or None,
            }
            for check in found.checks
        ],
        "modes": [
            {
                "kind": str(one.kind),
                "name": one.name,
                "mode": str(one.mode) if one.mode else None,
            }
            for one in found.modes
        ],
    }
