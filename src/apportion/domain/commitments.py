"""Whose the charges of commitments would be without the pools that share them: plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from apportion.domain.amounts import Amounts
from apportion.domain.owner import Owner, OwnerKind

USED, UNUSED = "Used", "Unused"
"""Values of CommitmentDiscountStatus in FOCUS."""

NOBODY = ""
"""The name under which usage stands that has no owner."""

ByName = Mapping[str, Amounts]
"""Amounts by team or pool; what nobody owns under NOBODY."""


@dataclass(frozen=True)
class Committed:
    """Charges of one commitment in a pool, and who would carry them without it.

    `status` is Used, Unused, or empty for fees.
    """

    commitment: str
    status: str
    owner: Owner
    amounts: Amounts


@dataclass(frozen=True)
class PoolCommitments:
    """What is to be known for sharing the commitments of one pool, in one currency.

    `covered` is usage by commitment, `eligible` by the digest of a condition.
    """

    charges: tuple[Committed, ...] = ()
    covered: Mapping[str, ByName] = field(default_factory=dict)
    eligible: Mapping[str, ByName] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Everybody whose any of it would be."""
        own = {named(one.owner) for one in self.charges}
        others = (*self.covered.values(), *self.eligible.values())
        return frozenset(own.union(*others)) - {NOBODY}


@dataclass(frozen=True)
class CommitmentUse:
    """The same of all pools and currencies, as attribution found it."""

    charges: Mapping[tuple[str, str], tuple[Committed, ...]] = field(default_factory=dict)
    covered: Mapping[tuple[str, str], ByName] = field(default_factory=dict)
    eligible: Mapping[tuple[str, str], ByName] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By pool, the digests of the conditions that its splits ask for."""

    def of(self, pool: str, currency: str) -> PoolCommitments:
        charges = self.charges.get((pool, currency), ())
        commitments = {one.commitment for one in charges}
        return PoolCommitments(
            charges,
            dict(_of(self.covered, commitments, currency)),
            dict(_of(self.eligible, self.asked.get(pool, ()), currency)),
        )


NO_COMMITMENTS = CommitmentUse()


def named(owner: Owner) -> str:
    """The name of a team or pool; NOBODY for what is unallocated."""
    return NOBODY if owner.kind is OwnerKind.UNALLOCATED else owner.name


def _of(
    found: Mapping[tuple[str, str], ByName], wanted: Iterable[str], currency: str
) -> Iterator[tuple[str, ByName]]:
    return ((name, found[name, currency]) for name in wanted if (name, currency) in found)
