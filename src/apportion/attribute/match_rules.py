"""Fourth pass: the first claim that each charge key meets, span by span."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from sqlglot import exp

from apportion.attribute.branches import chosen, each
from apportion.attribute.checks import check_test, first_of
from apportion.attribute.lookups import Part, batches, join_on, relation_of
from apportion.attribute.match_patterns import match_patterns
from apportion.attribute.moments import Moments
from apportion.attribute.scratch import Scratch
from apportion.attribute.shapes import Checked, Crowd, Shapes
from apportion.store.engine import Engine
from apportion.store.relation import column, number, sql, table, text

NEVER = 2**31 - 1
"""An ordinal beyond all others: nothing matched."""

TOGETHER = 8
"""Lookups that one query joins. A union of several such queries beats one with many joins."""


def match_rules(engine: Engine, shapes: Shapes, *, moments: Moments, into: str) -> None:
    """Write (KeyNo, Span, Claim, Owner, Strength) of each key that some claim takes.

    First match wins: of all grants that a key meets in a span, the one with the
    least ordinal decides. Shape by shape the least is found (a lookup finds one
    row at most, so claims that all match don't multiply), then the least of all.

    Invariant: a key has one row at most for each span. The order of rules in
    files, of rows and of tags doesn't matter.
    """
    with Scratch(engine, into) as scratch:
        found = scratch.create("found", _least(_branches(scratch, shapes, moments)))
        if shapes.tests:
            found = scratch.create("tested", _tested(shapes, moments, found))
        outcomes = scratch.rows("outcomes", _outcomes(shapes))
        engine.create(
            into,
            sql(
                """
                SELECT f.KeyNo AS KeyNo, f.Span AS Span,
                       o.Claim AS Claim, o.Owner AS Owner, o.Strength AS Strength
                FROM _found AS f JOIN _outcomes AS o ON o.Ordinal = f.Ordinal
                """,
                _found=table(found),
                _outcomes=table(outcomes),
            ),
        )


def _branches(scratch: Scratch, shapes: Shapes, moments: Moments) -> list[exp.Query]:
    """Queries of (KeyNo, Span, Ordinal), each least in its own shapes."""
    lookups = [
        (lookup.parts, scratch.rows(f"lookup {n}", relation_of(len(lookup.parts), lookup.flat())))
        for n, lookup in enumerate(shapes.lookups.values())
    ]
    for n, patterns in enumerate(shapes.patterns.values()):
        parts = tuple(Part(name) for name in (*patterns.others, patterns.column))
        lookups.append((parts, match_patterns(scratch, f"patterns {n}", patterns, moments)))
    branches = [_looked_up(group, moments) for group in batches(lookups, TOGETHER)]
    for n, (columns, rows) in enumerate(shapes.checked.items()):
        if rows:
            branches.append(_checked(scratch, f"checked {n}", columns, rows, shapes, moments))
    return [*branches, *(_crowded(crowd, moments) for crowd in shapes.crowds)]


def _looked_up(lookups: Sequence[tuple[tuple[Part, ...], str]], moments: Moments) -> exp.Query:
    """The least ordinal of some lookups, each of which finds one row at most."""
    query = sql(
        "SELECT k.KeyNo AS KeyNo, _span AS Span FROM _each AS k",
        _span=moments.span("k"),
        _each=moments.each(),
    )
    assert isinstance(query, exp.Select)
    found: list[exp.Expr] = []
    for n, (parts, relation) in enumerate(lookups):
        alias = f"l{n}"
        span = moments.span("k") if moments.spans else None
        query = query.join(
            table(relation).as_(alias),
            on=join_on(parts, moments.seen("k"), alias, span),
            join_type="left",
            copy=False,
        )
        found.append(column("Ordinal", alias))
    return query.select(exp.alias_(least(found), "Ordinal"), copy=False)


def _checked(
    scratch: Scratch,
    name: str,
    columns: tuple[str, ...],
    rows: Sequence[Checked],
    shapes: Shapes,
    moments: Moments,
) -> exp.Query:
    """Rows of a join whose check holds; the checks are numbered, and chosen by number."""
    numbers = sorted({row.check for row in rows})
    dense = {check: n for n, check in enumerate(numbers)}
    flat = relation_of(len(columns), [(row.values, row.run) for row in rows])
    checks = pa.array([dense[row.check] for row in rows], pa.int32())
    relation = scratch.rows(name, flat.append_column("Check", checks))
    tests = [check_test(shapes.checks[n], moments.seen("k")) for n in numbers]
    return sql(
        """
        SELECT k.KeyNo AS KeyNo, _span AS Span, l.Ordinal AS Ordinal
        FROM _each AS k JOIN _relation AS l ON _on WHERE _holds
        """,
        _span=moments.span("k"),
        _each=moments.each(),
        _relation=table(relation),
        _on=join_on(
            [Part(name) for name in columns],
            moments.seen("k"),
            "l",
            moments.span("k") if moments.spans else None,
        ),
        _holds=chosen(column("Check", "l"), tests),
    )


def _crowded(crowd: Crowd, moments: Moments) -> exp.Query:
    """The first of many checks that holds, on the charges that have the values they all ask for."""
    see = moments.seen("k")
    return sql(
        """
        SELECT k.KeyNo AS KeyNo, _span AS Span, _first AS Ordinal FROM _each AS k WHERE _values
        """,
        _span=moments.span("k"),
        _first=first_of(crowd.tests, see, moments.span("k")),
        _each=moments.each(),
        _values=each([exp.EQ(this=see(name), expression=text(v)) for name, v in crowd.values]),
    )


def _least(branches: Sequence[exp.Query]) -> exp.Query:
    if not branches:
        return sql(
            "SELECT CAST(0 AS BIGINT) AS KeyNo, CAST(0 AS INTEGER) AS Span,"
            " CAST(0 AS INTEGER) AS Ordinal WHERE 1 = 0"
        )
    every = branches[0]
    for branch in branches[1:]:
        every = exp.union(every, branch, distinct=False, copy=False)
    return sql(
        """
        SELECT KeyNo, Span, min(Ordinal) AS Ordinal FROM _every AS e
        WHERE Ordinal < _never GROUP BY KeyNo, Span
        """,
        _every=every,
        _never=number(NEVER),
    )


def _tested(shapes: Shapes, moments: Moments, found: str) -> exp.Query:
    """All other claims, tested in order, for as long as nothing before them was found."""
    known = exp.func("coalesce", column("Ordinal", "f"), number(NEVER))
    chain = first_of(shapes.tests, moments.seen("k"), moments.span("k"), known)
    return sql(
        """
        SELECT KeyNo, Span, Ordinal FROM (
            SELECT k.KeyNo AS KeyNo, _span AS Span, least(_chain, _known) AS Ordinal
            FROM _each AS k
            LEFT JOIN _found AS f ON f.KeyNo = k.KeyNo AND f.Span = _span
        ) AS t WHERE Ordinal < _never
        """,
        _span=moments.span("k"),
        _chain=exp.func("coalesce", chain, number(NEVER)),
        _known=known,
        _each=moments.each(),
        _found=table(found),
        _never=number(NEVER),
    )


def _outcomes(shapes: Shapes) -> pa.Table:
    """What each ordinal stands for, in numbers."""
    return pa.table(
        {
            "Ordinal": pa.array(range(len(shapes.claim)), pa.int32()),
            "Claim": pa.array(shapes.claim, pa.int32()),
            "Owner": pa.array(shapes.owner, pa.int32()),
            "Strength": pa.array(shapes.strength, pa.int32()),
        }
    )


def least(ordinals: Sequence[exp.Expr]) -> exp.Expr:
    """The least of some ordinals, of which any may be NULL."""
    known = [exp.func("coalesce", each, number(NEVER)) for each in ordinals]
    return exp.func("least", *known, number(NEVER))
