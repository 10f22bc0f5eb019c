"""Fold the keys' tags into rows: one for each tag of each distinct set of tags."""

from __future__ import annotations

from sqlglot import exp

from apportion.store.relation import sql
from apportion.store.relation import text as literal

_TEXT = r'(?:[^"\\]|\\.)*'
_TAG = rf'"{_TEXT}":"{_TEXT}"'
_PARTS = rf'"({_TEXT})":"({_TEXT})"'
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
    """TagSetId, TagKey, TagValue from the Tags of `keys`.

    It reads canonical text alone (:func:`apportion.sources.tags.canonical_tags`)
    and uses no JSON function, because engines differ in those. Invariant: a
    set of tags gives as many rows as it has tags; an empty one gives none. The
    sets are put in order before they are taken apart, their tags are in order.
    """
    return sql(
        """
        SELECT t.TagSetId, _key AS TagKey, _value AS TagValue
        FROM (
            SELECT s.TagSetId, unnest(regexp_extract_all(s.Tags, _tag, 0)) AS Tag
            FROM (SELECT DISTINCT k.TagSetId, k.Tags FROM _keys AS k ORDER BY k.TagSetId) AS s
        ) AS t
        """,
        _key=_part(1),
        _value=_part(2),
        _tag=literal(_TAG),
        _keys=keys,
    )


def _part(group: int) -> exp.Expr:
    """The key (1) or the value (2) of a tag; where nothing is escaped, quotes alone cut it."""
    found: exp.Expr = sql(
        """
        SELECT CASE WHEN strpos(t.Tag, '\\') = 0 THEN split_part(t.Tag, '"', _quoted)
                    ELSE _unescaped END
        """,
        _quoted=exp.Literal.number(2 * group),
        _unescaped=_unescaped(
            sql(
                "SELECT regexp_extract(t.Tag, _parts, _group)",
                _parts=literal(_PARTS),
                _group=exp.Literal.number(group),
            ).expressions[0]
        ),
    ).expressions[0]
    return found


def _unescaped(value: exp.Expr) -> exp.Expr:
    for escape, meant in _ESCAPES.items():
        value = exp.Anonymous(this="replace", expressions=[value, literal(escape), literal(meant)])
    return value
