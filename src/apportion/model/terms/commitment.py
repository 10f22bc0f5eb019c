"""The terms of sharing commitments: savings plans, reservations, committed use, throughput."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from apportion.domain.charge import KEY_COLUMNS
from apportion.model import marked_yaml as y
from apportion.model.forms import COLUMN_PATTERN, CONDITION, column_shape
from apportion.model.pools import Terms
from apportion.model.read_condition import read_condition
from apportion.model.shape import Choice, Form, Key
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.values import text_of, texts_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading
    from apportion.model.rules import Condition


class ShareBy(StrEnum):
    """Who carries a commitment: who bought it, who used it, or all by on-demand equivalent."""

    BOUGHT = "bought"
    USED = "used"
    ON_DEMAND = "on_demand"


@dataclass(frozen=True)
class Commitment(Terms):
    """How commitments are shared.

    `driver`, where there is one, says who bought or used what. Else the rules do: who
    would carry the fee, or the covered usage, if there were no pool. `eligible` is the
    usage by whose cost on the basis `on` everybody shares.
    """

    share_by: ShareBy
    driver: str = ""
    eligible: Condition | None = None
    on: str = "ListCost"

    @property
    def driver_names(self) -> tuple[str, ...]:
        return (self.driver,) if self.driver else ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (self.eligible,) if self.eligible else ()

    @property
    def by_owners(self) -> bool:
        return True


_ELIGIBLE = Form(
    "eligible usage",
    dict(CONDITION),
    others=column_shape,
    others_pattern=COLUMN_PATTERN,
    others_known=KEY_COLUMNS,
)

_MEANT_FOR = {
    "percentages": (ShareBy.BOUGHT,),
    "driver": (ShareBy.BOUGHT, ShareBy.USED),
    "eligible": (ShareBy.ON_DEMAND,),
    "on": (ShareBy.ON_DEMAND,),
}


def _read(node: y.Mapping, reading: PoolReading) -> Commitment | None:
    if "share_by" not in node.entries:
        return None
    share_by, faults = ShareBy(text_of(node, "share_by")), reading.faults
    for key, meant in _MEANT_FOR.items():
        if key in node.entries and share_by not in meant:
            faults.add(
                node.keys[key],
                f"`{key}` has no meaning for commitments shared by {share_by}",
                hint=f"it belongs to {' or '.join(f'`share_by: {one}`' for one in meant)}",
            )
    if "percentages" in node.entries and "driver" in node.entries:
        faults.add(node.keys["driver"], "both percentages and a driver", hint="keep one")
    if not {"percentages", "driver", "among"} & node.entries.keys():
        for name in reading.receivers.twice.keys() - set(texts_of(node.entries.get("excluding"))):
            reading.receivers.one(name, node.keys["share_by"], faults)
    driver, stated = node.entries.get("driver"), node.entries.get("eligible")
    if isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, faults)
    eligible = None
    if isinstance(stated, y.Mapping):
        read = read_condition(stated, reading.tags, reading.sources, faults)
        eligible = read.condition if read else None
    elif share_by is ShareBy.ON_DEMAND:
        faults.add(
            node,
            "commitments shared by on_demand need `eligible`",
            why="everybody's part is that of the usage which the commitment could cover",
            hint="add a condition, say `eligible: {service: AmazonEC2, ChargeCategory: Usage}`",
        )
    on = text_of(node, "on") or "ListCost"
    return Commitment(share_by, text_of(node, "driver"), eligible, on)


COMMITMENT = MethodTerms(
    {
        "share_by": Key(
            Choice(tuple(ShareBy), "a way to share commitments"),
            "bought, used or on_demand.",
        ),
        "eligible": Key(_ELIGIBLE, "The usage by which everybody shares, as a condition."),
    },
    ("share_by",),
    _read,
    also=("driver", "percentages", "on"),
)
