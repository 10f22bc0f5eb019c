"""A model as it is on one day: what isn't in force then is left out, and nothing else is dated.

A change that is dated from next month moves nothing in the bills of this one. To
say what it will do, both models are taken as of next month, on this month's charges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from apportion.model.dated import ALWAYS, Dated, Validity
from apportion.model.pools import Driver
from apportion.model.project import Model

_GONE = object()


def as_of(model: Model, day: date) -> Model:
    """The model of a day, in force always. Quantities of drivers stay those of their months.

    >>> as_of(Model(hash="a model"), date(2026, 11, 1)).hash
    'a model as of 2026-11-01'
    """
    made = _on(model, day)
    assert isinstance(made, Model)
    return replace(made, hash=f"{model.hash} as of {day}")


def _on(value: Any, day: date) -> Any:
    """A value as it is on a day, or _GONE where it isn't in force."""
    if isinstance(value, tuple):
        return tuple(kept for part in value if (kept := _on(part, day)) is not _GONE)
    if isinstance(value, Mapping):
        made = {name: _on(part, day) for name, part in value.items()}
        return {name: part for name, part in made.items() if part is not _GONE}
    if isinstance(value, Driver) or not is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(getattr(value, "valid", None), Validity) and not value.valid.covers(day):  # type: ignore[attr-defined]
        return _GONE
    return _undated(value, day)


def _undated(value: Any, day: date) -> Any:
    changed: dict[str, Any] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        if field.name == "valid":
            if held != ALWAYS:
                changed["valid"] = ALWAYS
        elif isinstance(held, (tuple, Mapping)) or (
            is_dataclass(held) and not isinstance(value, Dated)
        ):
            now = _on(held, day)
            if now is not held and now != held:
                changed[field.name] = now
    return replace(value, **changed) if changed else value
