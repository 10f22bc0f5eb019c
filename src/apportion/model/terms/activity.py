"""The terms of activity-based costing: a pool's cost by activities, each with its own driver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import NAME, PART, VALUES
from apportion.model.pools import Terms
from apportion.model.shape import Form, Key, Table
from apportion.model.terms.idle import CAPACITY_KEYS, Capacity, read_capacity
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.values import as_part, text_of, texts_of

if TYPE_CHECKING:
    from apportion.model.faults import Faults
    from apportion.model.read_pools import PoolReading


@dataclass(frozen=True)
class Activity:
    """A part of a pool, or services of it, and the driver that its cost goes by.

    One of the activities may have neither: it takes what the others leave. With a
    capacity, what isn't used of it is idle.
    """

    name: str
    driver: str
    part: Fraction | None = None
    services: tuple[str, ...] = ()
    capacity: Capacity | None = None


@dataclass(frozen=True)
class ActivityBased(Terms):
    """Activities in the order of the model: a service belongs to the first that names it."""

    activities: tuple[Activity, ...] = ()

    @property
    def driver_names(self) -> tuple[str, ...]:
        limits = (one.capacity.driver_names for one in self.activities if one.capacity)
        return (*self.measured_by, *(name for names in limits for name in names))

    @property
    def by_services(self) -> bool:
        return any(one.services for one in self.activities)

    @property
    def measured_by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.driver for one in self.activities))

    @property
    def accounts(self) -> tuple[str, ...]:
        held = (one.capacity for one in self.activities if one.capacity)
        return tuple(team for capacity in held for team in capacity.accounts)


_ACTIVITY = Form(
    "an activity",
    {
        "driver": Key(NAME, "The driver that its cost goes by.", needed=True),
        "part": Key(PART, "The part of the pool that it costs."),
        "services": Key(VALUES, "Services whose cost it is; * and ? are wildcards."),
        **CAPACITY_KEYS,
    },
)


def _read(node: y.Mapping, reading: PoolReading) -> ActivityBased | None:
    table = node.entries.get("activities")
    if not isinstance(table, y.Mapping):
        return None
    entries = {name: one for name, one in table.entries.items() if isinstance(one, y.Mapping)}
    whole = _check(table, entries, reading.faults)
    return ActivityBased(
        tuple(_activity(name, one, whole, reading) for name, one in entries.items())
    )


def _activity(name: str, node: y.Mapping, whole: int, reading: PoolReading) -> Activity:
    driver = node.entries["driver"]
    if isinstance(driver, y.Scalar):
        reading.drivers.knows(driver.text, driver, reading.faults)
    limited = any(key in node.entries for key in CAPACITY_KEYS)
    return Activity(
        name,
        text_of(node, "driver"),
        as_part(text_of(node, "part")) / whole if "part" in node.entries else None,
        texts_of(node.entries.get("services")),
        read_capacity(node, reading) if limited else None,
    )


def _check(table: y.Mapping, entries: Mapping[str, y.Mapping], faults: Faults) -> int:
    """What the parts sum to: 100 for percents, 1 for fractions."""
    parts = {name: as_part(text_of(one, "part")) for name, one in entries.items() if _has(one)}
    services = [name for name, one in entries.items() if "services" in one.entries]
    rest = [name for name in entries if name not in parts and name not in services]
    for name in rest[1:]:
        faults.add(
            table.keys[name],
            f"both {rest[0]!r} and {name!r} take what the others leave",
            hint="give one of them a part or services",
        )
    total = sum(parts.values(), Fraction(0))
    percents = total > 1 or any(text_of(entries[name], "part").endswith("%") for name in parts)
    whole = 100 if percents else 1
    if parts and services:
        faults.add(
            table.keys[services[0]],
            "some activities have a part, and some have services",
            hint="tell all of them by parts, or all by services",
        )
    elif parts and (total > whole or (total != whole and not rest)):
        faults.add(
            table,
            f"the parts of activities sum to {float(total):g}, not to {whole}",
            hint="percents sum to 100, fractions to 1; an activity without a part takes the rest",
        )
    return whole


def _has(node: y.Mapping) -> bool:
    return "part" in node.entries


ACTIVITY = MethodTerms(
    {
        "activities": Key(
            Table(NAME, _ACTIVITY, "a mapping from activities to what they are"),
            "Activities by name, each with its part or services, and its driver.",
        )
    },
    ("activities",),
    _read,
)
