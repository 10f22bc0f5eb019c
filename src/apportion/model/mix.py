"""A model between two others: the old one with some of the changes that lead to the new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from apportion.model.diff import LISTS, Change, diff, entries, others, stable
from apportion.model.organisation import Organisation
from apportion.model.project import Model
from apportion.model.taxonomy import Taxonomy


@dataclass(frozen=True)
class Slot:
    """A place in the joint order of two lists: an entry of the old one, of the new one, or both."""

    name: str
    in_old: bool
    in_new: bool


def joint_order(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Slot, ...]:
    """Two orders as one: without what is new it is the old order, without what is old the new.

    Where entries were removed and others added at the same place, the removed
    ones come first. An entry that was moved has two slots.

    >>> [slot.name for slot in joint_order(dict.fromkeys("abc"), dict.fromkeys("axc"))]
    ['a', 'b', 'x', 'c']
    """
    kept = stable(old, new)
    before, after = list(old), list(new)
    made: list[Slot] = []
    at_old = at_new = 0
    for anchor in [*(name for name in before if name in kept), None]:
        while at_old < len(before) and before[at_old] != anchor:
            made.append(Slot(before[at_old], True, False))
            at_old += 1
        while at_new < len(after) and after[at_new] != anchor:
            made.append(Slot(after[at_new], False, True))
            at_new += 1
        if anchor is not None:
            made.append(Slot(anchor, True, True))
            at_old, at_new = at_old + 1, at_new + 1
    return tuple(made)


@dataclass(frozen=True)
class Mix:
    """Two models, and every model between them.

    Invariant: with no change it is the old model, with all of them the new one.
    """

    old: Model
    new: Model

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        return diff(self.old, self.new)

    def of(self, taken: Collection[Change]) -> Model:
        """The old model with the changes that are `taken`."""
        names = {change.key for change in taken}
        if not names:
            return self.old
        if names >= {change.key for change in self.changes}:
            return self.new
        touched = {section for section, _ in names}
        parts: dict[str, Any] = {}
        for section in touched & {*LISTS}:
            parts[section] = self._list(section, names)
        if "organisation" in touched:
            parts["organisation"] = Organisation(self._mapping("organisation", names))
        if "tags" in touched:
            parts["taxonomy"] = Taxonomy(self._mapping("tags", names))
        if "drivers" in touched:
            parts["drivers"] = self._mapping("drivers", names)
        if "budgets" in touched:
            budgets = self._mapping("budgets", names).values()
            parts["budgets"] = tuple(budget for own in budgets for budget in own)
        for name in touched & {*others()}:
            parts[name] = getattr(self.new, name)
        return replace(self.old, hash="", **parts)

    def _mapping(self, section: str, names: Collection[tuple[str, str]]) -> dict[str, Any]:
        old, new = self._entries[section]
        made = {}
        for name in {**old, **new}:
            entry = (new if (section, name) in names else old).get(name)
            if entry is not None:
                made[name] = entry
        return made

    def _list(self, section: str, names: Collection[tuple[str, str]]) -> tuple[Any, ...]:
        old, new = self._entries[section]
        made: list[Any] = []
        for slot in self._orders[section]:
            taken = (section, slot.name) in names
            if slot.in_new if taken else slot.in_old:
                made.append((new if taken else old)[slot.name])
        return tuple(
            entry if entry.position == n else replace(entry, position=n)
            for n, entry in enumerate(made)
        )

    @cached_property
    def _entries(self) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        names = ("organisation", "tags", "drivers", "budgets", *LISTS)
        return {name: (entries(self.old, name), entries(self.new, name)) for name in names}

    @cached_property
    def _orders(self) -> dict[str, tuple[Slot, ...]]:
        return {name: joint_order(*self._entries[name]) for name in LISTS}
