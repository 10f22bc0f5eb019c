"""The tree of an allowed condition: its normal form, its parts, and trees made from short forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from sqlglot import exp

from apportion.domain.owner import Evidence
from apportion.model.condition import Parts
from apportion.model.rules import TAG
from apportion.model.tag_names import TagNames

PATTERNS = (exp.Like, exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains)


def column_name(node: exp.Expr) -> str | None:
    """The name of a column or a tag (``tag.KEY``); None for any other node."""
    if isinstance(node, exp.Bracket):
        inner, keys = node.this, node.expressions
        plain = isinstance(inner, exp.Column) and inner.name == "tag" and not inner.table
        named = len(keys) == 1 and isinstance(keys[0], exp.Literal) and keys[0].is_string
        return TAG + keys[0].this if plain and named and keys[0].this else None
    if not isinstance(node, exp.Column) or not isinstance(node.this, exp.Identifier):
        return None
    if node.table:
        return TAG + node.name if node.table == "tag" and not node.args.get("db") else None
    return node.name


def column_node(name: str) -> exp.Column:
    """The expression of a column or tag by its name, quoted."""
    if name.startswith(TAG):
        return exp.column(name.removeprefix(TAG), table="tag", quoted=True)
    return exp.column(name, quoted=True)


def normal(node: exp.Expr) -> exp.Expr:
    """One spelling for each meaning: quoted columns, NOT around LIKE, no comments or marks."""

    def change(part: exp.Expr) -> exp.Expr:
        if (name := column_name(part)) is not None:
            return column_node(name)
        return part

    made = node.transform(change, copy=False)
    for like in [like for like in made.find_all(exp.Like) if like.args.get("negate")]:
        plain = exp.Not(this=exp.Like(this=like.this.copy(), expression=like.expression.copy()))
        made = plain if like is made else made
        like.replace(plain)
    for part in made.walk():
        part.pop_comments()
    return made


def take_apart(tree: exp.Expr) -> Parts:
    equals: list[tuple[str, tuple[str, ...]]] = []
    rest: list[exp.Expr] = []
    for part in _conjuncts(tree):
        equality = _equality(part)
        if equality:
            equals.append(equality)
        else:
            rest.append(part)
    where = exp.and_(*rest, copy=False, wrap=True) if rest else None
    return Parts(tuple(equals), cast("exp.Expression | None", where), _evidence(tree))


def _conjuncts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The parts that must all hold, parentheses taken off."""
    tree = tree.unnest()
    if not isinstance(tree, exp.And):
        yield tree
        return
    for part in tree.flatten():
        yield from _conjuncts(part)


def _equality(node: exp.Expr) -> tuple[str, tuple[str, ...]] | None:
    if isinstance(node, exp.EQ):
        sides = (node.this, node.expression)
        for column, value in (sides, sides[::-1]):
            name = column_name(column)
            if name is not None and isinstance(value, exp.Literal):
                return name, (value.this,)
    if isinstance(node, exp.In) and (name := column_name(node.this)) is not None:
        return name, tuple(dict.fromkeys(item.this for item in node.expressions))
    return None


def _evidence(tree: exp.Expr) -> Evidence:
    nodes = list(tree.walk())
    if any(isinstance(node, PATTERNS) for node in nodes):
        return Evidence.PATTERN
    tags_only = all(
        isinstance(node, (exp.And, exp.Or, exp.Paren, exp.Identifier, exp.Literal, exp.EQ, exp.In))
        or (isinstance(node, exp.Column) and node.table)
        for node in nodes
    )
    return Evidence.TAGGED if tags_only else Evidence.MAPPED


def provider_condition(providers: tuple[str, ...]) -> exp.Expression:
    """Any of the providers, in bills of every FOCUS version (the column was renamed in 1.3)."""
    column = exp.Coalesce(
        this=column_node("ServiceProviderName"), expressions=[column_node("ProviderName")]
    )
    tests: list[exp.Expr] = []
    for name in providers:
        if "*" in name or "?" in name:
            pattern = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in name)
            tests.append(
                exp.RegexpLike(this=column.copy(), expression=exp.Literal.string(f"^{pattern}$"))
            )
        else:
            tests.append(exp.EQ(this=column.copy(), expression=exp.Literal.string(name)))
    return cast("exp.Expression", exp.or_(*tests, copy=False))


def provider_of(name: str) -> exp.Expr:
    """The charges of one provider by its exact name; of none that is named where it is empty."""
    column = exp.Coalesce(
        this=column_node("ServiceProviderName"), expressions=[column_node("ProviderName")]
    )
    if not name:
        return exp.Is(this=column, expression=exp.null())
    return exp.EQ(this=column, expression=exp.Literal.string(name))


def both(one: exp.Expression | None, other: exp.Expression) -> exp.Expression:
    """Two conditions that must both hold; neither is changed."""
    return other if one is None else cast("exp.Expression", exp.and_(one, other))


def rename_tags(where: exp.Expression, names: TagNames) -> exp.Expression:
    """The condition with each tag by its canonical key."""
    tags = [name for node in where.find_all(exp.Column) if (name := column_name(node))]
    if all(names.column(name) == name for name in tags):
        return where

    def change(node: exp.Expr) -> exp.Expr:
        name = column_name(node)
        return node if name is None else column_node(names.column(name))

    return cast("exp.Expression", where.transform(change, copy=True))
