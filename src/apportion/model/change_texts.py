"""Values of a model in the few words that fit into the title of a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import takewhile
from typing import Any

from apportion.domain.owner import Owner
from apportion.model.dated import ALWAYS, Dated, Validity
from apportion.model.digest import LAYOUT
from apportion.model.limits import Limit
from apportion.model.rules import Condition
from apportion.model.terms.per_period import PerPeriod

ARROW = " → "
LONGEST = 40

LABELS = {"responsible": "owner", "from_tag": "team_from_tag", "practical": "capacity"}
"""Fields that the model calls otherwise."""


def label_of(name: str) -> str:
    """What a field is called for people."""
    return LABELS.get(name, name.replace("_", " "))


def told(label: str, before: Any, after: Any) -> str:
    """A value before and after; of long ones, the place where they differ.

    >>> told("rate", Fraction(3), Fraction(33, 10))
    'rate 3 → 3.3'
    """
    texts = text(before), text(after)
    if max(map(len, texts)) > LONGEST:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
        same = max(0, sum(1 for _ in alike) - LONGEST // 4)
        texts = _cut(texts[0], same), _cut(texts[1], same)
    return f"{label} {texts[0]}{ARROW}{texts[1]}".strip()


def _cut(whole: str, start: int) -> str:
    end = start + LONGEST
    return f"{'…' if start else ''}{whole[start:end]}{'…' if len(whole) > end else ''}"


def text(value: Any) -> str:
    """A value in words."""
    if value is None or value in ("", ()):
        return "nothing"
    if isinstance(value, Mapping):
        return text(tuple(value.items()))
    if isinstance(value, tuple):
        pair = _is_pair(value)
        return f"{value[0]} {text(value[1])}" if pair else ", ".join(map(text, value))
    if isinstance(value, Dated):
        inner = text(value.value)
        return inner if value.valid == ALWAYS else f"{inner} {valid_text(value.valid)}"
    if isinstance(value, Condition):
        return _condition(value)
    return _plain(value)


def _is_pair(value: tuple[Any, ...]) -> bool:
    """Whether a tuple is a name with what it stands for, rather than a list of names."""
    return len(value) == 2 and type(value[0]) is str and type(value[1]) is not str


def number(value: Fraction | Decimal) -> str:
    """A figure with two places at most; `about` where it has more."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    cents = round(exact * 100)
    shown = format(Decimal(cents).scaleb(-2).normalize(), "f")
    return shown if Fraction(cents, 100) == exact else _in_full(exact, shown)


def _in_full(exact: Fraction, shown: str) -> str:
    """All digits where there are few, say of a rate of 0.0035."""
    scaled = exact * 10**8
    if scaled.denominator > 1:
        return f"about {shown}"
    return format(Decimal(scaled.numerator).scaleb(-8).normalize(), "f")


def valid_text(valid: Validity) -> str:
    """The days on which something holds."""
    start = f"from {valid.start}" if valid.start else ""
    until = f"until {valid.until}" if valid.until else ""
    return " ".join(part for part in (start, until) if part) or "always"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal, Fraction)):
        return number(Fraction(value))
    if isinstance(value, Validity):
        return valid_text(value)
    if is_dataclass(value) and not isinstance(value, Owner):
        return _form(value)
    return str(value)


def _form(value: Any) -> str:
    """What a form states, key by key."""
    if isinstance(value, Limit):
        return f"{number(value.figure)}{' %' if value.of_pool else ''}"
    if isinstance(value, PerPeriod):
        return f"{number(value.figure)} a {value.per}"
    stated = (
        (field.name, getattr(value, field.name), field.default)
        for field in fields(value)
        if field.name not in LAYOUT and field.name not in {"because", "responsible"}
    )
    return ", ".join(
        f"{label_of(name)} {text(item)}"
        for name, item, default in stated
        if item not in (None, "", ()) and item != default
    )


def _condition(condition: Condition) -> str:
    parts = [
        f"{column} = {' or '.join(values)}"
        for column, values in (*condition.equals, *condition.patterns)
    ]
    if condition.where is not None:
        parts.append(condition.where.sql("duckdb"))
    return " and ".join(parts) or "every charge"
