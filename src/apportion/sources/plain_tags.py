"""Plain tags in SQL: a flat object of plain texts gets its canonical form without leaving the engine.

Nearly all tags of bills are plain, and a bill may have a million sets of them.
What isn't plain is read by :func:`apportion.sources.tags.canonical_tags`; a
property test holds the two to the same results.
"""

from __future__ import annotations

from sqlglot import exp

from apportion.sources.expression import expression
from apportion.store.relation import text as literal

_KEY = r"[^\x00-\x22\\]*"
"""No quotes and escapes, and nothing that sorts before a quote, so that pairs sort as keys do."""

_VALUE = r"[^\x00-\x1f\"\\]*"
_B = r"[ \t\r\n]*"
_PAIR = rf'"({_KEY})"{_B}:{_B}"({_VALUE})"'
_OBJECT = rf"{_B}\{{{_B}{_PAIR}{_B}(,{_B}{_PAIR}{_B})*\}}{_B}"


def plain_tags(text: exp.Expr) -> exp.Expr:
    """The canonical form of plain tags; NULL where they aren't plain, or a key comes twice."""
    keys = expression(
        "SELECT regexp_extract_all(_text, _pair, 1)", _text=text, _pair=literal(_PAIR)
    )
    pairs = expression(
        "SELECT list_transform(regexp_extract_all(_text, _pair, 0), "
        "p -> regexp_replace(p, _pair, _tight))",
        _text=text,
        _pair=literal(_PAIR),
        _tight=literal(r'"\1":"\2"'),
    )
    return expression(
        """
        SELECT CASE WHEN regexp_full_match(_text, _object) AND len(_keys) = list_unique(_keys)
                    THEN '{' || array_to_string(list_sort(_pairs), ',') || '}' END
        """,
        _text=text,
        _object=literal(_OBJECT),
        _keys=keys,
        _pairs=pairs,
    )
