"""Patterns over a column, decided once for each distinct value and not for each charge key."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from apportion.attribute.branches import each
from apportion.attribute.checks import in_spans, one_of
from apportion.attribute.globs import Glob, escaped
from apportion.attribute.lookups import batches, join_on, relation_of
from apportion.attribute.moments import Moments
from apportion.attribute.scratch import Scratch
from apportion.attribute.shapes import Patterns, Test
from apportion.store.relation import column, number, sql, table, text

TOGETHER = 250
"""Patterns that one regex sifts: one pass over a value finds whether any of them may match."""


def match_patterns(scratch: Scratch, name: str, patterns: Patterns, moments: Moments) -> str:
    """Write the least ordinal for each distinct value, as a relation that a join looks up.

    Patterns that fix the beginning or the end of a value are joins on that many
    characters of it. The others are sifted in groups: a regex of the texts that
    they contain, joined by ``|``, finds the few values that are worth a test.
    """
    columns = (*patterns.others, patterns.column)
    values = scratch.create(f"{name} values", _distinct(columns, moments))
    places = {known: column(f"V{n}", "v") for n, known in enumerate(columns)}
    span = column("Span", "v") if moments.spans else None
    branches: list[exp.Query] = []
    for n, lookup in enumerate(patterns.lookups.values()):
        rows = relation_of(len(lookup.parts), lookup.flat())
        found = scratch.rows(f"{name} ends {n}", rows)
        branches.append(
            sql(
                "SELECT v.ValueNo AS ValueNo, l.Ordinal AS Ordinal"
                " FROM _values AS v JOIN _found AS l ON _on",
                _values=table(values),
                _found=table(found),
                _on=join_on(lookup.parts, places.__getitem__, "l", span),
            )
        )
    for group in _groups(patterns.tests):
        chain = _sifted(group, places, patterns.column, span or number(0))
        branches.append(
            sql(
                """
                SELECT ValueNo, Ordinal FROM (
                    SELECT v.ValueNo AS ValueNo, _chain AS Ordinal FROM _values AS v
                ) AS t WHERE Ordinal IS NOT NULL
                """,
                _chain=chain,
                _values=table(values),
            )
        )
    return scratch.create(name, _least(branches, values, len(columns)))


def _distinct(columns: Sequence[str], moments: Moments) -> exp.Query:
    seen = [moments.seen("k")(name) for name in columns]
    return sql(
        """
        SELECT row_number() OVER (ORDER BY _last) AS ValueNo, d.*
        FROM (SELECT DISTINCT _values, _span AS Span FROM _each AS k WHERE _known) AS d
        """,
        _values=[exp.alias_(value, f"V{n}", quoted=True) for n, value in enumerate(seen)],
        _span=moments.span("k"),
        _each=moments.each(),
        _known=each([exp.Not(this=exp.Is(this=v.copy(), expression=exp.null())) for v in seen]),
        _last=column(f"V{len(seen) - 1}", "d"),
    )


def _groups(tests: Sequence[tuple[Glob, Test]]) -> list[Sequence[tuple[Glob, Test]]]:
    """Tests that share a sieve; those without a text that could be sought share none."""
    sought = [test for test in tests if test[0].literal]
    others = [test for test in tests if not test[0].literal]
    groups: list[Sequence[tuple[Glob, Test]]] = list(batches(sought, TOGETHER))
    return [*groups, others] if others else groups


def _sifted(
    group: Sequence[tuple[Glob, Test]], places: dict[str, exp.Column], name: str, span: exp.Expr
) -> exp.Expr:
    """The ordinal of the first test of a group that holds."""
    ifs = []
    for glob, test in group:
        lists = [one_of(places[other].copy(), values) for other, values in test.check.lists]
        holds = each([glob.test(places[name].copy()), *lists, *in_spans(span, test)])
        ifs.append(exp.If(this=holds, true=number(test.run[2])))
    chain = exp.Case(ifs=ifs)
    texts = dict.fromkeys(glob.literal for glob, _ in group)
    if len(group) == 1 or "" in texts:
        return chain
    sieve = "|".join(escaped(literal) for literal in texts)
    sifted = exp.RegexpLike(this=places[name].copy(), expression=text(sieve))
    return exp.Case(ifs=[exp.If(this=sifted, true=chain)])


def _least(branches: Sequence[exp.Query], values: str, width: int) -> exp.Query:
    every = branches[0]
    for branch in branches[1:]:
        every = exp.union(every, branch, distinct=False, copy=False)
    return sql(
        """
        SELECT _columns, v.Span AS FirstSpan, v.Span AS LastSpan, o.Ordinal AS Ordinal
        FROM (SELECT ValueNo, min(Ordinal) AS Ordinal FROM _every AS e GROUP BY ValueNo) AS o
        JOIN _values AS v ON v.ValueNo = o.ValueNo
        """,
        _columns=[column(f"V{n}", "v") for n in range(width)],
        _every=every,
        _values=table(values),
    )
