"""The model's own patterns of cost classes, from their form to values."""

from __future__ import annotations

from collections.abc import Sequence

from apportion.domain.cost_class import CostClass
from apportion.model import marked_yaml as y
from apportion.model.classes import ClassRule
from apportion.model.faults import Faults
from apportion.model.read_organisation import read_validity
from apportion.model.values import as_part, text_of, texts_of

_FACTS = {"model": "model", "token_type": "token_type", "tier": "tier", "gpu_model": "gpu"}
"""Keys of the form, and what a pattern calls the fact."""


def read_classes(nodes: Sequence[y.Mapping], faults: Faults) -> tuple[ClassRule, ...]:
    """Patterns whose shapes have been checked, in the order of the model."""
    return tuple(_class(node, position, faults) for position, node in enumerate(nodes))


def _class(node: y.Mapping, position: int, faults: Faults) -> ClassRule:
    name, cost_class = text_of(node, "name"), CostClass(text_of(node, "class"))
    if "service" not in node.entries and "meter" not in node.entries:
        faults.add(
            node,
            f"the class {name!r} matches everything",
            hint="say which `service` or `meter` it is for",
        )
    if cost_class is CostClass.AI_TOKENS and "token_type" not in node.entries:
        faults.add(
            node, f"the class {name!r} doesn't say which tokens", hint="add `token_type: input`"
        )
    return ClassRule(
        name=name,
        position=position,
        place=node.entries["name"].place,
        cost_class=cost_class,
        service=texts_of(node.entries.get("service")),
        meter=texts_of(node.entries.get("meter")),
        ai_service=text_of(node, "ai_service"),
        sets=tuple(_facts(node)),
        valid=read_validity(node, faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )


def _facts(node: y.Mapping) -> list[tuple[str, str]]:
    found = [(fact, text) for key, fact in _FACTS.items() if (text := text_of(node, key))]
    count = text_of(node, "gpu_count")
    return [*found, ("count", str(as_part(count)))] if count else found
