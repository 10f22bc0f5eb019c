"""Second pass: charge keys with what the model looks at, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp

from apportion.model.rules import TAG
from apportion.store.engine import Engine
from apportion.store.relation import column, columns, sql, table, text


def lay_out_keys(
    engine: Engine, names: Collection[str], *, keys: str, normalised: str, into: str
) -> tuple[Mapping[str, str], frozenset[str]]:
    """Number the charge keys and write the columns and tags that are named beside them.

    Gives the name that each column or tag has in the new relation (KeyNo,
    KeyId, BillingCurrency, ServiceName, C0, C1, …): names of tags may be any
    text, and engines compare column names without case. A column that the keys
    lack is NULL; gives the names of these, too.

    Invariant: one row for each charge key, numbered from 1 in the order of KeyId.
    """
    known = frozenset(
        engine.fetch(sql("SELECT * FROM _k AS k LIMIT 0", _k=table(keys))).schema.names
    )
    given = {name: f"C{number}" for number, name in enumerate(sorted(names))}
    tags = {name: made for name, made in given.items() if name.startswith(TAG)}
    plain = {name: made for name, made in given.items() if name not in tags}
    engine.create(
        into,
        sql(
            """
            SELECT row_number() OVER (ORDER BY k.KeyId) AS KeyNo, k.KeyId AS KeyId,
                   k.BillingCurrency AS BillingCurrency, k.ServiceName AS ServiceName,
                   _plain, _tags
            FROM _keys AS k
            LEFT JOIN _pivot AS t ON t.TagSetId = k.TagSetId
            """,
            _keys=table(keys),
            _plain=[_named(made, name if name in known else None) for name, made in plain.items()],
            _tags=columns(tags.values(), "t"),
            _pivot=_pivot(tags, normalised),
        ),
    )
    return given, frozenset(plain) - known


def _named(made: str, name: str | None) -> exp.Expr:
    value = column(name, "k") if name else exp.cast(exp.null(), exp.DataType.Type.VARCHAR)
    return exp.alias_(value, made, quoted=True)


def _pivot(tags: Mapping[str, str], normalised: str) -> exp.Query:
    """One row for each tag set that has any of the tags, a column for each tag."""
    return sql(
        "SELECT n.TagSetId AS TagSetId, _values FROM _normalised AS n GROUP BY n.TagSetId",
        _normalised=table(normalised),
        _values=[_value(name.removeprefix(TAG), made) for name, made in tags.items()],
    )


def _value(tag: str, made: str) -> exp.Expr:
    is_it = exp.EQ(this=column("Tag", "n"), expression=text(tag))
    value = exp.Case(ifs=[exp.If(this=is_it, true=column("Value", "n"))])
    return exp.alias_(exp.Max(this=value), made, quoted=True)
