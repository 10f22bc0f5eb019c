"""An adjustment: an approved decision moves cost from one owner to another; it sums to zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from apportion.domain.money import from_units, minor_digits
from apportion.domain.owner import UNALLOCATED, Owner, OwnerKind
from apportion.domain.period import Period
from apportion.errors import UsageError


class AdjustmentState(StrEnum):
    """draft: being written. submitted: to be decided. approved or rejected: decided.

    applied: the cost is moved. superseded: it was moved back, since bills or the model have
    come to say the same. withdrawn: taken back before a decision.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLIED = "applied"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"

    @property
    def is_pending(self) -> bool:
        """Whether it may still be applied."""
        return self in {
            AdjustmentState.DRAFT,
            AdjustmentState.SUBMITTED,
            AdjustmentState.APPROVED,
        }

    @property
    def counts(self) -> bool:
        """Whether it takes a part of its line: applied, or on its way there."""
        return self.is_pending or self is AdjustmentState.APPLIED

    def may_become(self, other: AdjustmentState) -> bool:
        return other in _NEXT[self]


_NEXT = {
    AdjustmentState.DRAFT: {AdjustmentState.SUBMITTED, AdjustmentState.WITHDRAWN},
    AdjustmentState.SUBMITTED: {
        AdjustmentState.APPROVED,
        AdjustmentState.REJECTED,
        AdjustmentState.WITHDRAWN,
    },
    AdjustmentState.APPROVED: {AdjustmentState.APPLIED},
    AdjustmentState.APPLIED: {AdjustmentState.SUPERSEDED},
    AdjustmentState.REJECTED: set[AdjustmentState](),
    AdjustmentState.SUPERSEDED: set[AdjustmentState](),
    AdjustmentState.WITHDRAWN: set[AdjustmentState](),
}


@dataclass(frozen=True)
class AdjustmentStep:
    """Somebody took an adjustment to a state. `into` is the month in whose journal it stands."""

    adjustment: int
    state: AdjustmentState
    actor: str
    because: str
    at: datetime
    into: str = ""


@dataclass(frozen=True)
class Adjustment:
    """Cost of a period that goes from `giver` to `taker`: `units`, minor units of the currency.

    The giver is relieved, so it benefits; of a credit (units below zero) the taker does.
    `line` is the statement's line that it is about (empty: the owner's total), `dispute` what
    it follows from, or 0. `beyond` says that it exceeds the line on purpose.
    """

    period: Period
    currency: str
    units: int
    giver: Owner
    taker: Owner
    because: str
    actor: str
    at: datetime
    line: str = ""
    dispute: int = 0
    beyond: bool = False
    run: str = ""
    model: str = ""
    id: int = 0
    steps: tuple[AdjustmentStep, ...] = ()

    @property
    def amount(self) -> Decimal:
        return from_units(self.units, minor_digits(self.currency))

    @property
    def state(self) -> AdjustmentState:
        return self.steps[-1].state if self.steps else AdjustmentState.DRAFT

    @property
    def into(self) -> str:
        """The month in whose journal it stands; empty before it is applied."""
        return next((one.into for one in reversed(self.steps) if one.into), "")

    @property
    def benefits(self) -> Owner:
        """Who carries less by it."""
        return self.giver if self.units > 0 else self.taker

    @property
    def content(self) -> str:
        """A digest of what is to be decided."""
        said = (self.period, self.currency, self.units, self.giver, self.taker, self.line)
        return sha256("\n".join(map(str, said)).encode()).hexdigest()

    def is_of_team(self, team: str) -> bool:
        """Whether a team gives or takes it."""
        return any(
            owner.kind is OwnerKind.TEAM and owner.name == team
            for owner in (self.giver, self.taker)
        )

    def moves(self) -> tuple[tuple[Owner, int], ...]:
        """What each side carries more; the sum is zero."""
        return ((self.giver, -self.units), (self.taker, self.units))


def owner_named(text: str) -> Owner:
    """An owner by how commands name it: a team, ``unallocated``, or ``pool:NAME``.

    >>> str(owner_named("nlp")), str(owner_named("pool:cluster")), str(owner_named("unallocated"))
    ('team nlp', 'pool cluster', 'unallocated')
    """
    name = text.strip()
    if not name or name == "pool:":
        raise UsageError("an owner without a name", hint="name a team, unallocated or pool:NAME")
    if name == UNALLOCATED.name:
        return UNALLOCATED
    if name.startswith("pool:"):
        return Owner(OwnerKind.POOL, name.removeprefix("pool:"))
    return Owner(OwnerKind.TEAM, name)


def moved(adjustments: Iterable[Adjustment], currency: str) -> dict[Owner, Decimal]:
    """What each owner carries more by applied adjustments in a currency; it sums to zero."""
    found: dict[Owner, int] = {}
    for one in adjustments:
        if one.state is AdjustmentState.APPLIED and one.currency == currency:
            for owner, units in one.moves():
                found[owner] = found.get(owner, 0) + units
    digits = minor_digits(currency)
    return {owner: from_units(units, digits) for owner, units in found.items() if units}
