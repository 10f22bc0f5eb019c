"""What is to be decided: charge keys, at the spans in which they have charges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from apportion.model.rules import Inheritance
from apportion.store.engine import Engine
from apportion.store.relation import column, number, sql, table


@dataclass(frozen=True)
class Moments:
    """Charge keys as laid out, at the spans of a relation (KeyNo, Span), or all at the only span.

    `names` says which column of the laid out keys holds a column or tag;
    `charges` are the charges by key and span.
    """

    laid: str
    names: Mapping[str, str]
    charges: str
    spans: str = ""

    def each(self) -> exp.Expr:
        """The relation to read them from."""
        if not self.spans:
            return table(self.laid)
        return sql(
            "SELECT m.Span AS Span, l.* FROM _m AS m JOIN _l AS l ON l.KeyNo = m.KeyNo",
            _m=table(self.spans),
            _l=table(self.laid),
        )

    def span(self, alias: str) -> exp.Expr:
        """The number of the span, where :meth:`each` has an alias."""
        return column("Span", alias) if self.spans else number(0)

    def seen(self, alias: str) -> Callable[[str], exp.Expr]:
        """How a condition's columns are read, where :meth:`each` has an alias."""
        return lambda name: column(self.names[name], alias)


def moments_of(
    engine: Engine, inherit: Iterable[Inheritance], moments: Moments, *, into: str
) -> Moments:
    """Write (KeyNo, Span) of all charges, and of all that may be a parent, on every span.

    A parent need not have charges on the days on which its child has some: what
    counts is whom the rules would give it to on these days.
    """
    every = sql("SELECT KeyNo, Span FROM _c AS c", _c=table(moments.charges))
    for one in inherit:
        parents = sql(
            """
            SELECT p.KeyNo AS KeyNo, s.Span AS Span
            FROM _laid AS p
            JOIN (SELECT DISTINCT _child AS Value FROM _laid AS k) AS c ON c.Value = _parent
            CROSS JOIN (SELECT DISTINCT Span FROM _charges AS f) AS s
            """,
            _laid=table(moments.laid),
            _charges=table(moments.charges),
            _child=column(moments.names[one.child], "k"),
            _parent=column(moments.names[one.parent], "p"),
        )
        every = exp.union(every, parents, distinct=False)
    engine.create(into, sql("SELECT DISTINCT KeyNo, Span FROM _every AS e", _every=every))
    return replace(moments, spans=into)
