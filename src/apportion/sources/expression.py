"""One SQL expression, written like a query in `store.relation`: constant text with holes."""

from __future__ import annotations

from sqlglot import exp

from apportion.store.relation import sql


def expression(query: str, **holes: exp.Expr) -> exp.Expr:
    """The one column of a constant ``SELECT``, its holes filled.

    What fills a hole keeps its sense there: a sum put after a minus sign is
    put in brackets.

    >>> from apportion.store.relation import column
    >>> total = expression("SELECT _a + 1", _a=column("a"))
    >>> expression("SELECT -_total", _total=total).sql("duckdb")
    '-("a" + 1)'
    """
    bracketed = {name: _bracketed(hole) for name, hole in holes.items()}
    found: exp.Expr = sql(query, **bracketed).expressions[0]
    return found


def _bracketed(hole: exp.Expr) -> exp.Expr:
    return exp.paren(hole) if isinstance(hole, exp.Binary | exp.Unary) else hole
