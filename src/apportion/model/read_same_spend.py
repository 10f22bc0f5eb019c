"""Spend that arrives on several bills: from its form to values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apportion.model import marked_yaml as y
from apportion.model.faults import Faults
from apportion.model.read_condition import read_condition
from apportion.model.read_organisation import read_validity
from apportion.model.rules import Condition
from apportion.model.same_spend import SameSpend
from apportion.model.tag_names import TagNames
from apportion.model.text_place import Sources
from apportion.model.values import text_of


def read_same_spend(
    nodes: Sequence[y.Mapping], tags: TagNames, sources: Sources, faults: Faults
) -> tuple[SameSpend, ...]:
    """Entries whose shapes have been checked, in the order of the model."""
    return tuple(_entry(node, tags, sources, faults) for node in nodes)


def _entry(node: y.Mapping, tags: TagNames, sources: Sources, faults: Faults) -> SameSpend:
    listed = node.entries["views"]
    assert isinstance(listed, y.Sequence)
    if len(listed.items) < 2:
        faults.add(listed, "one view alone", hint="list the views of the other bills, too")
    return SameSpend(
        name=text_of(node, "name"),
        place=node.entries["name"].place,
        views=tuple(_views(listed, tags, sources, faults)),
        valid=read_validity(node, faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )


def _views(
    listed: y.Sequence, tags: TagNames, sources: Sources, faults: Faults
) -> Iterator[Condition]:
    for one in listed.items:
        assert isinstance(one, y.Mapping)
        if not one.entries:
            faults.add(one, "a view without a condition", hint="say which charges it is")
            continue
        read = read_condition(one, tags, sources, faults)
        if read is not None:
            yield read.condition
