"""Attributed charge keys with the days on which each owner carries them."""

from __future__ import annotations

from sqlglot import exp

from apportion.store.relation import columns, sql, table


def key_spans(attributed: str, *names: str) -> exp.Query:
    """Source, KeyId, SpanStart and SpanUntil of attributed keys, and the columns named.

    A relation of attributed charges has a row for each key and span of days, and
    says when a span starts: it lasts until the key's next one, or for good (NULL).
    """
    return sql(
        """
        SELECT s.Source, s.KeyId, s.SpanStart, _names,
               lead(s.SpanStart) OVER (PARTITION BY s.Source, s.KeyId ORDER BY s.SpanStart)
                   AS SpanUntil
        FROM _attributed AS s
        """,
        _names=columns(names, "s"),
        _attributed=table(attributed),
    )
