"""The parts of a JSON document: objects and lists of objects, and a word where they are others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Part = Mapping[str, Any]

_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")


def object_in(of: Part, name: str) -> Part:
    """An object within another, empty where there is none; raises ValueError for anything else.

    >>> object_in({"data": {"a": 1}}, "data"), object_in({"data": None}, "data")
    ({'a': 1}, {})
    """
    found = of.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError(f"{name} is {kind_of(found)}, no object")  # noqa: TRY004 -- a fault of data
    return found


def objects_in(of: Part, name: str) -> Sequence[Part]:
    """A list of objects, empty where there is none; raises ValueError for anything else."""
    found = of.get(name)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise ValueError(f"{name} is {kind_of(found)}, no list")  # noqa: TRY004 -- a fault of data
    if odd := [one for one in found if not isinstance(one, dict)]:
        raise ValueError(f"{name} holds {kind_of(odd[0])} where an object should be")
    return found


def whole_number(value: object) -> int:
    """A whole number, which may be written as a text; raises ValueError for what is none."""
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
        raise ValueError(f"{str(value)[:40]!r} is no whole number")
    return int(str(value))


def kind_of(value: object) -> str:
    """What a JSON value is, in words.

    >>> kind_of([]), kind_of(None), kind_of(True)
    ('a list', 'null', 'true or false')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, Decimal)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "an object" if isinstance(value, dict) else "a list"
