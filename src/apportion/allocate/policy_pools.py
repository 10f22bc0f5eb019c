"""Pools of policies: kept as a line of their own, or shared by what teams use of a provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from apportion.allocate.pool_answer import PoolAnswer
from apportion.allocate.question import Answer, Gap
from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding, Level
from apportion.model.dated import Dated
from apportion.model.policies import PolicyPool
from apportion.model.pools import Method, Pool, Split, WhenMissing


@dataclass(frozen=True)
class Policies:
    """The pools that policies fill, by name, and each team's usage by provider and currency."""

    pools: Mapping[str, PolicyPool] = field(default_factory=dict)
    usage: Mapping[tuple[str, str], Mapping[str, Amounts]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        pools: Iterable[PolicyPool],
        usage: Mapping[tuple[str, str], Mapping[str, Amounts]],
    ) -> Policies:
        """Pools and usage as attribution found them."""
        return cls({pool.name: pool for pool in pools}, usage)

    @property
    def central(self) -> frozenset[str]:
        """Names of the pools that are kept."""
        return frozenset(pool.name for pool in self.pools.values() if not pool.shared)

    def used(self, policy: PolicyPool, currency: str) -> Mapping[str, Amounts]:
        """What each team uses of a policy's provider, in a currency."""
        return self.usage.get((policy.provider, currency), {})


NO_POLICIES = Policies()


def kept(name: str, currency: str, reason: str) -> PoolAnswer:
    """All of what was put aside under a name, which nobody carries."""
    return PoolAnswer(name, currency, "kept", Answer(gaps=(Gap(Fraction(1), reason),)))


def as_pool(policy: PolicyPool) -> Pool:
    """A shared policy as a pool: split by what each team uses of the provider."""
    by_usage = Split(Method.DIRECT_COST, policy.place, on=policy.on, when_missing=WhenMissing.KEEP)
    return Pool(policy.name, 0, policy.name, policy.place, (Dated(by_usage),))


def told(policy: PolicyPool) -> Iterable[Finding]:
    """A note where a policy that nobody stated decided."""
    if policy.default:
        becomes = (
            "is shared by what teams use of the provider" if policy.shared else "stays central"
        )
        yield Finding(
            "policy-default",
            Level.NOTE,
            f"{policy.name}: the model states no policy on {policy.kind.label}, so it {becomes}",
            policy.place,
            f"state it: `policies: [{{charges: {policy.kind}, policy: …, because: …}}]`",
        )
