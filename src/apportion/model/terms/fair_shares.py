"""The terms of fair shares of a capacity: one resource, or several that go together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import AMOUNT, NAME
from apportion.model.pools import Terms
from apportion.model.shape import Choice, Form, Key, Table
from apportion.model.terms.idle import CAPACITY_KEYS
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.terms.per_period import Per, PerPeriod
from apportion.model.values import as_quantity, text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading

Weights = tuple[tuple[str, Fraction], ...]


class Left(StrEnum):
    """What becomes of capacity that wasn't allocated: told apart as idle, or charged with use."""

    IDLE = "idle"
    CHARGED = "charged"


@dataclass(frozen=True)
class MaxMin(Terms):
    """A capacity, and the driver of what each asks of it; who has no weight of its own weighs 1."""

    driver: str
    capacity: PerPeriod
    weights: Weights = ()

    @property
    def driver_names(self) -> tuple[str, ...]:
        return (self.driver,)


@dataclass(frozen=True)
class Resource:
    """One resource of a cluster: what each asks of it, and how much there is."""

    name: str
    driver: str
    capacity: PerPeriod


@dataclass(frozen=True)
class DominantResource(Terms):
    """Resources that teams ask for together, in fixed proportions of each team's own."""

    resources: tuple[Resource, ...]
    weights: Weights = ()
    left: Left = Left.IDLE

    @property
    def measured_together(self) -> bool:
        return True

    @property
    def driver_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.driver for one in self.resources))


_RESOURCE = Form(
    "a resource",
    {
        "driver": Key(NAME, "The driver of what each asks of it.", needed=True),
        "capacity": Key(AMOUNT, "How much of it there is in a month.", needed=True),
        "per": Key(Choice(tuple(Per), "month or day"), "What `capacity` is for, if not a month."),
    },
)
_ENTITLED = {
    "entitlements": Key(
        Table(NAME, AMOUNT, "a mapping from teams to numbers"),
        "How much more one is entitled to than another; 1 for whoever isn't named.",
    )
}


def _max_min(node: y.Mapping, reading: PoolReading) -> MaxMin | None:
    driver = node.entries.get("driver")
    if "capacity" not in node.entries or not isinstance(driver, y.Scalar):
        return None
    reading.drivers.knows(driver.text, driver, reading.faults)
    return MaxMin(driver.text, _capacity(node, reading), _weights(node, reading))


def _dominant(node: y.Mapping, reading: PoolReading) -> DominantResource | None:
    table = node.entries.get("resources")
    if not isinstance(table, y.Mapping):
        return None
    resources: list[Resource] = []
    for name, entry in table.entries.items():
        assert isinstance(entry, y.Mapping)
        driver = entry.entries["driver"]
        if isinstance(driver, y.Scalar):
            reading.drivers.knows(driver.text, driver, reading.faults)
        resources.append(Resource(name, text_of(entry, "driver"), _capacity(entry, reading)))
    left = Left(text_of(node, "left") or Left.IDLE)
    return DominantResource(tuple(resources), _weights(node, reading), left)


def _capacity(node: y.Mapping, reading: PoolReading) -> PerPeriod:
    figure = Fraction(as_quantity(text_of(node, "capacity")))
    if not figure:
        reading.faults.add(
            node.entries["capacity"], "a capacity of 0 serves nobody", hint="say what can be used"
        )
    return PerPeriod(figure, Per(text_of(node, "per") or Per.MONTH))


def _weights(node: y.Mapping, reading: PoolReading) -> Weights:
    table = node.entries.get("entitlements")
    if not isinstance(table, y.Mapping):
        return ()
    reading.receivers.know(table.keys.values(), reading.faults)
    made: list[tuple[str, Fraction]] = []
    for name, value in table.entries.items():
        weight = Fraction(as_quantity(text_of(table, name)))
        if not weight:
            reading.faults.add(value, f"{name!r} is entitled to nothing", hint="exclude it instead")
        made.append((name, weight))
    return tuple(sorted(made))


MAX_MIN = MethodTerms(
    {"capacity": CAPACITY_KEYS["capacity"], "per": CAPACITY_KEYS["per"], **_ENTITLED},
    ("driver", "capacity"),
    _max_min,
)
DOMINANT_RESOURCE = MethodTerms(
    {
        "resources": Key(
            Table(NAME, _RESOURCE, "a mapping from resources to what they are"),
            "Resources by name, each with its driver and capacity.",
        ),
        **_ENTITLED,
        "left": Key(
            Choice(tuple(Left), "idle or charged"), "What becomes of what wasn't allocated."
        ),
    },
    ("resources",),
    _dominant,
)
