"""Policies from their form to values, in the order of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apportion.domain.owner import Owner, OwnerKind
from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.forms import CONDITION, column_shape
from apportion.model.names import Names
from apportion.model.policies import Action, Policy, PolicyKind
from apportion.model.read_condition import read_condition
from apportion.model.read_organisation import read_validity
from apportion.model.tag_names import TagNames
from apportion.model.text_place import Sources
from apportion.model.values import text_of


@dataclass(frozen=True)
class PolicyReading:
    """What policies refer to."""

    teams: Names
    pools: Names
    tags: TagNames
    sources: Sources
    faults: Faults


def read_policies(nodes: Sequence[y.Mapping], reading: PolicyReading) -> tuple[Policy, ...]:
    """Policies whose shapes have been checked; one whose condition is at fault is left out."""
    read = (_policy(node, position, reading) for position, node in enumerate(nodes))
    return tuple(policy for policy in read if policy is not None)


def _policy(node: y.Mapping, position: int, reading: PolicyReading) -> Policy | None:
    conditioned = any(key in CONDITION or column_shape(key) for key in node.entries)
    read = None
    if conditioned:
        read = read_condition(node, reading.tags, reading.sources, reading.faults)
        if read is None:
            return None
    owner = _owner(node, reading)
    action = Action.OWNER if owner else Action(text_of(node, "policy"))
    if "on" in node.entries and action is not Action.SHARE:
        reading.faults.add(
            node.keys["on"],
            "`on` has no meaning but for a share",
            hint="it is the cost basis by which `policy: share` weighs",
        )
    return Policy(
        kind=PolicyKind(text_of(node, "charges")),
        position=position,
        place=node.entries["charges"].place,
        action=action,
        owner=owner,
        on=text_of(node, "on") or "EffectiveCost",
        condition=read.condition if read else None,
        valid=read_validity(node, reading.faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )


def _owner(node: y.Mapping, reading: PolicyReading) -> Owner | None:
    for key, kind, names in (
        ("team", OwnerKind.TEAM, reading.teams),
        ("pool", OwnerKind.POOL, reading.pools),
    ):
        given = node.entries.get(key)
        if isinstance(given, y.Scalar):
            names.knows(given.text, given, reading.faults)
            return Owner(kind, given.text)
    return None
