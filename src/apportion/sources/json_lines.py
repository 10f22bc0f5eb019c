"""JSON lines: one object to a line, cut into texts that are still as the bill spells them.

A number must not pass through a binary float, and engines that read JSON make
it one. So a line is cut at its top level: a text loses its quotes and escapes,
a number keeps its digits, and what is nested stays the JSON text that it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Record = dict[str, str | None]
"""A line's values by key; None where it says null."""

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?"
_PAIR = re.compile(
    rf"{_TEXT}[ \t]*:[ \t]*(?:(?:{_TEXT}|({_NUMBER}|true|false)|null)[ \t]*([,}}])[ \t]*)?",
    re.ASCII,
)
"""A key, and where its value needs no reading, that and the mark that follows: nearly all pairs."""

_OPEN = re.compile(r"[ \t]*\{[ \t]*")
_COLON = re.compile(r"[ \t]*:[ \t]*")
_NEXT = re.compile(r"[ \t]*([,}])[ \t]*")
_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)
_scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once  # type: ignore[attr-defined]
"""One value of a text; StopIteration where there is none."""


def cut(line: str) -> Record:
    r"""The values of a line that holds one JSON object.

    Raises ValueError, which says why, for a line that doesn't, and for a key
    that comes twice, since which of the two holds can't be told.

    >>> cut('{"cost": 0.1000, "labels": [{"n": 5e-06}], "note": "a\\u0041", "zone": null}')
    {'cost': '0.1000', 'labels': '[{"n": 5e-06}]', 'note': 'aA', 'zone': None}
    """
    opened = _OPEN.match(line)
    if opened is None:
        raise ValueError("not a JSON object")
    record: Record = {}
    at, pairs = opened.end(), 0
    mark: str | None = ","
    if line.startswith("}", at):
        at, mark = at + 1, "}"
    while mark == ",":
        pairs += 1
        pair = _PAIR.match(line, at)
        if pair is None:
            key, at = _odd_key(line, at)
            mark = None
        else:
            key, text, other, mark = pair.groups()
            value = other if text is None else text
            at = pair.end()
        if mark is None:
            value, at = _odd_value(line, at)
            mark, at = _following(line, at)
        record[key] = value
        if len(record) < pairs:
            raise ValueError(f"the key {key!r} comes twice")
    if line[at:].strip(" \t\r\n"):
        raise ValueError(f"something follows the object at character {at + 1}")
    return record


def _odd_key(line: str, at: int) -> tuple[str, int]:
    """A key with escapes, and where its value begins."""
    if not line.startswith('"', at):
        raise ValueError(f"not JSON: a key is missing at character {at + 1}")
    key, end = _DECODER.raw_decode(line, at)
    colon = _COLON.match(line, end)
    if colon is None:
        raise ValueError(f"not JSON: a colon is missing at character {end + 1}")
    return _holdable(key), colon.end()


def _odd_value(line: str, at: int) -> tuple[str | None, int]:
    """A value that is nested or has escapes, and where it ends."""
    try:
        value, end = _scan(line, at)
    except StopIteration:
        raise ValueError(f"not JSON: a value is missing at character {at + 1}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if value is None:
        return None, end
    if line[at] == '"':
        return _holdable(value), end
    return line[at:end], end


def _following(line: str, at: int) -> tuple[str, int]:
    """The comma or bracket after a value, and where the next pair begins."""
    following = _NEXT.match(line, at)
    if following is None:
        raise ValueError(f"not JSON: a comma is missing at character {at + 1}")
    return following[1], following.end()


def _holdable(text: str) -> str:
    """Without NUL and half surrogates, which escapes can write and not every store can hold."""
    return text if text.isprintable() else _UNHOLDABLE.sub("\ufffd", text)
