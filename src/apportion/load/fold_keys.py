"""Fold charges into their distinct keys."""

from __future__ import annotations

from sqlglot import exp

from apportion.load.key_shape import TAGS, KeyShape
from apportion.store.relation import column, columns, sql


def fold_keys(charges: exp.Table, shape: KeyShape, helper: exp.Expr | None = None) -> exp.Query:
    """One row for each distinct key of `charges`: Helper, KeyId, the key's columns, TagSetId, Tags.

    Helper is what :func:`fold_daily` finds a charge's key by; it is any
    expression over a charge that differs where the key does. Without one it is
    the digest itself, which is exact on every engine and dear. Invariant: as
    many rows as distinct keys.
    """
    return sql(
        """
        SELECT k.Helper, _digest AS KeyId, _columns, sha256(_tags) AS TagSetId, _tags AS Tags
        FROM (SELECT DISTINCT _helper AS Helper, _values FROM _charges AS c) AS k
        """,
        _digest=shape.digest(),
        _columns=columns(shape.columns),
        _tags=column(TAGS),
        _helper=helper if helper is not None else shape.digest(),
        _values=shape.values(),
        _charges=charges,
    )
