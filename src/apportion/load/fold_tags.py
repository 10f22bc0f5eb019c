"""Fold the keys' tags into rows: one for each tag of each distinct set of tags."""

from __future__ import annotations

from sqlglot import exp

from apportion.store.relation import sql
from apportion.store.relation import text as literal

_TAG = r'"((?:[^"\\]|\\.)*)":"((?:[^"\\]|\\.)*)"'
"""A key and a value in canonical text. Every value is a text there, so this cuts it exactly."""

_BACKSLASH = "\x01"
"""Stands for an escaped backslash while the other escapes are read; canonical tags hold none."""

_ESCAPES = {
    "\\\\": _BACKSLASH,
    '\\"': '"',
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\b": "\b",
    "\\f": "\f",
    _BACKSLASH: "\\",
}


def fold_tags(keys: exp.Table) -> exp.Query:
    """TagSetId, TagKey, TagValue, in that order, from the Tags of `keys`.

    It reads canonical text alone (:func:`apportion.sources.tags.canonical_tags`)
    and uses no JSON function, because engines differ in those. Invariant: a
    set of tags gives as many rows as it has tags; an empty one gives none.
    """
    return sql(
        """
        SELECT t.TagSetId, _key AS TagKey, _value AS TagValue
        FROM (
            SELECT s.TagSetId, unnest(regexp_extract_all(s.Tags, _tag, 0)) AS Tag
            FROM (SELECT DISTINCT k.TagSetId, k.Tags FROM _keys AS k) AS s
        ) AS t
        ORDER BY t.TagSetId, TagKey
        """,
        _key=_unescaped(_part(1)),
        _value=_unescaped(_part(2)),
        _tag=literal(_TAG),
        _keys=keys,
    )


def _part(group: int) -> exp.Expr:
    found: exp.Expr = sql(
        "SELECT regexp_extract(t.Tag, _tag, _group)",
        _tag=literal(_TAG),
        _group=exp.Literal.number(group),
    ).expressions[0]
    return found


def _unescaped(value: exp.Expr) -> exp.Expr:
    for escape, meant in _ESCAPES.items():
        value = exp.Anonymous(this="replace", expressions=[value, literal(escape), literal(meant)])
    return value
