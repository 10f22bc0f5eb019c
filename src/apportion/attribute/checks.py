"""Conditions that no join can decide, as expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from apportion.attribute.branches import each, either
from apportion.attribute.portable import portable
from apportion.attribute.shapes import Check, Test
from apportion.store.relation import number, text

See = Callable[[str], exp.Expr]

STRIDE = 8
"""After this many tests a chain looks whether something before them was found already."""


def check_test(check: Check, see: See) -> exp.Expr:
    """The condition that all of a check holds."""
    tests = [one_of(see(name), values) for name, values in check.lists]
    tests += [either([glob.test(see(name)) for glob in globs]) for name, globs in check.globs]
    if check.where is not None:
        tests.append(portable(check.where, see))
    return each(tests)


def one_of(value: exp.Expr, values: Sequence[str]) -> exp.Expr:
    """The condition that a value is in a list."""
    return exp.In(this=value, expressions=[text(each) for each in values])


def first_of(
    tests: Sequence[Test], see: See, span: exp.Expr, known: exp.Expr | None = None
) -> exp.Expr:
    """The ordinal of the first test that holds; NULL where none does, or `known` comes first.

    `tests` ascend by ordinal.
    """
    ifs: list[exp.If] = []
    for n, test in enumerate(tests):
        if known is not None and n % STRIDE == 0:
            earlier = exp.LT(this=known.copy(), expression=number(test.run[2]))
            ifs.append(exp.If(this=earlier, true=exp.null()))
        holds = each([*in_spans(span, test), check_test(test.check, see)])
        ifs.append(exp.If(this=holds, true=number(test.run[2])))
    return exp.Case(ifs=ifs)


def in_spans(span: exp.Expr, test: Test) -> list[exp.Expr]:
    """The condition that a span is one of a test's; none where there is but one span."""
    if isinstance(span, exp.Literal):
        return []
    low, high = (number(n) for n in test.run[:2])
    return [exp.Between(this=span.copy(), low=low, high=high)]
