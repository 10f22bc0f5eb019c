"""Nested values that a bill holds as text: JSON, or what Python prints for a list or an object.

An export that goes through Python tools ends up with ``[{'key': 'a', 'value': None}]``
in place of JSON. Both are read into the same values. Numbers stay as they are
spelled, so that no amount passes through a binary float.
"""

from __future__ import annotations

import ast
import json
from typing import Any

LONGEST = 200_000
"""Characters that a text of Python may take; the parser's memory grows with it."""

DEEPEST = 20
"""Brackets that may stand open in a text of Python, so that the parser's stack holds."""


class Number(str):
    """A number by its spelling."""

    __slots__ = ()


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)


def read_nested(text: str) -> Any:
    r"""Lists, objects, texts, truths, None, and numbers as `Number`.

    Raises ValueError for a text that is neither JSON nor a plain Python value.

    >>> read_nested('[{"amount": -5e-06, "id": null}]')
    [{'amount': '-5e-06', 'id': None}]
    >>> read_nested("[{'amount': -0.10, 'name': 'it\\'s', 'id': None}]")
    [{'amount': '-0.10', 'name': "it's", 'id': None}]
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        return _python(text.strip())


def _python(text: str) -> Any:
    if len(text) > LONGEST or _depth(text) > DEEPEST:
        raise ValueError("too long, or nested too deeply")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, MemoryError, RecursionError) as fault:
        raise ValueError("neither JSON nor a Python value") from fault
    return _value(tree.body, text.encode())


def _depth(text: str) -> int:
    """How many brackets stand open at most, those within texts among them."""
    deepest = depth = 0
    for letter in text:
        if letter in "[{(":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]})":
            depth -= 1
    return deepest


def _value(node: ast.expr, text: bytes) -> Any:
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(element, text) for element in elements]
        case ast.Dict(keys=keys, values=values):
            named = zip(keys, values, strict=True)
            return {_key(key, text): _value(value, text) for key, value in named}
        case ast.Constant(value=str() | bool() | None as plain):
            return plain
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return Number(text[node.col_offset : node.end_col_offset].decode())
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return Number(text[node.col_offset : node.end_col_offset].decode())
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str() as spelling)]):
            return Number(spelling)
    raise ValueError(f"not a plain Python value: {ast.unparse(node)[:40]}")


def _key(node: ast.expr | None, text: bytes) -> str:
    key = _value(node, text) if node is not None else None
    if isinstance(key, str) and not isinstance(key, Number):
        return key
    raise ValueError("a key that is no text")
