"""What is known of pools besides their cost: by policy, by commitment, by usage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apportion.allocate.policy_pools import NO_POLICIES, Policies
from apportion.domain.commitments import NO_COMMITMENTS, CommitmentUse
from apportion.domain.usage_cells import PoolUsage


@dataclass(frozen=True)
class Known:
    """Pools that policies filled, whose commitments were, and who used what is billed.

    `usage` is by currency and pool.
    """

    policies: Policies = NO_POLICIES
    commitments: CommitmentUse = NO_COMMITMENTS
    usage: Mapping[tuple[str, str], PoolUsage] = field(default_factory=dict)


NOTHING = Known()
