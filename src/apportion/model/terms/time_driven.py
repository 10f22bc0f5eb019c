"""The terms of time-driven costing: minutes for each event, of a capacity of minutes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apportion.model import marked_yaml as y
from apportion.model.forms import AMOUNT, NAME
from apportion.model.pools import Terms
from apportion.model.shape import Form, Key, Table
from apportion.model.terms.idle import CAPACITY_KEYS, Capacity, read_capacity
from apportion.model.terms.method_terms import MethodTerms
from apportion.model.terms.money import as_exact
from apportion.model.values import text_of

if TYPE_CHECKING:
    from apportion.model.read_pools import PoolReading


@dataclass(frozen=True)
class Event:
    """What a driver counts, and the minutes that each one takes."""

    driver: str
    minutes: Fraction


@dataclass(frozen=True)
class TimeDriven(Terms):
    """The time equation: time = Σ minutes × events; and the time that there is."""

    events: tuple[Event, ...]
    capacity: Capacity

    @property
    def driver_names(self) -> tuple[str, ...]:
        return (*self.measured_by, *self.capacity.driver_names)

    @property
    def measured_by(self) -> tuple[str, ...]:
        return tuple(event.driver for event in self.events)

    @property
    def accounts(self) -> tuple[str, ...]:
        return self.capacity.accounts


_EVENT = Form(
    "an event",
    {"minutes": Key(AMOUNT, "The time that each one takes.", needed=True)},
)


def _read(node: y.Mapping, reading: PoolReading) -> TimeDriven | None:
    table = node.entries.get("events")
    if not isinstance(table, y.Mapping):
        return None
    reading.drivers.know(table.keys.values(), reading.faults)
    events = tuple(
        Event(name, as_exact(text_of(one, "minutes")))
        for name, one in table.entries.items()
        if isinstance(one, y.Mapping)
    )
    for event in events:
        if not event.minutes:
            reading.faults.add(
                table.keys[event.driver], f"{event.driver!r} takes no time", hint="leave it out"
            )
    return TimeDriven(events, read_capacity(node, reading))


TIME_DRIVEN = MethodTerms(
    {
        "events": Key(
            Table(NAME, _EVENT, "a mapping from drivers to minutes"),
            "The time equation: drivers that count events, and the minutes of each.",
        ),
        **CAPACITY_KEYS,
    },
    ("events",),
    _read,
)
