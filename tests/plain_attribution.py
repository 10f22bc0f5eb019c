"""What attribution means, written as plainly as can be: row by row, rule by rule, in Python.

It shares no code with the room `attribute`, and takes any time that it needs.
"""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlglot import exp

from apportion.domain.amounts import Amounts
from apportion.domain.owner import UNALLOCATED, Evidence, Owner, OwnerKind
from apportion.model.project import Model
from apportion.model.rules import Condition, Rule
from apportion.model.taxonomy import TagKey
from plain_charges import Charge

STRENGTH = [Evidence.TAGGED, Evidence.MAPPED, Evidence.MANUAL, Evidence.PATTERN, Evidence.NONE]

Group = tuple[str, str, str, str, str, str, str]
"""Source, currency, kind of owner, owner, rule, evidence, service."""


class Found(NamedTuple):
    owner: Owner
    rule: str
    evidence: Evidence


NOBODY = Found(UNALLOCATED, "", Evidence.NONE)


def plainly(model: Model, charges: Sequence[Charge]) -> dict[Group, tuple[int, Amounts]]:
    """How many charges, and which amounts, each group carries."""
    groups: dict[Group, list[Charge]] = defaultdict(list)
    reading = Plain(model, charges)
    for one in charges:
        found = reading.carrier(one, one.day)
        groups[
            one.source,
            one.see("BillingCurrency") or "",
            found.owner.kind.value,
            found.owner.name,
            found.rule,
            found.evidence.value,
            one.see("ServiceName") or "",
        ].append(one)
    return {group: (len(ones), _amounts(ones)) for group, ones in groups.items()}


def _amounts(ones: Sequence[Charge]) -> Amounts:
    return Amounts.total(Amounts(*map(Fraction, one.costs)) for one in ones)


class Plain:
    def __init__(self, model: Model, charges: Sequence[Charge]) -> None:
        self.model = model
        self.keys = list({one.key: one for one in charges}.values())
        self.teams = {team.name: team.valid for team in model.organisation.teams}
        self.pools = {pool.name: pool.valid for pool in model.pools}

    def carrier(self, one: Charge, day: date) -> Found:
        found = self.by_rule(one, day) or self.by_parent(one, day) or NOBODY
        for pool in sorted(self.model.pools, key=lambda pool: pool.position):
            team = Owner(OwnerKind.TEAM, pool.from_team)
            if pool.from_team and found.owner == team and pool.valid.covers(day):
                return found._replace(owner=Owner(OwnerKind.POOL, pool.name))
        return found

    def by_rule(self, one: Charge, day: date) -> Found | None:
        for pool in sorted(self.model.pools, key=lambda pool: pool.position):
            known = pool.condition
            if known is not None and pool.valid.covers(day) and self.holds(known, one):
                return Found(Owner(OwnerKind.POOL, pool.name), pool.name, evidence_of(known))
        for rule in sorted(self.model.rules, key=lambda rule: rule.position):
            if rule.valid.covers(day) and self.holds(rule.condition, one):
                owner = self.owner(rule, one, day)
                if owner is not None:
                    return Found(owner, rule.name, rule.evidence)
        return None

    def owner(self, rule: Rule, one: Charge, day: date) -> Owner | None:
        if rule.from_tag:
            wanted = [Owner(OwnerKind.TEAM, self.see(one, f"tag.{rule.from_tag}") or "")]
        elif rule.column:
            value = self.see(one, rule.column)
            rows = [row for row in rule.listed if row.value == value and row.valid.covers(day)]
            wanted = [row.owner for row in rows]
        else:
            assert rule.owner is not None
            wanted = [rule.owner]
        return next((owner for owner in wanted if self.exists(owner, day)), None)

    def exists(self, owner: Owner, day: date) -> bool:
        known = self.teams if owner.kind is OwnerKind.TEAM else self.pools
        return owner.name in known and known[owner.name].covers(day)

    def by_parent(self, one: Charge, day: date) -> Found | None:
        for inherit in sorted(self.model.inherit, key=lambda inherit: inherit.position):
            value = self.see(one, inherit.child)
            if not value or not inherit.valid.covers(day):
                continue
            parents = [key for key in self.keys if self.see(key, inherit.parent) == value]
            found = [by for by in (self.by_rule(parent, day) for parent in parents) if by]
            if len({by.owner for by in found}) == 1:
                every = [Evidence.MAPPED, *(by.evidence for by in found)]
                return Found(found[0].owner, inherit.name, max(every, key=STRENGTH.index))
        return None

    def see(self, one: Charge, column: str) -> str | None:
        if not column.startswith("tag."):
            return one.see(column)
        name = column.removeprefix("tag.")
        if name not in self.model.taxonomy.keys:
            return one.tags.get(name)
        return spelt(self.model.taxonomy.keys[name], one.tags)

    def holds(self, condition: Condition, one: Charge) -> bool:
        for column, values in condition.equals:
            if self.see(one, column) not in values:
                return False
        for column, globs in condition.patterns:
            value = self.see(one, column)
            if value is None or not any(globbed(glob, value) for glob in globs):
                return False
        return condition.where is None or self.value(condition.where, one) is True

    def value(self, node: exp.Expr, one: Charge) -> Any:
        """The value of an expression; None is NULL."""
        match node:
            case exp.Paren():
                return self.value(node.this, one)
            case exp.Column():
                return self.see(one, f"tag.{node.name}" if node.table else node.name)
            case exp.Literal():
                return node.this if node.is_string else int(node.this)
            case exp.And() | exp.Or() | exp.Not() | exp.Is():
                return self.logic(node, one)
            case exp.Coalesce():
                values = [self.value(part, one) for part in (node.this, *node.expressions)]
                return next((value for value in values if value is not None), None)
        return self.function(node, one)

    def logic(self, node: exp.Expr, one: Charge) -> bool | None:
        """SQL's three-valued logic, by hand."""
        left = self.value(node.this, one)
        if isinstance(node, exp.Is):
            return left is None
        if isinstance(node, exp.Not):
            return None if left is None else not left
        decisive = isinstance(node, exp.Or)
        sides = (left, self.value(node.expression, one))
        return decisive if decisive in sides else None if None in sides else not decisive

    def function(self, node: exp.Expr, one: Charge) -> Any:
        """Whatever is NULL when any part of it is."""
        parts = [node.this, node.args.get("expression"), *node.expressions]
        values = [self.value(part, one) for part in parts if isinstance(part, exp.Expr)]
        return None if None in values else FUNCTIONS[type(node)](*values)


FUNCTIONS: Mapping[type, Any] = {
    exp.In: lambda a, *listed: a in listed,
    exp.Like: lambda a, b: re.fullmatch(liked(b), a, re.DOTALL) is not None,
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.LT: lambda a, b: a < b,
    exp.GTE: lambda a, b: a >= b,
    exp.StartsWith: lambda a, b: a.startswith(b),
    exp.EndsWith: lambda a, b: a.endswith(b),
    exp.Contains: lambda a, b: b in a,
    exp.RegexpLike: lambda a, b: re.search(b, a, re.ASCII) is not None,
    exp.Length: len,
    exp.Left: lambda a, n: a[:n],
    exp.Right: lambda a, n: a[len(a) - n :] if n < len(a) else a,
    exp.Trim: lambda a: a.strip(" "),
    exp.Lower: lambda a: "".join(c.lower() if c.isascii() else c for c in a),
    exp.Upper: lambda a: "".join(c.upper() if c.isascii() else c for c in a),
}


def spelt(key: TagKey, tags: Mapping[str, str]) -> str | None:
    """The value of a tag of the taxonomy: by precedence of spellings, in its own spelling."""
    spellings = [key.name, *key.synonyms]
    for wanted in spellings:
        alike = [tag for tag in tags if tag.strip().casefold() == wanted.strip().casefold()]
        for tag in sorted(alike, key=lambda tag: (tag not in spellings, tag)):
            value = key.canonical(tags[tag])
            if value:
                return value
    return None


def liked(pattern: str) -> str:
    return re.escape(pattern).replace("%", ".*").replace("_", ".")


def globbed(glob: str, value: str) -> bool:
    """Whether a value matches a glob in which ``[`` means itself."""
    return fnmatch.fnmatchcase(value, glob.replace("[", "[[]"))


def evidence_of(condition: Condition) -> Evidence:
    """The weakest part decides."""
    text = condition.where.sql("duckdb") if condition.where is not None else ""
    if condition.patterns or re.search(r"LIKE|REGEXP|STARTS|ENDS|CONTAINS", text):
        return Evidence.PATTERN
    columns = condition.columns
    plain = not re.search(r"NOT|IS NULL|<|>|LENGTH|LEFT|LOWER|COALESCE|TRIM|UPPER|RIGHT", text)
    if columns and plain and all(column.startswith("tag.") for column in columns):
        return Evidence.TAGGED
    return Evidence.MAPPED
