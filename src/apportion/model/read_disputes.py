"""Read how disputes go, from apportion.yaml."""

from __future__ import annotations

from apportion.domain.dispute import DisputeTerms, Hold
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.values import text_of


def read_disputes(node: y.Node | None, faults: Faults) -> DisputeTerms:
    """The terms; those that aren't given are the usual ones."""
    if not isinstance(node, y.Mapping):
        return DisputeTerms()
    usual = DisputeTerms()
    hold = Hold(text_of(node, "hold") or usual.hold)
    suspense = text_of(node, "suspense")
    if hold is Hold.SUSPENSE and not suspense:
        faults.add(
            node.entries["hold"],
            "disputed charges wait in suspense, and no account is named",
            hint='name one of the model\'s accounts: `suspense: "199000"`',
        )
    return DisputeTerms(
        window_days=int(text_of(node, "window_days") or usual.window_days),
        decide_days=int(text_of(node, "decide_days") or usual.decide_days),
        hold=hold,
        suspense=suspense,
    )
