"""Terms of a split as a document: whatever the model states that figures hang on, and exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from apportion.model.change_texts import text
from apportion.model.dated import Dated, Validity
from apportion.model.digest import LAYOUT
from apportion.model.rules import Condition
from apportion.publish.documents import Document, exact


def stated(form: Any) -> Document:
    """What a form of a model states, by its keys; what it leaves out isn't there."""
    found = {
        field.name: plain(getattr(form, field.name))
        for field in fields(form)
        if field.name not in LAYOUT
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def plain(value: Any) -> Any:
    """A value of a model in JSON: figures as exact texts, dated values with their days."""
    if isinstance(value, (Enum, date)):
        return str(value)
    if isinstance(value, (Fraction, Decimal)):
        return exact(Fraction(value))
    if isinstance(value, Condition):
        return text(value)
    if isinstance(value, Dated):
        return {"value": plain(value.value)} | days(value.valid)
    if is_dataclass(value):
        return stated(value)
    return _listed(value) if isinstance(value, tuple) else value


def days(valid: Validity) -> Document:
    """The days on which something holds; open ends are null."""
    return {
        "from": str(valid.start) if valid.start else None,
        "until": str(valid.until) if valid.until else None,
    }


def _listed(values: tuple[Any, ...]) -> Any:
    """A list; pairs of a name and a value are a mapping."""
    pairs = [value for value in values if isinstance(value, tuple) and len(value) == 2]
    if not pairs or len(pairs) < len(values):
        return [plain(value) for value in values]
    return {
        "|".join(name) if isinstance(name, tuple) else name: plain(value) for name, value in pairs
    }


def in_words(value: Any) -> str:
    """A stated value in a line that people read.

    >>> in_words({"practical": {"figure": "1000", "per": "month"}, "idle": {"to": "quota"}})
    'practical 1000 a month, idle (to quota)'
    """
    if isinstance(value, Mapping):
        if value.keys() == {"figure", "per"}:
            return f"{value['figure']} a {value['per']}"
        return ", ".join(_pairs(value))
    if isinstance(value, list):
        return "; ".join(in_words(each) for each in value)
    return str(value)


def _pairs(found: Mapping[str, Any]) -> Iterator[str]:
    for name, value in found.items():
        if value is None:
            continue
        words = in_words(value)
        nested = isinstance(value, (Mapping, list)) and not words.replace(" a ", "").isalnum()
        label = "" if name == "value" else f"{name.replace('_', ' ')} "
        yield f"{label}({words})" if nested else f"{label}{words}"
