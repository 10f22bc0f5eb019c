"""The model as claims on charges: pools, policies, then rules, as they decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from sqlglot import exp

from apportion.attribute.globs import Form, Glob, glob
from apportion.attribute.policy_claims import PolicyClaim, policy_claims
from apportion.domain.owner import UNALLOCATED, Evidence, Owner, OwnerKind
from apportion.errors import Place
from apportion.model.dated import ALWAYS, Validity
from apportion.model.policies import PolicyPool
from apportion.model.pools import Pool
from apportion.model.project import Model
from apportion.model.rules import TAG, Condition, Inheritance, Rule
from apportion.model.same_spend import SameSpend

Equals = dict[str, tuple[str, ...]]
Globs = tuple[tuple[str, tuple[Glob, ...]], ...]

STRENGTHS = tuple(Evidence)
"""Evidence by number: the greater, the weaker."""


class Demand(NamedTuple):
    """What a charge must meet, part by part; a column is named once in `equals`."""

    equals: Equals
    globs: Globs
    where: exp.Expr | None


class Grant(NamedTuple):
    """Whom a claim gives charges to, on which days, and for which value of a column, if any."""

    owner: int
    valid: Validity
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One pool's, policy's or rule's claim. `number` counts from 1 in the order of precedence.

    A `default` one is that of a policy which the model doesn't state.
    """

    number: int
    name: str
    place: Place
    evidence: Evidence
    demand: Demand | None
    grants: tuple[Grant, ...]
    default: bool = False


@dataclass(frozen=True)
class Claims:
    """All claims of a model. Owner 0 is unallocated, and so is the claim of number 0.

    `takeovers` are the pools that take what a team was given; `policies` where
    policies put charges. The numbers of inheritances follow on those of the claims.
    """

    claims: tuple[Claim, ...]
    owners: tuple[Owner, ...]
    inherit: tuple[Inheritance, ...]
    takeovers: tuple[Pool, ...]
    policies: tuple[PolicyPool, ...] = ()

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column and tag that a claim or an inheritance looks at."""
        found: set[str] = set()
        for claim in self.claims:
            if claim.demand:
                found.update(claim.demand.equals)
                found.update(column for column, _ in claim.demand.globs)
                found.update(columns_of(claim.demand.where))
            found.update(grant.column for grant in claim.grants)
        for one in self.inherit:
            found.update((one.child, one.parent))
        return frozenset(found - {""})

    @cached_property
    def cuts(self) -> frozenset[date]:
        """The days on which anything that can change an attribution begins or ends."""
        found: set[date] = set()
        valid: Iterable[Validity] = (
            *(grant.valid for claim in self.claims for grant in claim.grants),
            *(one.valid for one in self.inherit),
            *(pool.valid for pool in self.takeovers),
        )
        for days in valid:
            found.update(day for day in (days.start, days.until) if day)
        return frozenset(found)

    def named(self, number: int) -> tuple[str, Place]:
        """The name and place of the claim or inheritance with a number."""
        if number <= len(self.claims):
            claim = self.claims[number - 1]
            return claim.name, claim.place
        one = self.inherit[number - len(self.claims) - 1]
        return one.name, one.place


def claims_of(model: Model, providers: Sequence[str] | None = None) -> Claims:
    """Read a model's pools, policies and rules as claims, in the order of precedence.

    Views of a spend that counts elsewhere come first; then pools with a condition;
    then policies, then the rules by position, then defaults that share what no
    rule takes. A claim holds on days when the team or pool that it names exists.
    `providers` are those of charges that policies are for, None where charges
    weren't classed.
    """
    return _Reading(model, providers).claims()


def columns_of(where: exp.Expr | None) -> Iterator[str]:
    """The columns and tags that an expression looks at."""
    if where is not None:
        for column in where.find_all(exp.Column):
            yield TAG + column.name if column.table else column.name


class _Reading:
    def __init__(self, model: Model, providers: Sequence[str] | None) -> None:
        self.model = model
        self.policies = tuple(policy_claims(model, providers))
        self.numbers: dict[Owner, int] = {UNALLOCATED: 0}
        self.teams = {team.name: team.valid for team in model.organisation.teams}
        self.pools = {pool.name: pool.valid for pool in model.pools}

    def claims(self) -> Claims:
        pools = sorted(self.model.pools, key=lambda pool: pool.position)
        rules = sorted(self.model.rules, key=lambda rule: rule.position)
        found = [part for spend in self.model.same_spend for part in self.of_spend(spend)]
        found += [self.of_pool(pool) for pool in pools if pool.condition is not None]
        found += [self.of_policy(policy) for policy in self.policies if not policy.last]
        found += [self.of_rule(rule) for rule in rules]
        found += [self.of_policy(policy) for policy in self.policies if policy.last]
        return Claims(
            tuple(Claim(number, *parts) for number, parts in enumerate(found, start=1)),
            tuple(self.numbers),
            tuple(sorted(self.model.inherit, key=lambda one: one.position)),
            tuple(pool for pool in pools if pool.from_team),
            tuple(dict.fromkeys(one.pool for one in self.policies if one.pool)),
        )

    def of_spend(self, spend: SameSpend) -> Iterator[_Parts]:
        """The views of a spend that don't count in the period claim before all else."""
        grant = Grant(self.number(Owner(OwnerKind.LEFT_OUT, spend.name)), spend.valid)
        for place, view in enumerate(spend.views):
            if spend.counted not in {-1, place}:
                name = f"view {place + 1} of {spend.name}"
                yield name, spend.place, evidence_of(view), demand(view), (grant,), True

    def of_pool(self, pool: Pool) -> _Parts:
        assert pool.condition is not None
        grant = Grant(self.number(Owner(OwnerKind.POOL, pool.name)), pool.valid)
        evidence = evidence_of(pool.condition)
        return pool.name, pool.place, evidence, demand(pool.condition), (grant,), False

    def of_policy(self, claim: PolicyClaim) -> _Parts:
        policy = claim.policy
        days = claim.valid if claim.pool else self.exists(claim.owner, claim.valid)
        grants = (Grant(self.number(claim.owner), days),) if days else ()
        asked = demand(claim.condition)
        return claim.name, policy.place, Evidence.MAPPED, asked, grants, claim.default

    def of_rule(self, rule: Rule) -> _Parts:
        grants = tuple(self.grants(rule))
        return rule.name, rule.place, rule.evidence, demand(rule.condition), grants, False

    def grants(self, rule: Rule) -> Iterator[Grant]:
        if rule.owner is not None:
            if days := self.exists(rule.owner, rule.valid):
                yield Grant(self.number(rule.owner), days)
        elif rule.from_tag:
            for name in self.teams:
                owner = Owner(OwnerKind.TEAM, name)
                if days := self.exists(owner, rule.valid):
                    yield Grant(self.number(owner), days, TAG + rule.from_tag, name)
        else:
            for row in rule.listed:
                days = self.exists(row.owner, _meet(rule.valid, row.valid))
                if days:
                    yield Grant(self.number(row.owner), days, rule.column, row.value)

    def number(self, owner: Owner) -> int:
        return self.numbers.setdefault(owner, len(self.numbers))

    def exists(self, owner: Owner, days: Validity | None) -> Validity | None:
        """The days of these on which an owner exists; None where there are none."""
        known = self.teams if owner.kind is OwnerKind.TEAM else self.pools
        valid = known.get(owner.name)
        return None if valid is None or days is None else _meet(days, valid)


_Parts = tuple[str, Place, Evidence, Demand | None, tuple[Grant, ...], bool]


def _meet(one: Validity, other: Validity) -> Validity | None:
    if one is ALWAYS or other is ALWAYS:
        return other if one is ALWAYS else one
    return one.meet(other)


def demand(condition: Condition) -> Demand | None:
    """What a condition asks for, part by part; None where nothing can ever meet it.

    A column that is named twice must equal a value of both lists. Patterns
    without wildcards are equalities.
    """
    equals: Equals = {}
    globs: list[tuple[str, tuple[Glob, ...]]] = []
    for column, values in condition.equals:
        equals[column] = narrowed(equals.get(column), values)
    for column, patterns in condition.patterns:
        read = tuple(glob(pattern) for pattern in patterns)
        if all(one.form is Form.EXACT for one in read):
            equals[column] = narrowed(equals.get(column), tuple(one.literal for one in read))
        else:
            globs.append((column, read))
    never = not all(equals.values())
    return None if never else Demand(equals, tuple(globs), condition.where)


def narrowed(known: tuple[str, ...] | None, values: Iterable[str]) -> tuple[str, ...]:
    """The values that both lists hold, each once.

    >>> narrowed(("a", "b"), ["b", "c", "b"])
    ('b',)
    """
    once = dict.fromkeys(values)
    return tuple(once) if known is None else tuple(value for value in known if value in once)


def evidence_of(condition: Condition) -> Evidence:
    """The strength of a condition's weakest part: patterns, then anything but tags, then tags.

    A rule states its own; this is for the conditions of pools.
    """
    parts = list(condition.where.walk()) if condition.where is not None else []
    if condition.patterns or any(isinstance(part, _PATTERNS) for part in parts):
        return Evidence.PATTERN
    named = {column for column, _ in condition.equals}
    tags = bool(named or parts) and all(column.startswith(TAG) for column in named)
    lookups = all(
        isinstance(part, _LOOKUPS) or (isinstance(part, exp.Column) and bool(part.table))
        for part in parts
    )
    return Evidence.TAGGED if tags and lookups else Evidence.MAPPED


_PATTERNS = (exp.Like, exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains)
_LOOKUPS = (exp.And, exp.Or, exp.Paren, exp.Identifier, exp.Literal, exp.EQ, exp.In)
