"""Rules of the cost stack from their form to values."""

from __future__ import annotations

from collections.abc import Sequence

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.read_condition import read_condition
from apportion.model.read_organisation import read_validity
from apportion.model.stack import Stack, StackRule
from apportion.model.tag_names import TagNames
from apportion.model.text_place import Sources
from apportion.model.values import text_of


def read_stack(
    nodes: Sequence[y.Mapping], tags: TagNames, sources: Sources, faults: Faults
) -> tuple[StackRule, ...]:
    """Rules whose shapes have been checked, in the order of the model; one at fault is left out."""
    found: list[StackRule] = []
    for position, node in enumerate(nodes):
        read = read_condition(node, tags, sources, faults)
        if read is not None:
            found.append(
                StackRule(
                    name=text_of(node, "name"),
                    position=position,
                    place=node.entries["name"].place,
                    condition=read.condition,
                    stack=Stack(text_of(node, "stack")),
                    valid=read_validity(node, faults),
                    because=text_of(node, "because"),
                    responsible=text_of(node, "owner"),
                )
            )
    return tuple(found)
