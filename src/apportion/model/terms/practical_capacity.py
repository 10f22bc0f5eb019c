"""The terms of a rate by practical capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.pools import Terms
from apportion.model.terms.idle import CAPACITY_KEYS, Capacity, read_capacity
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.values import text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


@dataclass(frozen=True)
class PracticalCapacity(Terms):
    """Use by `driver`, of a capacity."""

    driver: str
    capacity: Capacity

    @property
    def driver_names(self) -> tuple[str, ...]:
        return (self.driver, *self.capacity.driver_names)

    @property
    def measured_by(self) -> tuple[str, ...]:
        return (self.driver,)

    @property
    def accounts(self) -> tuple[str, ...]:
        return self.capacity.accounts


def _read(node: y.Mapping, reading: PoolReading) -> PracticalCapacity:
    driver = node.entries.get("driver")
    if isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, reading.faults)
    return PracticalCapacity(text_of(node, "driver"), read_capacity(node, reading))


PRACTICAL_CAPACITY = MethodTerms(CAPACITY_KEYS, ("driver",), _read)
