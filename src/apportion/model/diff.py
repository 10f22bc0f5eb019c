"""What two models say differently: one named change for each entry, with its places.

Layout, comments and the order of files don't count. Of rules, pools and
policies the order counts, because the first that matches decides: an entry that
was put elsewhere among the others is a change too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any

from apportion.errors import Place
from apportion.model.change_titles import title_of, title_of_other
from apportion.model.digest import LAYOUT, digest_of
from apportion.model.pools import Pool
from apportion.model.project import Model

LISTS = ("rules", "inherit", "pools", "policies", "stack", "classes")
"""Sections whose entries decide in their order."""

MAPPINGS = ("organisation", "tags", "drivers", "budgets")
"""Sections whose entries have no order."""

REMARKS = {
    "organisation": ("title", "cost_center", "owner"),
    "tags": ("required",),
    "drivers": ("unit",),
    "rules": ("because", "responsible"),
    "inherit": ("because",),
    "pools": ("title", "because", "responsible"),
    "policies": ("because", "responsible"),
}
"""Fields that statements may show and that move no money, by section."""

WITHOUT_MONEY = frozenset({"budgets", "stack", "classes", "governance"})
"""Sections that move nothing from one team to another; classes take effect at the next load."""


class ChangeKind(StrEnum):
    """moved: the same entry at another place among the others."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True)
class Change:
    """One entry that two models say differently.

    `name` is unique within its section. `old` and `new` are the entries
    themselves, None where there is none; `moved` says that it stands at another
    place among the others, whether it says the same or not.
    """

    section: str
    name: str
    kind: ChangeKind
    title: str
    old: Any = None
    new: Any = None
    moved: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return (self.section, self.name)

    @property
    def place(self) -> Place | None:
        """Where it stands: in the new model, or in the old one where it was removed."""
        return _place(self.old if self.new is None else self.new)


def diff(old: Model, new: Model) -> tuple[Change, ...]:
    """The changes that lead from one model to another, in the order of sections and names."""
    found = [
        *(change for section in MAPPINGS for change in _of_mapping(section, old, new)),
        *(change for section in LISTS for change in _of_list(section, old, new)),
        *_of_others(old, new),
    ]
    return tuple(found)


def entries(model: Model, section: str) -> dict[str, Any]:
    """The entries of a section by name, in their order.

    Policies have no names: theirs is the kind of charges, with what they ask of
    them. A team's budgets are one entry.
    """
    if section == "organisation":
        return dict(model.organisation.units)
    if section == "tags":
        return dict(model.taxonomy.keys)
    if section == "drivers":
        return dict(model.drivers)
    if section == "budgets":
        teams = sorted({budget.team for budget in model.budgets})
        return {team: tuple(b for b in model.budgets if b.team == team) for team in teams}
    listed = sorted(getattr(model, section), key=lambda entry: entry.position)
    if section != "policies":
        return {entry.name: entry for entry in listed}
    made: dict[str, Any] = {}
    for policy in listed:
        asked = "" if policy.condition is None else f" {digest_of(policy.condition)[:8]}"
        name, number = f"{policy.kind.label}{asked}", 2
        while name in made:
            name, number = f"{policy.kind.label}{asked} {number}", number + 1
        made[name] = policy
    return made


def others() -> tuple[str, ...]:
    """Fields of a model that are no list of entries: each is compared as a whole."""
    known = {*LISTS, "organisation", "taxonomy", "drivers", "budgets", "hash"}
    return tuple(field.name for field in fields(Model) if field.name not in known)


def stable(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """Names that keep their order: as many as can be, so that few entries count as moved.

    >>> sorted(stable(dict.fromkeys("abcd"), dict.fromkeys("dabc")))
    ['a', 'b', 'c']
    """
    places = {name: place for place, name in enumerate(old)}
    tails: list[int] = []
    last: list[str] = []
    before: dict[str, str | None] = {}
    for name in (name for name in new if name in places):
        at = bisect_left(tails, places[name])
        tails[at : at + 1] = [places[name]]
        last[at : at + 1] = [name]
        before[name] = last[at - 1] if at else None
    kept: set[str] = set()
    at_end = last[-1] if last else None
    while at_end is not None:
        kept.add(at_end)
        at_end = before[at_end]
    return frozenset(kept)


def says_the_same(old: Any, new: Any) -> bool:
    """Whether two entries mean the same, wherever they stand."""
    if old is None or new is None:
        return old is new
    if type(old) is type(new) and is_dataclass(old):
        names = [field.name for field in fields(old) if field.name not in LAYOUT]
        if all(getattr(old, name) == getattr(new, name) for name in names):
            return True
    return old == new or digest_of([old]) == digest_of([new])


def moves_money(change: Change) -> bool:
    """Whether a change can move any amount; a reason, a title or a budget can't."""
    if change.section in WITHOUT_MONEY:
        return False
    if change.kind is not ChangeKind.CHANGED or change.moved:
        return True
    remarks = REMARKS.get(change.section, ())
    return not says_the_same(_bare(change.old, remarks), _bare(change.new, remarks))


def _bare(entry: Any, remarks: Iterable[str]) -> Any:
    """An entry without what moves no money."""
    if isinstance(entry, Pool):
        bare = (replace(one.value, because="", responsible="") for one in entry.splits)
        splits = (replace(one, value=split) for one, split in zip(entry.splits, bare, strict=True))
        entry = replace(entry, splits=tuple(splits))
    return replace(entry, **dict.fromkeys(remarks)) if remarks else entry


def _of_mapping(section: str, old: Model, new: Model) -> Iterator[Change]:
    before, after = entries(old, section), entries(new, section)
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if not says_the_same(was, now):
            yield _change(section, name, was, now)


def _of_list(section: str, old: Model, new: Model) -> Iterator[Change]:
    before, after = entries(old, section), entries(new, section)
    kept = stable(before, after)
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        moved = name in before and name in after and name not in kept
        if moved or not says_the_same(was, now):
            yield _change(section, name, was, now, moved)


def _of_others(old: Model, new: Model) -> Iterator[Change]:
    for name in others():
        was, now = getattr(old, name), getattr(new, name)
        if not says_the_same(was, now):
            title = title_of_other(name, was, now)
            yield Change(name, name, ChangeKind.CHANGED, title, was, now)


def _change(section: str, name: str, was: Any, now: Any, moved: bool = False) -> Change:
    if was is None or now is None:
        kind = ChangeKind.ADDED if was is None else ChangeKind.REMOVED
    else:
        same = moved and says_the_same(was, now)
        kind = ChangeKind.MOVED if same else ChangeKind.CHANGED
    return Change(section, name, kind, title_of(section, name, was, now, moved), was, now, moved)


def _place(entry: Any) -> Place | None:
    if isinstance(entry, tuple):
        entry = entry[0] if entry else None
    found = getattr(entry, "place", None)
    return found if isinstance(found, Place) else None
