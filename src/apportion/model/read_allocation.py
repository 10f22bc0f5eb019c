"""Allocation: how pools that use each other are charged."""

from __future__ import annotations

from collections.abc import Sequence

from apportion.model import marked_yaml as y
from apportion.model.dated import Dated
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.pools import Between, BetweenPools
from apportion.model.read_organisation import check_overlaps, read_validity
from apportion.model.values import scalars_of, text_of


def read_allocation(
    nodes: Sequence[y.Mapping], pools: Names, faults: Faults
) -> tuple[Dated[Between], ...]:
    """Entries whose shapes have been checked; no two may hold on the same day."""
    made = [Dated(_between(node, pools, faults), read_validity(node, faults)) for node in nodes]
    check_overlaps([entry.valid for entry in made], list(nodes), faults)
    return tuple(made)


def _between(node: y.Mapping, pools: Names, faults: Faults) -> Between:
    method = BetweenPools(text_of(node, "between_pools"))
    order = scalars_of(node.entries.get("order"))
    pools.know(order, faults)
    seen: set[str] = set()
    for one in order:
        if one.text in seen:
            faults.add(one, f"the pool {one.text!r} closes twice", hint="name each pool once")
        seen.add(one.text)
    if order and method is not BetweenPools.STEP_DOWN:
        faults.add(
            node.keys["order"],
            f"`order` has no meaning for {method}",
            hint="it belongs to `between_pools: step_down`",
        )
    return Between(method, tuple(one.text for one in order), text_of(node, "because"))
