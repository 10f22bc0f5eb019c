"""Fifth pass: charges that no rule decided take the owner of their parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import exp

from apportion.attribute.claims import STRENGTHS, Claims
from apportion.attribute.moments import Moments
from apportion.attribute.scratch import Scratch
from apportion.attribute.spans import Spans
from apportion.domain.finding import Finding, Level
from apportion.domain.owner import Evidence
from apportion.model.rules import Inheritance
from apportion.store.engine import Engine
from apportion.store.relation import column, number, sql, table

SHOWN = 3
"""Values that a finding names as examples."""


def inherit_parent(
    engine: Engine,
    claims: Claims,
    spans: Spans,
    *,
    moments: Moments,
    matched: str,
    into: str,
) -> tuple[Finding, ...]:
    """Write `matched` and, after it, the keys that inherit: (KeyNo, Span, Claim, Owner, Strength).

    A key that no rule decided looks for its parents: the keys whose parent
    column equals its child column. Where rules gave them to one owner, it goes
    to that owner, on evidence no stronger than theirs; several owners decide
    nothing, and the next inheritance is asked. Only what rules decided is
    inherited, never what was itself inherited. An empty value names no parent.

    Invariant: what rules decided stays as it is. Gives a note for each
    inheritance that met parents with several owners.
    """
    numbered = enumerate(claims.inherit, start=len(claims.claims) + 1)
    ranged = ((n, one, spans.range(one.valid)) for n, one in numbered)
    held = [(n, one, found) for n, one, found in ranged if found]
    decided = sql("SELECT KeyNo, Span, Claim, Owner, Strength FROM _m AS m", _m=table(matched))
    if not held:
        engine.create(into, decided)
        return ()
    with Scratch(engine, into) as scratch:
        sources = [
            _Source(n, one, scratch.create(f"parents {n}", _parents(one, found, moments, matched)))
            for n, one, found in held
        ]
        rest = scratch.create("undecided", _undecided(moments, matched))
        inherited = _inherited(sources, moments, rest)
        engine.create(into, exp.union(decided, inherited, distinct=False))
        notes = [_ambiguous(engine, source, moments, rest) for source in sources]
        return tuple(note for note in notes if note)


class _Source(NamedTuple):
    """An inheritance, the number that its decisions carry, and the relation of its parents."""

    number: int
    inheritance: Inheritance
    parents: str


def _parents(one: Inheritance, found: tuple[int, int], moments: Moments, matched: str) -> exp.Query:
    """Owners by value of the parent column, of the values that some child names."""
    return sql(
        """
        SELECT _parent AS Value, m.Span AS Span, min(m.Owner) AS Owner, max(m.Owner) AS Other,
               max(m.Strength) AS Strength
        FROM _matched AS m
        JOIN _laid AS p ON p.KeyNo = m.KeyNo
        JOIN (SELECT DISTINCT _child AS Value FROM _laid AS k) AS c ON c.Value = _parent
        WHERE _parent <> '' AND m.Span BETWEEN _first AND _last
        GROUP BY _parent, m.Span
        """,
        _parent=column(moments.names[one.parent], "p"),
        _child=column(moments.names[one.child], "k"),
        _matched=table(matched),
        _laid=table(moments.laid),
        _first=number(found[0]),
        _last=number(found[1]),
    )


def _undecided(moments: Moments, matched: str) -> exp.Query:
    return sql(
        """
        SELECT k.KeyNo AS KeyNo, _span AS Span
        FROM _each AS k
        LEFT JOIN _matched AS m ON m.KeyNo = k.KeyNo AND m.Span = _span
        WHERE m.Claim IS NULL
        """,
        _span=moments.span("k"),
        _each=moments.each(),
        _matched=table(matched),
    )


def _inherited(sources: Sequence[_Source], moments: Moments, rest: str) -> exp.Query:
    """The first inheritance of each undecided key that finds one owner."""
    query = sql(
        "SELECT u.KeyNo AS KeyNo, u.Span AS Span FROM _u AS u JOIN _l AS k ON k.KeyNo = u.KeyNo",
        _u=table(rest),
        _l=table(moments.laid),
    )
    assert isinstance(query, exp.Select)
    for source in sources:
        parents = table(source.parents).as_(_alias(source))
        child = moments.seen("k")(source.inheritance.child)
        value = exp.EQ(this=child, expression=column("Value", _alias(source)))
        span = exp.EQ(this=column("Span", "u"), expression=column("Span", _alias(source)))
        query = query.join(parents, on=exp.and_(value, span), join_type="left", copy=False)
    owner = [column("Owner", _alias(source)) for source in sources]
    claim = [number(source.number) for source in sources]
    for name, values in (("Claim", claim), ("Owner", owner), ("Strength", _strengths(sources))):
        ifs = [
            exp.If(this=_agree(source), true=value)
            for source, value in zip(sources, values, strict=True)
        ]
        chosen = exp.cast(exp.Case(ifs=ifs), exp.DataType.Type.INT)
        query = query.select(exp.alias_(chosen, name, quoted=True), copy=False)
    return sql("SELECT * FROM _found AS f WHERE f.Claim IS NOT NULL", _found=query)


def _alias(source: _Source) -> str:
    return f"p{source.number}"


def _agree(source: _Source) -> exp.Expr:
    """The condition that all parents have one owner."""
    return exp.EQ(this=column("Owner", _alias(source)), expression=column("Other", _alias(source)))


def _strengths(sources: Sequence[_Source]) -> list[exp.Expr]:
    """A parent's evidence, or that of a mapping where that is weaker."""
    mapped = STRENGTHS.index(Evidence.MAPPED)
    return [
        exp.func("greatest", column("Strength", _alias(source)), number(mapped))
        for source in sources
    ]


def _ambiguous(engine: Engine, source: _Source, moments: Moments, rest: str) -> Finding | None:
    one = source.inheritance
    found = engine.fetch(
        sql(
            """
            SELECT p.Value AS Value, CAST(sum(c.Charges) AS BIGINT) AS Charges
            FROM _rest AS u
            JOIN _laid AS k ON k.KeyNo = u.KeyNo
            JOIN _parents AS p ON p.Value = _child AND p.Span = u.Span
            JOIN _charges AS c ON c.KeyNo = u.KeyNo AND c.Span = u.Span
            WHERE p.Owner <> p.Other
            GROUP BY p.Value
            ORDER BY p.Value
            """,
            _rest=table(rest),
            _laid=table(moments.laid),
            _parents=table(source.parents),
            _child=moments.seen("k")(one.child),
            _charges=table(moments.charges),
        )
    )
    if not found.num_rows:
        return None
    values = found.column("Value").to_pylist()
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return Finding(
        "parent-ambiguous",
        Level.NOTE,
        f"inheritance {one.name!r}: parents with several owners decide nothing "
        f"({one.parent} {', '.join(map(repr, values[:SHOWN]))}{more})",
        one.place,
        "give the parents to one owner, or these charges to an owner by a rule",
        sum(found.column("Charges").to_pylist()),
    )
