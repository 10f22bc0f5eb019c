"""What two forms of a model say differently, key by key: `capacity 1000 a month → 1100 a month`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from apportion.domain.owner import Owner
from apportion.model.change_texts import label_of, told, valid_text
from apportion.model.dated import ALWAYS, Dated, Validity
from apportion.model.digest import LAYOUT, digest_of
from apportion.model.limits import Limit
from apportion.model.rules import Condition
from apportion.model.terms.per_period import PerPeriod

BESIDE = frozenset({"because", "responsible"})
"""What is told only where nothing else differs."""

_WHOLE = (Condition, Limit, Owner, PerPeriod, Validity)
"""Forms that people read as one value."""

_UNNAMED = frozenset({"counting", "game", "practical", "structure", "terms"})
"""Fields whose keys stand in the form itself."""


def differs(before: Any, after: Any) -> bool:
    """Whether two values say different things."""
    return before != after and digest_of([before]) != digest_of([after])


def parts(label: str, before: Any, after: Any) -> Iterator[str]:
    """One saying for each value that differs within two others, with the keys that lead there."""
    if not differs(before, after):
        return
    if isinstance(before, Dated) and isinstance(after, Dated) and before.valid == after.valid:
        when = "" if before.valid == ALWAYS else f" {valid_text(before.valid)}"
        yield from parts(f"{label}{when}", before.value, after.value)
    elif type(before) is type(after) and is_dataclass(before) and not isinstance(before, _WHOLE):
        yield from _of_form(label, before, after)
    elif (tables := _tables(before, after)) is not None:
        was, now = tables
        for key in dict.fromkeys((*was, *now)):
            yield from parts(f"{label} {key}".rstrip(), was.get(key), now.get(key))
    else:
        yield told(label, before, after)


def of_fields(label: str, before: Any, after: Any, names: Iterable[str]) -> Iterator[str]:
    """The same for some fields of two forms."""
    for name in names:
        key = label if name in _UNNAMED else f"{label} {label_of(name)}".lstrip()
        yield from parts(key, getattr(before, name), getattr(after, name))


def _of_form(label: str, before: Any, after: Any) -> Iterator[str]:
    names = [field.name for field in fields(before) if field.name not in LAYOUT]
    found = list(of_fields(label, before, after, (name for name in names if name not in BESIDE)))
    yield from found
    if not found:
        yield f"its reason for {label}" if label else "its reason"


def _tables(before: Any, after: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Two lists by what their entries are called; None where one has entries without a name."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before, after
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        return None
    was, now = _table(before), _table(after)
    if was is None or now is None or not (was.keys() & now.keys() or _named(before + after)):
        return None
    return was, now


def _table(entries: tuple[Any, ...]) -> dict[str, Any] | None:
    keys = [_key(entry) for entry in entries]
    if None in keys or len(set(keys)) < len(keys):
        return None
    return {
        str(key): entry[1] if isinstance(entry, tuple) else entry
        for key, entry in zip(keys, entries, strict=True)
    }


def _named(entries: tuple[Any, ...]) -> bool:
    """Whether entries have names, rather than days, to be told apart by."""
    return not any(isinstance(entry, Dated) for entry in entries)


def _key(entry: Any) -> str | None:
    if isinstance(entry, tuple):
        pair = len(entry) == 2 and isinstance(entry[0], str) and not isinstance(entry[1], str)
        return entry[0] if pair else None
    if isinstance(entry, Dated):
        return "" if entry.valid == ALWAYS else valid_text(entry.valid)
    names = (getattr(entry, name, None) for name in ("name", "team", "driver"))
    return next((name for name in names if isinstance(name, str)), None)
