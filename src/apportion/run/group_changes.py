"""Changes of a model as causes: those that make sense only together are one.

A pool that is split by a driver which isn't there yet can't be evaluated, and a
rule for a team that doesn't exist is no model. So a change and what it refers
to, where that is added or removed, are one cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from apportion.domain.owner import Owner
from apportion.domain.period import Span
from apportion.model.diff import Change, ChangeKind, moves_money
from apportion.model.organisation import OrgUnit, UnitKind
from apportion.model.pools import Driver, Pool, Split
from apportion.model.project import Model
from apportion.model.rules import Condition, Listed

MOST = 16
"""More causes than this are taken together: by section and file, then by section."""

_TOLD = 6

_DECIDING = frozenset({"rules", "inherit", "tags", "policies"})


@dataclass(frozen=True)
class Cause:
    """Changes that are taken together. `number` counts from 1 in the order of the changes.

    `decides` says that they may give charges to another owner; else they only
    share pools another way: those in `pools`, or any where that is None.
    """

    number: int
    changes: tuple[Change, ...]
    decides: bool
    pools: frozenset[str] | None

    @property
    def title(self) -> str:
        """What changed, drivers last; of many changes, how many there are in each section."""
        if len(self.changes) > _TOLD:
            counts: dict[str, int] = defaultdict(int)
            for change in self.changes:
                counts[change.section] += 1
            return ", ".join(f"{name}: {count} changed" for name, count in counts.items())
        ordered = sorted(self.changes, key=lambda change: change.section == "drivers")
        titles = [change.title for change in ordered]
        if len(titles) > 3:
            titles = [*titles[:2], f"and {len(titles) - 2} more with it"]
        return "; ".join(titles)


def group_changes(changes: Iterable[Change], old: Model, new: Model) -> tuple[Cause, ...]:
    """Causes of differences, in the order of section and name, however they are listed.

    Changes that move no money are left out.
    """
    moving = sorted(filter(moves_money, changes), key=lambda change: change.key)
    joined = _Joined(moving)
    by_name: dict[str, list[Change]] = defaultdict(list)
    for change in moving:
        if change.kind in {ChangeKind.ADDED, ChangeKind.REMOVED}:
            by_name[change.name].append(change)
    for change in moving:
        for entry, kind in ((change.new, ChangeKind.ADDED), (change.old, ChangeKind.REMOVED)):
            for name in mentions(entry):
                for other in by_name[name]:
                    if other.kind is kind and other.section in _NAMED:
                        joined.join(change, other)
    causes = _causes(joined.groups(), old, new)
    for coarse in (_section_and_file, _section):
        if len(causes) > MOST:
            causes = together(causes, old, new, coarse)
    return causes


def together(
    causes: Sequence[Cause], old: Model, new: Model, of: Callable[[Change], object]
) -> tuple[Cause, ...]:
    """Causes whose changes have anything in common, by a function of a change, as one."""
    joined = _Joined([change for cause in causes for change in cause.changes])
    first: dict[object, Change] = {}
    for cause in causes:
        for change in cause.changes:
            joined.join(cause.changes[0], change)
            joined.join(first.setdefault(of(change), change), change)
    return _causes(joined.groups(), old, new)


def in_force(cause: Cause, span: Span) -> bool:
    """Whether a cause can move anything in a period: a driver's quantities of another can't."""
    if cause.pools is None:
        return True
    differ = (
        change.section != "drivers" or _differ(change.old, change.new, span)
        for change in cause.changes
    )
    return bool(cause.pools) and any(differ)


def mentions(entry: Any) -> frozenset[str]:
    """Names that an entry of a model refers to: teams, pools, drivers; conditions name none."""
    return frozenset(_names(entry, top=True))


_NAMED = frozenset({"organisation", "pools", "drivers"})
_TEXTS = frozenset({"place", "because", "responsible", "title", "name", "file", "unit"})


def _names(value: Any, *, top: bool = False) -> Iterator[str]:
    if isinstance(value, (Enum, Condition, Driver)) or (top and isinstance(value, OrgUnit)):
        return  # quantities of whom isn't known are no fault of a driver
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Owner, Listed)):
        yield value.name if isinstance(value, Owner) else value.owner.name
    elif isinstance(value, tuple):
        for part in value:
            yield from _names(part)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in _TEXTS:
                yield from _names(getattr(value, field.name))


def _differ(old: Driver | None, new: Driver | None, span: Span) -> bool:
    if old is None or new is None:
        return True
    if old.metered != new.metered:
        return True
    held = [
        {
            (row.team, row.start, row.until, row.quantity)
            for row in driver.rows
            if span.overlap(Span(row.start, row.until))
        }
        for driver in (old, new)
    ]
    return held[0] != held[1]


def _causes(groups: Iterable[Sequence[Change]], old: Model, new: Model) -> tuple[Cause, ...]:
    chained = pools_are_chained(old) or pools_are_chained(new)
    made = []
    for number, changes in enumerate(groups, start=1):
        touched: set[str] | None = set()
        for change in changes:
            pools = _pools(change, old, new)
            touched = None if touched is None or pools is None or chained else touched | pools
        decides = any(_decides(change) for change in changes)
        pools_of = None if touched is None or decides else frozenset(touched)
        made.append(Cause(number, tuple(changes), decides, pools_of))
    return tuple(made)


def _decides(change: Change) -> bool:
    """Whether a change may give charges to another owner."""
    old, new = change.old, change.new
    if change.section in _DECIDING:
        return True
    if change.section == "pools":
        return change.moved or _claim(old) != _claim(new)
    return change.section == "organisation" and _as_team(old) != _as_team(new)


def _claim(pool: Pool | None) -> object:
    return pool and (pool.condition, pool.from_team, pool.valid)


def _as_team(unit: OrgUnit | None) -> object:
    return unit.valid if unit and unit.kind is UnitKind.TEAM else None


def _pools(change: Change, old: Model, new: Model) -> set[str] | None:
    """The pools that are shared another way by a change; None for any."""
    if change.section == "pools":
        return {change.name} if _split_alone(change) else None
    if change.section == "drivers":
        return {pool.name for pool in (*old.pools, *new.pools) if change.name in mentions(pool)}
    return None


def _split_alone(change: Change) -> bool:
    """Whether nothing but the split of a pool differs: all else may move its charges elsewhere."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    others = [field.name for field in fields(Pool) if field.name not in _SPLIT_ALONE]
    return all(getattr(old, name) == getattr(new, name) for name in others)


_SPLIT_ALONE = frozenset({"splits", "place", "position", "title", "because", "responsible"})


def pools_are_chained(model: Model) -> bool:
    """Whether any pool may pass cost to another: then a change of one moves lines of both."""
    pools = {pool.name for pool in model.pools} - model.organisation.units.keys()
    received = {row.team for driver in model.drivers.values() for row in driver.rows}
    received |= {one.owner.name for one in model.identities}
    for pool in model.pools:
        for dated in pool.splits:
            received |= _receivers(dated.value)
    return not pools.isdisjoint(received)


def _receivers(split: Split) -> set[str]:
    """Whom a split names: among whom, by which percentage, or in the terms of its method."""
    terms = {*_names(split.terms)} - {*split.driver_names}
    found = {*split.among, *(name for name, _ in split.percentages), *terms}
    for other in (split.fallback, split.previous):
        found |= _receivers(other) if other else set()
    return found


def _section_and_file(change: Change) -> object:
    return change.section, change.place.file if change.place else ""


def _section(change: Change) -> object:
    return change.section


def allocation_or_not(change: Change) -> object:
    """Pools, drivers and the organisation are one: what can't be evaluated lies among these."""
    return change.section not in _DECIDING


class _Joined:
    """Changes that belong together, found step by step."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self._root = {change.key: change.key for change in changes}

    def join(self, one: Change, other: Change) -> None:
        self._root[self._find(one.key)] = self._find(other.key)

    def groups(self) -> list[list[Change]]:
        found: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in self._changes:
            found[self._find(change.key)].append(change)
        return list(found.values())

    def _find(self, key: tuple[str, str]) -> tuple[str, str]:
        while self._root[key] != key:
            self._root[key] = self._root[self._root[key]]
            key = self._root[key]
        return key
