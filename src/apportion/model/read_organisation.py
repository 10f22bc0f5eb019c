"""The organisation: units from YAML, their dated values, and a tree without a loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeVar

from apportion.domain.mode import Mode
from apportion.model import marked_yaml as y
from apportion.model.controlled import check_controlled
from apportion.model.dated import Dated, Validity, on
from apportion.model.faults import Faults
from apportion.model.names import Names
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.values import as_whole, text_of, validity_of

T = TypeVar("T")

RANK = {UnitKind.TEAM: 0, UnitKind.PRODUCT: 1, UnitKind.BUSINESS_UNIT: 2}


def read_validity(node: y.Mapping, faults: Faults) -> Validity:
    """The days on which a form holds; `from` not before `until` is a fault."""
    try:
        return validity_of(node)
    except ValueError as why:
        at = node.entries.get("until", node)
        faults.add(at, "`from` isn't before `until`", why=str(why), hint="swap or correct the days")
        return Validity()


def read_dated(
    node: y.Node | None, read: Callable[[str], T], faults: Faults
) -> tuple[Dated[T], ...]:
    """A value for good, or dated values, in the order of their days; overlaps are faults."""
    if node is None:
        return ()
    if isinstance(node, y.Scalar):
        return (Dated(read(node.text)),)
    assert isinstance(node, y.Sequence)
    entries = [entry for entry in node.items if isinstance(entry, y.Mapping)]
    made = [Dated(read(text_of(entry, "value")), read_validity(entry, faults)) for entry in entries]
    check_overlaps([value.valid for value in made], entries, faults)
    return tuple(sorted(made, key=lambda value: value.valid.start or date.min))


def check_overlaps(valid: Sequence[Validity], nodes: Sequence[y.Node], faults: Faults) -> None:
    """Report values that hold on the same days, with both places."""
    order = sorted(range(len(valid)), key=lambda n: valid[n].start or date.min)
    for earlier, later in pairwise(order):
        if met := valid[earlier].meet(valid[later]):
            day = met.start or "the beginning"
            faults.add(
                nodes[later],
                f"two values hold from {day}",
                why=f"the other is at {nodes[earlier].place}",
                hint="end the earlier with `until` on the day that the later begins",
            )


def read_organisation(nodes: Sequence[y.Mapping], names: Names, faults: Faults) -> Organisation:
    """Units whose shapes have been checked; `names` holds every declared unit, sound or not."""
    units = [(node, _unit(node, faults)) for node in nodes]
    organisation = Organisation({unit.name: unit for _, unit in units})
    for node, unit in units:
        _check_parents(node, unit, names, organisation.units, faults)
    _check_loops(organisation, faults)
    return organisation


def _unit(node: y.Mapping, faults: Faults) -> OrgUnit:
    name = text_of(node, "name")
    entries = node.entries
    check_controlled(entries.get("cost_center"), "a cost centre", faults)
    check_controlled(entries.get("profit_center"), "a profit centre", faults)
    return OrgUnit(
        name=name,
        kind=UnitKind(text_of(node, "kind")),
        title=text_of(node, "title") or name,
        place=entries["name"].place,
        valid=read_validity(node, faults),
        parent=read_dated(entries.get("parent"), str, faults),
        cost_center=read_dated(entries.get("cost_center"), str, faults),
        owner=read_dated(entries.get("owner"), str, faults),
        head_count=read_dated(entries.get("head_count"), as_whole, faults),
        stage=read_dated(entries.get("stage"), str, faults),
        mode=read_dated(entries.get("mode"), Mode, faults),
        entity=read_dated(entries.get("entity"), str, faults),
        profit_center=read_dated(entries.get("profit_center"), str, faults),
    )


def _check_parents(
    node: y.Mapping, unit: OrgUnit, names: Names, units: Mapping[str, OrgUnit], faults: Faults
) -> None:
    for parent in _parent_nodes(node):
        if not names.knows(parent.text, parent, faults):
            continue
        above = units.get(parent.text)
        if above and RANK[above.kind] < RANK[unit.kind]:
            faults.add(
                parent,
                f"the {unit.kind} {unit.name!r} lies within the {above.kind} {above.name!r}",
                hint="teams lie within products, products within business units",
            )


def _parent_nodes(node: y.Mapping) -> list[y.Scalar]:
    found = node.entries.get("parent")
    if isinstance(found, y.Scalar):
        return [found]
    entries = found.items if isinstance(found, y.Sequence) else []
    values = (entry.entries.get("value") for entry in entries if isinstance(entry, y.Mapping))
    return [value for value in values if isinstance(value, y.Scalar)]


def _check_loops(organisation: Organisation, faults: Faults) -> None:
    """Report each loop once. A reorganisation may turn a branch over, but never into a ring."""
    units = organisation.units
    cuts = {day for unit in units.values() for parent in unit.parent for day in parent.valid.cuts}
    seen: set[frozenset[str]] = set()
    for day in sorted({date.min, *cuts}):
        above = {name: on(unit.parent, day) for name, unit in units.items()}
        for loop in _loops(above):
            if frozenset(loop) not in seen:
                seen.add(frozenset(loop))
                path = " → ".join([*loop, loop[0]])
                faults.add(
                    units[loop[0]],
                    f"the organisation runs in a circle: {path}",
                    hint="take the parent off one of them",
                )


def _loops(above: dict[str, str | None]) -> list[list[str]]:
    done: set[str] = set()
    found: list[list[str]] = []
    for start in above:
        path: dict[str, None] = {}
        name: str | None = start
        while name is not None and name in above and name not in done:
            if name in path:
                chain = list(path)
                found.append(chain[chain.index(name) :])
                break
            path[name] = None
            name = above[name]
        done.update(path)
    return found
