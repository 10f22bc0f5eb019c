"""Conditions that mean the same on every engine.

A rule's SQL was parsed and allow-listed when the model was read. Some of what
it may hold differs between engines, and is written here in a form that
doesn't: LIKE (escapes), lower and upper (letters beyond ASCII), trim (which
blanks), and the digit and word classes of regexes (letters beyond ASCII).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable

from sqlglot import exp

from apportion.attribute.globs import like
from apportion.model.rules import TAG
from apportion.store.relation import text

_UPPER, _LOWER = string.ascii_uppercase, string.ascii_lowercase
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_TOKENS = re.compile(r"\\(.)|(\[\^?\]?)|(\])", re.DOTALL)


def portable(where: exp.Expr, see: Callable[[str], exp.Expr]) -> exp.Expr:
    """A condition over columns and tags, with each of them replaced by what `see` gives for it.

    >>> from sqlglot import parse_one
    >>> from apportion.store.relation import column
    >>> where = parse_one("lower(tag.team) LIKE 'a%' AND NOT x_a = 'b'", dialect="duckdb")
    >>> print(portable(where, lambda name: column(f"<{name}>")).sql("spark")[:73])
    STARTSWITH(TRANSLATE(`<tag.team>`, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefg
    """
    return where.transform(lambda node: _rewritten(node, see))


def _rewritten(node: exp.Expr, see: Callable[[str], exp.Expr]) -> exp.Expr:
    """A node that is put in the place of another isn't walked, so it brings its own parts along."""
    match node:
        case exp.Column():
            return see(TAG + node.name if node.table else node.name)
        case exp.Like():
            test = like(node.expression.name).test(portable(node.this, see))
            return exp.Not(this=test) if node.args.get("negate") else test
        case exp.RegexpLike():
            node.set("expression", text(portable_regex(node.expression.name)))
        case exp.Lower():
            return _translated(portable(node.this, see), _UPPER, _LOWER)
        case exp.Upper():
            return _translated(portable(node.this, see), _LOWER, _UPPER)
        case exp.Trim():
            node.set("expression", text(" "))
    return node


def _translated(value: exp.Expr, letters: str, into: str) -> exp.Expr:
    return exp.Anonymous(this="TRANSLATE", expressions=[value, text(letters), text(into)])


def portable_regex(pattern: str) -> str:
    r"""A regex whose classes \d, \w and \s hold ASCII only, wherever it runs.

    >>> print(portable_regex(r"^\d+[\w.-]\S\\d"))
    ^[0-9]+[0-9A-Za-z_.-][^\t\n\f\r ]\\d
    """
    depth = 0

    def spelt(found: re.Match[str]) -> str:
        nonlocal depth
        letter, opened, closed = found.groups()
        if opened and not depth:
            depth = 1
        elif closed:
            depth = 0
        elif letter and letter.lower() in _CLASSES:
            inside = _CLASSES[letter.lower()]
            if not depth:
                return f"[{'^' if letter.isupper() else ''}{inside}]"
            return inside if letter.islower() else found[0]
        return found[0]

    return _TOKENS.sub(spelt, pattern)
