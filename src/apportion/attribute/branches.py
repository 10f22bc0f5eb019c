"""Choosing by a number in few steps: a CASE that halves its branches at each test.

A CASE tests its branches one after the other, so a thousand of them cost a
thousand comparisons a row. Halving costs ten, on every engine.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from apportion.store.relation import number


def below(value: exp.Expr, limits: Sequence[exp.Expr], results: Sequence[exp.Expr]) -> exp.Expr:
    """The first result whose limit lies above a value; the last result beyond every limit.

    `limits` ascend, and there is one result more than limits.

    >>> from apportion.store.relation import column
    >>> below(column("n"), [number(5)], [number(0), number(1)]).sql("duckdb")
    'CASE WHEN "n" < 5 THEN 0 ELSE 1 END'
    """
    if not limits:
        return results[0]
    half = len(limits) // 2
    low = below(value, limits[:half], results[: half + 1])
    high = below(value, limits[half + 1 :], results[half + 1 :])
    test = exp.LT(this=value.copy(), expression=limits[half].copy())
    return exp.Case(ifs=[exp.If(this=test, true=low)], default=high)


def chosen(value: exp.Expr, results: Sequence[exp.Expr]) -> exp.Expr:
    """The result at the index that a value names: 0 for the first."""
    return below(value, [number(n) for n in range(1, len(results))], results)


def either(tests: Sequence[exp.Expr]) -> exp.Expr:
    """Any of the tests, as a balanced tree: engines bound how deep an expression may nest."""
    return _balanced(exp.Or, tests)


def each(tests: Sequence[exp.Expr]) -> exp.Expr:
    """All of the tests, as a balanced tree; true when there are none."""
    return _balanced(exp.And, tests) if tests else exp.true()


def _balanced(connector: type[exp.And] | type[exp.Or], tests: Sequence[exp.Expr]) -> exp.Expr:
    if len(tests) == 1:
        return exp.paren(tests[0], copy=False)
    half = len(tests) // 2
    both = connector(
        this=_balanced(connector, tests[:half]), expression=_balanced(connector, tests[half:])
    )
    return exp.paren(both, copy=False)
