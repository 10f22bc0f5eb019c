"""Policies as claims on charges that are not usage: those that are stated, then the defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from apportion.attribute.globs import glob
from apportion.domain.cost_class import COST_CLASS
from apportion.domain.owner import Owner, OwnerKind
from apportion.model.condition_tree import column_node, provider_of
from apportion.model.dated import ALWAYS, Validity
from apportion.model.policies import (
    CLASSES,
    DEFAULT_PLACE,
    DEFAULTS,
    Action,
    Policy,
    PolicyKind,
    PolicyPool,
    spoken_for,
)
from apportion.model.project import Model
from apportion.model.rules import Condition


@dataclass(frozen=True)
class PolicyClaim:
    """A claim of a policy: whom it gives the charges of a kind to, on which days."""

    name: str
    policy: Policy
    owner: Owner
    condition: Condition
    valid: Validity
    pool: PolicyPool | None = None
    default: bool = False

    @property
    def last(self) -> bool:
        """Whether it takes only what no rule does: a default that moves cost to teams."""
        return self.default and self.policy.action is Action.SHARE


def policy_claims(model: Model, providers: Sequence[str] | None) -> Iterator[PolicyClaim]:
    """The claims of all policies, kind by kind, the stated ones of each kind first.

    Of a kind the first policy that a charge meets decides; `follow` leaves it to
    the rules, so that no later policy may claim it. `providers` are those of the
    charges that policies are for, None where charges weren't classed: then no
    default holds. A default steps aside where rules single the kind out.
    """
    aside = spoken_for(model.rules)
    for kind in PolicyKind:
        policies = [one for one in model.policies if one.kind is kind]
        if providers is not None and kind not in aside:
            policies.append(Policy(kind, len(policies), DEFAULT_PLACE, DEFAULTS[kind]))
        yield from _of_kind(kind, policies, providers or ())


@dataclass(frozen=True)
class _Open:
    """Days on which charges of a kind are still open to policies, but for what follows rules."""

    valid: Validity = ALWAYS
    following: tuple[Condition, ...] = ()


def _of_kind(
    kind: PolicyKind, policies: Sequence[Policy], providers: Sequence[str]
) -> Iterator[PolicyClaim]:
    open_days = [_Open()]
    for policy in policies:
        if policy.action is Action.FOLLOW:
            open_days = [part for days in open_days for part in _follow(days, policy)]
            continue
        for days in open_days:
            if valid := policy.valid.meet(days.valid):
                yield from _claims(kind, policy, valid, days.following, providers)


def _follow(days: _Open, policy: Policy) -> Iterator[_Open]:
    """What stays open of some days when charges follow the rules on those of a policy."""
    for outside in _outside(policy.valid):
        if met := days.valid.meet(outside):
            yield _Open(met, days.following)
    met = days.valid.meet(policy.valid)
    if met and policy.condition is not None:
        yield _Open(met, (*days.following, policy.condition))


def _outside(valid: Validity) -> Iterator[Validity]:
    edges: list[tuple[date | None, date | None]] = []
    if valid.start:
        edges.append((None, valid.start))
    if valid.until:
        edges.append((valid.until, None))
    yield from (Validity(*edge) for edge in edges)


def _claims(
    kind: PolicyKind,
    policy: Policy,
    valid: Validity,
    following: Sequence[Condition],
    providers: Sequence[str],
) -> Iterator[PolicyClaim]:
    default = policy.place is DEFAULT_PLACE
    name = f"{'default policy' if default else 'policy'} on {kind.label}"
    condition = _of_class(kind, policy.condition, following)
    if policy.action is Action.OWNER:
        assert policy.owner is not None
        yield PolicyClaim(name, policy, policy.owner, condition, valid, None, default)
        return
    if policy.action is Action.CENTRAL:
        pool = PolicyPool(f"central {kind.label}", kind, policy.place, default=default)
        owner = Owner(OwnerKind.POOL, pool.name)
        yield PolicyClaim(name, policy, owner, condition, valid, pool, default)
        return
    for provider in providers:
        named = f"{kind.label} of {provider}" if provider else kind.label
        pool = PolicyPool(named, kind, policy.place, True, provider, policy.on, default)
        owner = Owner(OwnerKind.POOL, named)
        sold = _both(condition, provider_of(provider))
        yield PolicyClaim(name, policy, owner, sold, valid, pool, default)


def _of_class(
    kind: PolicyKind, condition: Condition | None, following: Sequence[Condition]
) -> Condition:
    """The charges of a kind that meet a condition, less those that follow the rules."""
    own = condition or Condition()
    made = Condition(((COST_CLASS, (CLASSES[kind].value,)), *own.equals), own.patterns, own.where)
    for one in following:
        made = _both(made, _not(one))
    return made


def _both(condition: Condition, further: exp.Expr) -> Condition:
    where = further if condition.where is None else exp.and_(condition.where, further)
    return Condition(condition.equals, condition.patterns, where)  # type: ignore[arg-type]


def _not(condition: Condition) -> exp.Expr:
    """Charges that don't meet a condition, those included that lack what it looks at."""
    tests: list[exp.Expr] = [
        exp.In(this=column_node(name), expressions=[exp.Literal.string(v) for v in values])
        for name, values in condition.equals
    ]
    tests += [
        exp.or_(*(glob(pattern).test(column_node(name)) for pattern in patterns))
        for name, patterns in condition.patterns
    ]
    if condition.where is not None:
        tests.append(condition.where)
    met = exp.and_(*(exp.paren(test) for test in tests))
    return exp.Not(this=exp.Coalesce(this=exp.paren(met), expressions=[exp.false()]))
