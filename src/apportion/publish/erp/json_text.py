"""JSON with exact figures: amounts are written digit by digit, never by way of a float."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias


class Figure(str):
    """An amount as text that stands in JSON as a number."""

    __slots__ = ()


Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"


def json_bytes(value: Json) -> bytes:
    r"""A value as JSON on one line.

    >>> json_bytes({"debit": Figure("30000.00"), "memo": "Köln"}).decode()
    '{"debit":30000.00,"memo":"Köln"}\n'
    """
    return f"{_text(value)}\n".encode()


def _text(value: Json) -> str:
    if isinstance(value, Figure):
        return str(value)
    if isinstance(value, Mapping):
        inner = ",".join(f"{_text(key)}:{_text(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(map(_text, value))}]"
    return json.dumps(value, ensure_ascii=False)
