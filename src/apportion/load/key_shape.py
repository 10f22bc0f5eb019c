"""The charge key: all of a charge that rules can see, and its digest.

Charges that no rule can tell apart share a key, so attribution decides once
per key. The digest is wide and made of text, so that it is equal on every
engine and never stands for two keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from apportion.domain.charge import KEY_COLUMNS
from apportion.store.relation import column, sql
from apportion.store.relation import text as literal

TAGS = "Tags"
NO_TAGS = "{}"


@dataclass(frozen=True)
class KeyShape:
    """Which columns make the key of some charges.

    `extra` are the ``x_`` columns that rules see, sorted; `present` what the
    charges have. A key column that they lack is NULL in all their keys.
    """

    extra: tuple[str, ...]
    present: frozenset[str]

    @classmethod
    def of(cls, extra: Iterable[str], present: Iterable[str]) -> KeyShape:
        """The shape for charges with the columns `present`."""
        return cls(tuple(sorted(set(extra) - {*KEY_COLUMNS, TAGS})), frozenset(present))

    @property
    def columns(self) -> tuple[str, ...]:
        """The key's columns in the order of the digest, less the tags, which come last."""
        return (*KEY_COLUMNS, *self.extra)

    def values(self) -> list[exp.Expr]:
        """The key of a charge, each value under its column's name, the tags last."""
        named = [exp.alias_(self._value(name), name, quoted=True) for name in self.columns]
        return [*named, exp.alias_(self._tags(), TAGS, quoted=True)]

    def known(self) -> list[exp.Expr]:
        """The key's values that the charges have, for a comparison within one file."""
        return [self._value(name) for name in self.columns if name in self.present] + [self._tags()]

    def digest(self) -> exp.Expr:
        """KeyId: sha256 over ``name=length:value`` of each value that is there.

        With the length before each value no two keys have one text.
        """
        values = [(name, self._value(name)) for name in self.columns if name in self.present]
        parts = [_part(name, value) for name, value in [*values, (TAGS, self._tags())]]
        return _expression("SELECT sha256(concat_ws(chr(31), _parts))", _parts=parts)

    def _value(self, name: str) -> exp.Expr:
        if name in self.present:
            return column(name)
        return exp.cast(exp.null(), exp.DataType.Type.VARCHAR)

    def _tags(self) -> exp.Expr:
        if TAGS not in self.present:
            return literal(NO_TAGS)
        return exp.Coalesce(this=column(TAGS), expressions=[literal(NO_TAGS)])


def _part(name: str, value: exp.Expr) -> exp.Expr:
    return _expression(
        "SELECT _name || CAST(length(_value) AS VARCHAR) || ':' || _value",
        _name=literal(f"{name}="),
        _value=value,
    )


def _expression(query: str, **holes: exp.Expr | list[exp.Expr]) -> exp.Expr:
    found: exp.Expr = sql(query, **holes).expressions[0]
    return found
