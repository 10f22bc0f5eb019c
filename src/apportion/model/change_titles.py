"""What changed in an entry of a model, in a line that people read: `rule x: team a → team b`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any

from apportion.domain.owner import Owner
from apportion.model.change_parts import BESIDE, differs, of_fields, parts
from apportion.model.change_texts import ARROW, LONGEST, label_of, number, told, valid_text
from apportion.model.dated import ALWAYS, Dated
from apportion.model.digest import LAYOUT
from apportion.model.pools import Split

NOUNS = {
    "tags": "tag",
    "drivers": "driver",
    "budgets": "budget of team",
    "rules": "rule",
    "inherit": "inheritance",
    "pools": "pool",
    "policies": "policy on",
    "stack": "part of the stack",
    "classes": "class",
}


def title_of(section: str, name: str, was: Any, now: Any, moved: bool) -> str:
    """What became of an entry, in few words."""
    entry = now if was is None else was
    label = f"{_noun(section, entry)} {name}"
    if section == "policies":
        label = f"policy on {entry.kind.label}"
    if was is None or now is None:
        return f"{label} {'added' if was is None else 'removed'}{_gist(entry)}"
    said = list(_differences(section, was, now))
    if moved:
        said.append("moved among the others")
    return f"{label}: {_few(said)}"


def _noun(section: str, entry: Any) -> str:
    if section == "organisation":
        return str(entry.kind).replace("_", " ")
    return NOUNS[section]


def _gist(entry: Any) -> str:
    """What an added or removed entry is for, where a few words say it."""
    owner = getattr(entry, "owner", None)
    if isinstance(owner, Owner):
        return f" ({owner})"
    splits = getattr(entry, "splits", None)
    return f" (split by {_splits(splits)})" if splits else ""


def _differences(section: str, was: Any, now: Any) -> Iterator[str]:
    if section == "budgets":
        yield f"{_budgets(was)}{ARROW}{_budgets(now)}"
        return
    names = [field.name for field in fields(was) if field.name not in LAYOUT]
    differ = [name for name in names if differs(getattr(was, name), getattr(now, name))]
    for name in [name for name in differ if name not in BESIDE] or differ:
        yield from _difference(name, getattr(was, name), getattr(now, name))


def _difference(name: str, before: Any, after: Any) -> Iterator[str]:
    if name == "splits":
        yield from _of_splits(before, after)
    elif name in _SPECIAL:
        yield _SPECIAL[name](before, after)
    elif name in _SAY_THEMSELVES:
        yield told("", before, after)
    else:
        yield from parts(label_of(name), before, after)


def title_of_other(name: str, was: Any, now: Any) -> str:
    """What became of a section that is no list of entries."""
    return f"{name}: {_few(parts('', was, now))}"


def _few(said: Iterable[str]) -> str:
    first = list(said)
    return f"{', '.join(first[:3])}{', …' if len(first) > 3 else ''}"


def _of_splits(before: tuple[Dated[Split], ...], after: tuple[Dated[Split], ...]) -> Iterator[str]:
    """What differs in splits that hold on the same days; else both, with their days."""
    was, now = ({one.valid: one.value for one in splits} for splits in (before, after))
    if was.keys() != now.keys():
        yield f"split by {_splits(before)}{ARROW}{_splits(after)}"
        return
    for valid, old in was.items():
        yield from _of_split(old, now[valid], "" if valid == ALWAYS else valid_text(valid))


def _of_split(was: Split, now: Split, when: str) -> Iterator[str]:
    heads = _split(was), _split(now)
    said = heads[0] != heads[1]
    if said:
        yield f"split by {heads[0]}{ARROW}{heads[1]}{f' {when}' if when else ''}"
    if was.method is now.method:
        told_of = LAYOUT | BESIDE | (_IN_HEAD if said else frozenset())
        names = [field.name for field in fields(was) if field.name not in told_of]
        found = list(of_fields(when, was, now, names))
        yield from found
        if not said and not found:
            yield f"its reason {when}".rstrip()


def _splits(splits: Iterable[Dated[Split]]) -> str:
    found = [
        _split(dated.value) + ("" if dated.valid == ALWAYS else f" {valid_text(dated.valid)}")
        for dated in splits
    ]
    return " then ".join(found) or "nothing"


def _split(split: Split) -> str:
    said = str(split.method)
    if len(split.drivers) == 1 and split.drivers[0][1] == 1:
        said += f" {split.drivers[0][0]}"
    elif split.drivers:
        said += f" ({', '.join(f'{name} {_percent(part)}' for name, part in split.drivers)})"
    if split.percentages:
        said += f" ({', '.join(f'{name} {number(part)} %' for name, part in split.percentages)})"
    if split.among:
        said += f" among {', '.join(split.among)}"
    if split.excluding:
        said += f" without {', '.join(split.excluding)}"
    return said if len(said) <= 3 * LONGEST else f"{said[: 3 * LONGEST]}…"


def _percent(part: Fraction) -> str:
    return f"{number(part * 100)} %"


def _rows(before: Iterable[Any], after: Iterable[Any]) -> str:
    """How many quantities of a driver differ, by team and day."""
    was = {(row.team, row.start, row.until): row.quantity for row in before}
    now = {(row.team, row.start, row.until): row.quantity for row in after}
    differ = sum(was.get(key) != now.get(key) for key in was.keys() | now.keys())
    return f"{differ} {'quantity' if differ == 1 else 'quantities'}"


def _listed(before: Iterable[Any], after: Iterable[Any]) -> str:
    was = {(row.value, row.owner, row.valid) for row in before}
    now = {(row.value, row.owner, row.valid) for row in after}
    differ = len({row[0] for row in was ^ now})
    return f"{differ} {'resource' if differ == 1 else 'resources'} of its list"


def _budgets(found: Iterable[Any]) -> str:
    texts = [
        f"{number(budget.amount)} {budget.currency}"
        + ("" if budget.valid == ALWAYS else f" {valid_text(budget.valid)}")
        for budget in found
    ]
    return " then ".join(texts) if len(texts) <= 2 else f"{len(texts)} months"


_SPECIAL: Mapping[str, Callable[[Any, Any], str]] = {
    "rows": _rows,
    "listed": _listed,
    "because": lambda _before, _after: "its reason",
    "valid": lambda before, after: f"{valid_text(before)}{ARROW}{valid_text(after)}",
}

_SAY_THEMSELVES = frozenset({"owner", "action"})
"""Fields whose values say what they are."""

_IN_HEAD = frozenset({"drivers", "percentages", "among", "excluding"})
"""What the words of a split tell already."""
