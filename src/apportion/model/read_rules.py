"""Attribution rules and inheritance: forms from YAML to values, in the order of the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.model import marked_yaml as y
from apportion.model.condition import unseen, visible
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.read_condition import Read, read_condition, weakest
from apportion.model.read_organisation import read_validity
from apportion.model.resource_list import ResourceList
from apportion.model.rules import TAG, Condition, Inheritance, Listed, Rule
from apportion.model.tag_names import TagNames
from apportion.model.text_place import Sources
from apportion.model.values import text_of

OpenList = Callable[[y.Node], ResourceList | None]


@dataclass(frozen=True)
class RuleReading:
    """What rules refer to."""

    teams: Names
    pools: Names
    tags: TagNames
    open_list: OpenList
    sources: Sources
    faults: Faults


def read_rules(nodes: Sequence[y.Mapping], reading: RuleReading) -> tuple[Rule, ...]:
    """Rules whose shapes have been checked; one at fault is left out."""
    read = (_rule(node, position, reading) for position, node in enumerate(nodes))
    return tuple(rule for rule in read if rule is not None)


def _rule(node: y.Mapping, position: int, reading: RuleReading) -> Rule | None:
    read = read_condition(node, reading.tags, reading.sources, reading.faults)
    owner = _owner(node, reading)
    from_tag = text_of(node, "team_from_tag")
    resources = node.entries.get("resources")
    listed = reading.open_list(resources) if resources is not None else None
    if read is None or (resources is not None and listed is None):
        return None
    entries = node.entries
    return Rule(
        name=text_of(node, "name"),
        position=position,
        place=entries["name"].place,
        condition=read.condition,
        evidence=_evidence(node, read),
        owner=owner,
        from_tag=reading.tags.column(TAG + from_tag).removeprefix(TAG) if from_tag else "",
        column=listed.column if listed else "",
        listed=listed.rows if listed else (),
        valid=read_validity(node, reading.faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )


def _owner(node: y.Mapping, reading: RuleReading) -> Owner | None:
    team, pool = node.entries.get("team"), node.entries.get("pool")
    if isinstance(team, y.Scalar):
        reading.teams.knows(team.text, team, reading.faults)
        return Owner(OwnerKind.TEAM, team.text)
    if isinstance(pool, y.Scalar):
        reading.pools.knows(pool.text, pool, reading.faults)
        return Owner(OwnerKind.POOL, pool.text)
    return None


def _evidence(node: y.Mapping, read: Read) -> Evidence:
    """As declared; else that of the weakest part. What matches everything rests on nothing better
    than a pattern.
    """
    if declared := text_of(node, "evidence"):
        return Evidence(declared)
    if "team_from_tag" in node.entries:
        return weakest(read.evidence, Evidence.TAGGED)
    if "resources" in node.entries:
        return weakest(read.evidence, Evidence.MAPPED)
    return Evidence.PATTERN if read.condition == Condition() else read.evidence


def read_inherit(
    nodes: Sequence[y.Mapping], first: int, reading: RuleReading
) -> tuple[tuple[Rule, ...], tuple[Inheritance, ...]]:
    """Inheritance; entries that name owners outright become rules, tried after all others."""
    rules: list[Rule] = []
    inherit: list[Inheritance] = []
    for node in nodes:
        child, parent = (_column(node, key, reading) for key in ("child", "parent"))
        if child is None or parent is None:
            continue
        if "owners" in node.entries:
            rules.append(_rule_of_owners(node, child, first + len(rules), reading))
        else:
            inherit.append(
                Inheritance(
                    name=text_of(node, "name"),
                    position=len(inherit),
                    place=node.entries["name"].place,
                    child=child,
                    parent=parent,
                    valid=read_validity(node, reading.faults),
                    because=text_of(node, "because"),
                )
            )
    return tuple(rules), tuple(inherit)


def _column(node: y.Mapping, key: str, reading: RuleReading) -> str | None:
    """A visible column, by its canonical name; empty where the key is absent, None at a fault."""
    given = node.entries.get(key)
    if not isinstance(given, y.Scalar):
        return ""
    if visible(given.text):
        return reading.tags.column(given.text)
    fault = unseen(given.text)
    reading.faults.add(given, fault.what, why=fault.why, hint=fault.hint)
    return None


def _rule_of_owners(node: y.Mapping, child: str, position: int, reading: RuleReading) -> Rule:
    owners = node.entries["owners"]
    assert isinstance(owners, y.Mapping)
    listed: list[Listed] = []
    for value, team in owners.entries.items():
        assert isinstance(team, y.Scalar)
        if reading.teams.knows(team.text, team, reading.faults):
            (canonical,) = reading.tags.values(child, (value,))
            listed.append(Listed(canonical, Owner(OwnerKind.TEAM, team.text)))
    return Rule(
        name=text_of(node, "name"),
        position=position,
        place=node.entries["name"].place,
        condition=Condition(),
        evidence=Evidence.MAPPED,
        column=child,
        listed=tuple(listed),
        valid=read_validity(node, reading.faults),
        because=text_of(node, "because"),
        responsible=text_of(node, "owner"),
    )
