"""SQL as expressions: the one place where query text becomes a tree.

A pass is written as a constant text in DuckDB's dialect. What varies enters as
nodes in its holes, never as text, so that no tag, name or value can become
part of a statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import cast

from sqlglot import exp, parse_one

Node = exp.Expr | Sequence[exp.Expr]


@lru_cache(maxsize=512)
def _parsed(query: str) -> exp.Query:
    return cast("exp.Query", parse_one(query, dialect="duckdb"))


def sql(query: str, **holes: Node) -> exp.Query:
    """Parse a constant query and fill its holes: the names that begin with an underscore.

    A hole in the place of a column takes an expression, or a sequence of them
    where a list may stand; a hole in the place of a table takes a relation.
    An unfilled hole raises KeyError.

    >>> sql("SELECT _keys, sum(_cost) AS c FROM _facts AS f GROUP BY _keys",
    ...     _keys=[column("a"), column("b")], _cost=column("x"), _facts=table("t")).sql("duckdb")
    'SELECT "a", "b", SUM("x") AS c FROM "t" AS f GROUP BY "a", "b"'
    """
    tree = _parsed(query).copy()
    for named in list(tree.find_all(exp.Table)):
        if named.name.startswith("_"):
            _fill_table(named, holes[named.name])
    for hole in list(tree.find_all(exp.Column)):
        if hole.name.startswith("_") and not hole.this.quoted and not hole.table:
            node = holes[hole.name]
            hole.replace(
                node.copy() if isinstance(node, exp.Expr) else [part.copy() for part in node]
            )
    return tree


def _fill_table(named: exp.Table, node: Node) -> None:
    if not isinstance(node, exp.Expr):
        raise TypeError(f"the hole {named.name} stands for one relation")
    new = exp.Subquery(this=node.copy()) if isinstance(node, exp.Query) else node.copy()
    for part in ("alias", "joins"):
        if found := named.args.get(part):
            new.set(part, found)
    named.replace(new)


def column(name: str, of: str | None = None) -> exp.Column:
    """A quoted column, of a table alias where one is given."""
    return exp.column(name, table=of, quoted=True)


def table(name: str) -> exp.Table:
    """A quoted relation."""
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def text(value: str) -> exp.Literal:
    """A string literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expression:
    """An integer literal."""
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def day(value: date) -> exp.Expression:
    """A date literal."""
    return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.DATE)


def columns(names: Iterable[str], of: str | None = None) -> list[exp.Expression]:
    """Quoted columns in order."""
    return [column(name, of) for name in names]
