"""What changed in an entry of a model, in a line that people read: `rule x: team a → team b`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from apportion.domain.owner import Owner
from apportion.model.dated import ALWAYS, Dated, Validity
from apportion.model.digest import LAYOUT, digest_of
from apportion.model.pools import Split
from apportion.model.rules import Condition

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

ARROW = " → "

LONGEST = 40


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
    return f"{label}: {', '.join(said[:3])}{', …' if len(said) > 3 else ''}"


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
    differ = [name for name in names if _differs(getattr(was, name), getattr(now, name))]
    for name in [name for name in differ if name not in _BESIDE] or differ:
        yield _difference(name, getattr(was, name), getattr(now, name))


def _differs(before: Any, after: Any) -> bool:
    return before != after and digest_of([before]) != digest_of([after])


def _difference(name: str, before: Any, after: Any) -> str:
    if name in _SPECIAL:
        return _SPECIAL[name](before, after)
    label = _LABELS.get(name, name.replace("_", " "))
    texts = _text(before), _text(after)
    if None in texts or max(len(text or "") for text in texts) > LONGEST:
        return f"{label} changed"
    told = f"{texts[0]}{ARROW}{texts[1]}"
    return told if name in {"owner", "action"} else f"{label} {told}"


def _splits(splits: Iterable[Dated[Split]]) -> str:
    parts = [
        _split(dated.value) + ("" if dated.valid == ALWAYS else f" {_valid(dated.valid)}")
        for dated in splits
    ]
    return " then ".join(parts) or "nothing"


def _split(split: Split) -> str:
    said = str(split.method)
    if len(split.drivers) == 1 and split.drivers[0][1] == 1:
        said += f" {split.drivers[0][0]}"
    elif split.drivers:
        said += f" ({', '.join(f'{name} {_percent(part)}' for name, part in split.drivers)})"
    if split.percentages:
        said += f" ({', '.join(f'{name} {_number(part)} %' for name, part in split.percentages)})"
    if split.among:
        said += f" among {', '.join(split.among)}"
    if split.excluding:
        said += f" without {', '.join(split.excluding)}"
    return said if len(said) <= 3 * LONGEST else f"{said[: 3 * LONGEST]}…"


def _percent(part: Fraction) -> str:
    return f"{_number(part * 100)} %"


def _number(value: Fraction | Decimal) -> str:
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    cents = round(exact * 100)
    shown = format(Decimal(cents).scaleb(-2).normalize(), "f")
    return shown if Fraction(cents, 100) == exact else f"about {shown}"


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
        f"{_number(budget.amount)} {budget.currency}"
        + ("" if budget.valid == ALWAYS else f" {_valid(budget.valid)}")
        for budget in found
    ]
    return " then ".join(texts) if len(texts) <= 2 else f"{len(texts)} months"


def _valid(valid: Validity) -> str:
    start = f"from {valid.start}" if valid.start else ""
    until = f"until {valid.until}" if valid.until else ""
    return " ".join(part for part in (start, until) if part) or "always"


def _text(value: Any) -> str | None:
    """A value in few words; None where that takes more."""
    if value is None or value in ("", ()):
        return "nothing"
    if isinstance(value, tuple):
        parts = [_text(part) for part in value]
        return None if None in parts else ", ".join(part for part in parts if part)
    if isinstance(value, Dated):
        inner = _text(value.value)
        return inner if inner is None or value.valid == ALWAYS else f"{inner} {_valid(value.valid)}"
    if isinstance(value, Condition):
        return _condition(value)
    return _plain(value)


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal, Fraction)):
        return _number(Fraction(value))
    if isinstance(value, (str, Enum, Owner, date)):
        return str(value)
    return None


def _condition(condition: Condition) -> str:
    parts = [
        f"{column} = {' or '.join(values)}"
        for column, values in (*condition.equals, *condition.patterns)
    ]
    if condition.where is not None:
        parts.append(condition.where.sql("duckdb"))
    return " and ".join(parts) or "every charge"


_BESIDE = frozenset({"because", "responsible"})
"""What is told only where nothing else differs."""

_LABELS = {"responsible": "owner", "from_tag": "team_from_tag"}

_SPECIAL: Mapping[str, Callable[[Any, Any], str]] = {
    "splits": lambda before, after: f"split by {_splits(before)}{ARROW}{_splits(after)}",
    "rows": _rows,
    "listed": _listed,
    "because": lambda _before, _after: "its reason",
    "valid": lambda before, after: f"{_valid(before)}{ARROW}{_valid(after)}",
}
