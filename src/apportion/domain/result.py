"""What a run leaves in the books: lines, shares, attributions and proofs, all exact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import reduce

from apportion.domain.amounts import Amounts
from apportion.domain.finding import Finding
from apportion.domain.money import WIDE
from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.domain.period import Period, Span
from apportion.domain.rate import Rate


class LineKind(StrEnum):
    """direct: own charges. shared: a share of a pool. kept: stays in the pool by policy.

    idle: capacity that was paid for and not used. lost: a share for use that came to
    nothing, by jobs that failed, were cancelled or preempted. variance: what a standard rate
    leaves at the centre (below zero where it charged more than was spent). adjustment: what an
    approved decision moved, beside a run.
    """

    DIRECT = "direct"
    SHARED = "shared"
    IDLE = "idle"
    LOST = "lost"
    VARIANCE = "variance"
    KEPT = "kept"
    UNALLOCATED = "unallocated"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True)
class Attributed:
    """Charges that one rule gave to one owner, by source, service and currency.

    `converted` are the amounts in the reporting currency, by the run's rates;
    None for what is in that currency already, and where there is no rate. `meant`
    is the owner that the rule gave, where the evidence was too weak to charge it.
    """

    source: str
    currency: str
    owner: Owner
    rule: str
    evidence: Evidence
    service: str
    charges: int
    amounts: Amounts
    converted: Amounts | None = None
    meant: str = ""


@dataclass(frozen=True)
class ClassCost:
    """What of the charges that one rule gave to one owner is of one cost class.

    A run has them only where its model books by class. `owner` is whom the rule gave
    the charges, before any of it was suspended.
    """

    source: str
    currency: str
    owner: Owner
    rule: str
    evidence: Evidence
    service: str
    cost_class: str
    amounts: Amounts


@dataclass(frozen=True)
class DriverUse:
    """One driver's part in a share: the receiver's quantity, all receivers' total, the weight."""

    driver: str
    unit: str
    quantity: Fraction
    total: Fraction
    weight: Fraction = Fraction(1)


@dataclass(frozen=True)
class PoolShare:
    """The exact fraction of a pool that a receiver carries, and what it rests on.

    `fraction` is of the pool's full cost in `currency`, what other pools charge
    it included; over all receivers, what stays with the pool itself included,
    the fractions sum to 1. A receiver may be another pool, which passes its part
    on. `kind` says whether it is charged by use, as idle capacity, or kept;
    `note` why, where the method has something to say.
    """

    pool: str
    currency: str
    receiver: Owner
    fraction: Fraction
    method: str
    uses: tuple[DriverUse, ...] = ()
    kind: LineKind = LineKind.SHARED
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether another pool receives it, so that it is no line of a statement yet."""
        return self.receiver.kind is OwnerKind.POOL and self.receiver.name != self.pool


@dataclass(frozen=True)
class Line:
    """One row of a statement, exact: who carries how much of what.

    `id` is stable between runs of one period: it is made of what the line is,
    not of what it amounts to. `pool` is empty for direct lines; `service` is
    empty for shared ones. `mode` says what it means for the team that carries it:
    shadow, showback or chargeback; it is empty for what no team carries.
    """

    id: str
    currency: str
    owner: Owner
    kind: LineKind
    pool: str
    service: str
    amounts: Amounts
    mode: str = ""


@dataclass(frozen=True)
class Proof:
    """The equation of one source, currency and cost basis.

    read = loaded + quarantined, loaded = direct + shared + idle + unallocated +
    other + left out (what counts by another bill), and control = read where an outside
    total is given. `difference` is what is missing from that chain as a whole: zero when
    it holds.
    """

    source: str
    currency: str
    basis: str
    control: Decimal | None
    read: Decimal
    loaded: Decimal
    quarantined: Decimal
    direct: Decimal
    shared: Decimal
    idle: Decimal
    unallocated: Decimal
    other: Decimal
    unread_rows: int
    acknowledged: bool
    left_out: Decimal = Decimal(0)

    @property
    def proven_to(self) -> str:
        return "file" if self.control is None else "invoice"

    @property
    def difference(self) -> Decimal:
        against = self.read if self.control is None else self.control
        return WIDE.subtract(WIDE.subtract(against, self.quarantined), self.spread)

    @property
    def spread(self) -> Decimal:
        parts = (self.direct, self.shared, self.idle, self.unallocated, self.other, self.left_out)
        return reduce(WIDE.add, parts)

    @property
    def ok(self) -> bool:
        return (
            self.difference == 0
            and self.read == WIDE.add(self.loaded, self.quarantined)
            and self.loaded == self.spread
        )

    @property
    def complete(self) -> bool:
        return self.acknowledged or self.unread_rows == 0


@dataclass(frozen=True)
class TeamFacts:
    """What a statement says of a team besides its cost, as of the end of the period."""

    team: str
    title: str
    cost_center: str
    product: str
    business_unit: str
    budget: Decimal | None
    budget_currency: str


@dataclass(frozen=True)
class Run:
    """One evaluation of a model on snapshots; the id is a digest of all that it depends on.

    A provisional run goes by days of usage instead of a billing period. It has
    no proof, and the books don't take it. `currency` is the reporting currency
    that `rates` convert to; it is empty where nothing is converted.
    """

    id: str
    period: Period
    span: Span
    model: str
    basis: str
    snapshots: tuple[str, ...]
    made_at: datetime
    teams: tuple[TeamFacts, ...]
    attributed: tuple[Attributed, ...]
    shares: tuple[PoolShare, ...]
    lines: tuple[Line, ...]
    proofs: tuple[Proof, ...]
    findings: tuple[Finding, ...] = ()
    provisional: bool = False
    currency: str = ""
    rates: tuple[Rate, ...] = ()
    classes: tuple[ClassCost, ...] = ()
