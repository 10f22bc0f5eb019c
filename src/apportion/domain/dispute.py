"""A dispute: a team says that a line of its statement is wrong, and somebody else decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from apportion.domain.money import from_units, minor_digits
from apportion.domain.period import Period


class Reason(StrEnum):
    """What a team says is wrong: the owner, a quantity, a rate, the rule, the time, or else."""

    NOT_OURS = "not-ours"
    WRONG_QUANTITY = "wrong-quantity"
    WRONG_RATE = "wrong-rate"
    WRONG_RULE = "wrong-rule"
    LATE = "late"
    OTHER = "other"


class DisputeState(StrEnum):
    """opened: said. triaged: somebody has taken it up. accepted, rejected: decided.

    withdrawn: the team took it back. closed: what followed from it is done. A closed dispute
    never opens again; a new one may name it.

    Source: dispute management of receivables (SAP FSCM); FinOps, Invoicing & Chargeback.
    """

    OPENED = "opened"
    TRIAGED = "triaged"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self in {DisputeState.OPENED, DisputeState.TRIAGED}

    def may_become(self, other: DisputeState) -> bool:
        return other in _NEXT[self]


_NEXT = {
    DisputeState.OPENED: {DisputeState.TRIAGED, DisputeState.WITHDRAWN},
    DisputeState.TRIAGED: {
        DisputeState.ACCEPTED,
        DisputeState.REJECTED,
        DisputeState.WITHDRAWN,
    },
    DisputeState.ACCEPTED: {DisputeState.CLOSED},
    DisputeState.REJECTED: {DisputeState.CLOSED},
    DisputeState.WITHDRAWN: set[DisputeState](),
    DisputeState.CLOSED: set[DisputeState](),
}


class Hold(StrEnum):
    """Where the money is while a dispute is open: the charge stands, or waits in suspense."""

    STANDS = "stands"
    SUSPENSE = "suspense"


@dataclass(frozen=True)
class DisputeTerms:
    """How disputes go: days are working days, Monday to Friday.

    A team may dispute for `window_days` from the day its statement was issued; a dispute is to
    be decided within `decide_days`. `hold` says where the money is meanwhile, `suspense` on
    which account.
    """

    window_days: int = 10
    decide_days: int = 10
    hold: Hold = Hold.STANDS
    suspense: str = ""


@dataclass(frozen=True)
class DisputeStep:
    """Somebody took a dispute to a state, for a reason."""

    dispute: int
    state: DisputeState
    actor: str
    because: str
    at: datetime


@dataclass(frozen=True)
class Dispute:
    """What a team says of one line: `units` of its amount (minor units) it doesn't want to carry.

    `evidence` is what `apportion explain` said of the line when it was opened, `digest` that
    of it; `given` is what the team adds. `until` was the last day for opening it, `decide_by`
    is the last for deciding. `reopens` is an earlier dispute of the same line, or 0.
    """

    period: Period
    team: str
    line: str
    title: str
    pool: str
    currency: str
    units: int
    line_units: int
    reason: Reason
    because: str
    actor: str
    at: datetime
    run: str
    until: date
    decide_by: date
    evidence: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    given: str = ""
    reopens: int = 0
    id: int = 0
    steps: tuple[DisputeStep, ...] = ()

    @property
    def amount(self) -> Decimal:
        """What is disputed, in the currency."""
        return from_units(self.units, minor_digits(self.currency))

    @property
    def state(self) -> DisputeState:
        return self.steps[-1].state if self.steps else DisputeState.OPENED

    @property
    def decided(self) -> DisputeStep | None:
        """The step that decided it, if one did."""
        verdicts = {DisputeState.ACCEPTED, DisputeState.REJECTED}
        return next((one for one in self.steps if one.state in verdicts), None)

    def is_overdue(self, today: date) -> bool:
        """Whether the last day for deciding is over, and nobody has."""
        return self.state.is_open and today > self.decide_by


def working_days_after(day: date, count: int) -> date:
    """The day that is so many working days (Monday to Friday) after another.

    >>> working_days_after(date(2026, 11, 6), 1)         # a Friday
    datetime.date(2026, 11, 9)
    >>> working_days_after(date(2026, 11, 7), 10)        # a Saturday
    datetime.date(2026, 11, 20)
    """
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def working_days_between(start: date, until: date) -> int:
    """How many working days lie after one day, up to and with another.

    >>> working_days_between(date(2026, 11, 6), date(2026, 11, 9))
    1
    """
    days = (until - start).days
    return sum((start + timedelta(days=n)).weekday() < 5 for n in range(1, days + 1))
