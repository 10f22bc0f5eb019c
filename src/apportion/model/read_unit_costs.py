"""Unit costs from their form to values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.read_organisation import read_validity
from apportion.model.unit_costs import UnitCostSpec
from apportion.model.values import scalars_of, text_of, texts_of


@dataclass(frozen=True)
class UnitCostReading:
    """What unit costs may name."""

    units: Names
    teams: Names
    pools: Names
    usage: Names
    faults: Faults


def read_unit_costs(
    nodes: Sequence[y.Mapping], reading: UnitCostReading
) -> tuple[UnitCostSpec, ...]:
    """Entries whose shapes have been checked, in the order of the model."""
    return tuple(_read(nodes, reading))


def _read(nodes: Sequence[y.Mapping], reading: UnitCostReading) -> Iterator[UnitCostSpec]:
    faults = reading.faults
    for node in nodes:
        of = node.entries.get
        reading.teams.know(scalars_of(of("teams")), faults)
        reading.units.know(scalars_of(of("products")), faults)
        reading.pools.know(scalars_of(of("pools")), faults)
        reading.usage.know(scalars_of(of("usage")), faults)
        per = text_of(node, "per") or "1"
        if not int(per):
            faults.add(node.entries["per"], "a cost of 0 units is none", hint="write 1 or more")
        yield UnitCostSpec(
            name=text_of(node, "name"),
            meter=text_of(node, "meter"),
            place=node.entries["name"].place,
            sources=texts_of(of("usage")),
            per=int(per) or 1,
            teams=texts_of(of("teams")),
            products=texts_of(of("products")),
            pools=texts_of(of("pools")),
            services=texts_of(of("services")),
            valid=read_validity(node, faults),
            because=text_of(node, "because"),
            responsible=text_of(node, "owner"),
        )
