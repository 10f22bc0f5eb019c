"""The digest of a model: of what it says, not of how or where it is written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from apportion.model.project import Model

LAYOUT = frozenset({"place", "file", "position", "hash"})
"""Fields that say where something is written; the order of rules and pools is kept by itself."""

JUDGES = frozenset({"governance"})
"""Fields of the model that judge what the rest says, and move nothing: no part of it."""

UNORDERED = frozenset(
    {"equals", "patterns", "listed", "among", "excluding", "percentages", "drivers", "rows"}
    | {"caps", "exempt", "floors", "limits"}
    | {"allocation", "budgets", "chargeback", "splits", "values"}
)
"""Fields whose order means nothing."""


def digest(model: Model) -> str:
    """The sha256 of a model's content: comments, layout, file names and lines don't count.

    >>> digest(Model()) == digest(Model(hash="other"))
    True
    """
    return digest_of(model)


def digest_of(value: object) -> str:
    """The sha256 of the content of any value of a model."""
    text = json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache
def _fields(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    return tuple(
        (field.name, field.default, field.name in UNORDERED)
        for field in fields(kind)
        if field.name not in LAYOUT | JUDGES
    )


def _plain(value: object) -> object:
    """Lists, mappings and texts; fields that are empty or hold their default are left out."""
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is int:
        return value
    if kind is tuple or kind is list:
        return [_plain(item) for item in value]  # type: ignore[attr-defined]
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(kind):
        return _plain_fields(value, kind)
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    return _plain_scalar(value)


def _plain_fields(value: object, kind: type) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, default, unordered in _fields(kind):
        item = getattr(value, name)
        if item is default or not item or item == default:  # identity ends with the cache
            continue
        plain = _plain(item)
        if not plain:
            continue
        if unordered and isinstance(plain, list):
            if name in {"equals", "patterns"}:
                plain = [[column, sorted(values)] for column, values in plain]
            plain = sorted(plain, key=repr) if len(plain) > 1 else plain
        made[name] = plain
    return made


def _plain_scalar(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Decimal, Fraction)):
        return str(Fraction(value))
    from sqlglot import exp

    if isinstance(value, exp.Expression):
        return value.sql("duckdb", copy=False)
    raise TypeError(f"{type(value).__name__} has no place in a model")
