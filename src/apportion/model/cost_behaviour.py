"""How a pool's cost behaves: what of it is fixed, and what the rest goes up and down with."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import BECAUSE, NAME, PART
from apportion.model.shape import Form, Key
from apportion.model.values import as_part, text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


@dataclass(frozen=True)
class CostBehaviour:
    """A part of the pool is there whoever uses it; the rest is in proportion to a driver.

    It charges nobody anything: fairness is measured against it. With a fixed part f and
    quantities q, a set S of teams would cost f + (1-f) · q(S) ÷ q(all) of the pool.
    """

    driver: str
    fixed: Fraction
    because: str = ""


COST_BEHAVIOUR = Form(
    "a cost behaviour",
    {
        "fixed": Key(PART, "What of the cost is there whoever uses it, in percent.", needed=True),
        "driver": Key(NAME, "The driver that the rest goes up and down with.", needed=True),
        "because": BECAUSE,
    },
)


def read_cost_behaviour(node: y.Node | None, reading: PoolReading) -> CostBehaviour | None:
    """A form whose shape has been checked."""
    if not isinstance(node, y.Mapping):
        return None
    driver = node.entries["driver"]
    if isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, reading.faults)
    fixed = as_part(text_of(node, "fixed")) / 100
    if fixed > 1:
        reading.faults.add(
            node.entries["fixed"],
            "more than 100 % of the cost is fixed",
            hint="write it in percent, say 40",
        )
    return CostBehaviour(text_of(node, "driver"), fixed, text_of(node, "because"))
