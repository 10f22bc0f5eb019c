"""JSON with exact figures: amounts are written digit by digit, never by way of a float."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

_MARK = "\x01"
_MARKED = re.compile(r'"\\u0001([0-9.-]*)"')


class Figure(str):
    """An amount as text that stands in JSON as a number.

    Until it is written it bears a mark that no other text begins with: control characters
    are cleaned from all of them, and JSON would escape the backslash of a written-out one.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Figure:
        return super().__new__(cls, _MARK + text)


Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"


def json_bytes(value: Json) -> bytes:
    r"""A value as JSON on one line.

    >>> json_bytes({"debit": Figure("30000.00"), "memo": "Köln"}).decode()
    '{"debit":30000.00,"memo":"Köln"}\n'
    >>> json_bytes({"memo": "\\u000130"}).decode()
    '{"memo":"\\\\u000130"}\n'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{_MARKED.sub(_bare, text)}\n".encode()


def _bare(found: re.Match[str]) -> str:
    return found[1]
