"""Conditions in SQL: parsed, allow-listed by name, and taken apart into equalities and the rest.

A condition is a boolean over what a rule can see: FOCUS text columns, ``x_``
columns, and tags as ``tag.KEY`` or ``tag['odd key']``. Only the listed
operators and functions pass; all else is a fault at its place. Top-level parts
of the form ``column = 'x'`` and ``column IN (…)`` become lookups, because
ten thousand of them then cost one join; what remains stays an expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from apportion.domain.charge import BY_NAME, KEY_COLUMNS
from apportion.domain.owner import Evidence
from apportion.model.faults import nearest
from apportion.model.rules import TAG

if TYPE_CHECKING:
    from sqlglot import exp

Equals = tuple[tuple[str, tuple[str, ...]], ...]

LONGEST = 100_000
"""Characters of one condition; what is longer belongs into a resource list."""


class ConditionFault(ValueError):
    """A condition that can't be read: what, at which character (from 0), and the remedy."""

    def __init__(self, what: str, offset: int = 0, *, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.offset = offset
        self.why = why
        self.hint = hint


@dataclass(frozen=True)
class Parts:
    """A condition taken apart: lookups, what remains, and the evidence that it amounts to."""

    equals: Equals
    where: exp.Expression | None
    evidence: Evidence


@lru_cache(maxsize=20_000)
def read_where(text: str) -> Parts:
    """Take a condition apart. Raises ConditionFault with the place within the text.

    >>> read_where("ServiceName = 'AmazonEC2' AND tag.env IN ('prod', 'dr')").equals
    (('ServiceName', ('AmazonEC2',)), ('tag.env', ('prod', 'dr')))
    """
    if len(text) > LONGEST:
        raise ConditionFault(
            f"a condition of {len(text)} characters", hint="put long lists into a resource list"
        )
    if (found := _plain_equalities(text)) is not None:
        return Parts(found, None, _evidence_of(found))
    from apportion.model.parse_condition import parse_condition

    return parse_condition(text)


_COLUMN = r"(?:tag\.)?[A-Za-z_][A-Za-z0-9_]*"
_TEXT = r"'(?:[^']|'')*'"
_TERM = rf"\s*({_COLUMN})\s*(?:=\s*({_TEXT})|(?i:IN)\s*\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\))\s*"
_TERM_RE = re.compile(_TERM)
_TEXT_RE = re.compile(_TEXT)
_AND = re.compile(r"(?i:AND)(?=\s)")
_VISIBLE = frozenset(KEY_COLUMNS)


def _plain_equalities(text: str) -> Equals | None:
    """The equalities of a condition that consists of nothing else; None for any other.

    The commonest shape by far, read without the SQL parser (which takes a
    quarter of a millisecond each).
    """
    found: list[tuple[str, tuple[str, ...]]] = []
    at = 0
    while term := _TERM_RE.match(text, at):
        column, one, many = term.groups()
        if not visible(column):
            return None
        literals = [one] if one is not None else _TEXT_RE.findall(many)
        values = dict.fromkeys(literal[1:-1].replace("''", "'") for literal in literals)
        found.append((column, tuple(values)))
        at = term.end()
        if at == len(text):
            return tuple(found)
        if not (also := _AND.match(text, at)):
            return None
        at = also.end()
    return None


def visible(column: str) -> bool:
    """Whether rules can see a column: a FOCUS text column, an x_ column, or a tag."""
    return column in _VISIBLE or (column.startswith(("x_", TAG)) and column not in {"x_", TAG})


def unseen(column: str) -> ConditionFault:
    """Why a column can't be named in a condition, and which one may be meant."""
    if column in {"Tags", "tags", "tag"}:
        return ConditionFault(
            f"{column} as a whole can't be compared", hint="name one tag: tag.team = 'nlp'"
        )
    if column in BY_NAME:
        return ConditionFault(
            f"{column} is not visible to rules",
            why="rules see names, accounts, services and tags; not costs, quantities or times",
            hint="date the rule with `from` and `until`, or use another column",
        )
    close = nearest(column, KEY_COLUMNS)
    hint = f"did you mean {close!r}?" if close else "use a FOCUS column, an x_ column or tag.KEY"
    return ConditionFault(f"no column is called {column!r}", hint=hint)


def _evidence_of(equals: Equals) -> Evidence:
    tags_only = all(column.startswith(TAG) for column, _ in equals)
    return Evidence.TAGGED if tags_only else Evidence.MAPPED
