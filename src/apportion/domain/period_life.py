"""The life of a period: from open to reconciled, one step after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apportion.domain.period import Period


class PeriodState(StrEnum):
    """open: bills still come. accrued: estimated. in_review: teams look at their statements.

    closed: final, only corrections from now on. posted: the ERP has the journal. reconciled:
    what the ERP has is what we booked.

    Source: accounting close (soft close, hard close); FinOps Framework, Invoicing & Chargeback.
    """

    OPEN = "open"
    ACCRUED = "accrued"
    IN_REVIEW = "in_review"
    CLOSED = "closed"
    POSTED = "posted"
    RECONCILED = "reconciled"

    @property
    def is_closed(self) -> bool:
        """Whether the period's run stands for good."""
        return self in {PeriodState.CLOSED, PeriodState.POSTED, PeriodState.RECONCILED}

    def may_become(self, other: PeriodState) -> bool:
        """Whether a period may go from here to there. A closed one never opens again."""
        return other in _NEXT[self]


_NEXT = {
    PeriodState.OPEN: {PeriodState.ACCRUED, PeriodState.IN_REVIEW, PeriodState.CLOSED},
    PeriodState.ACCRUED: {PeriodState.OPEN, PeriodState.IN_REVIEW, PeriodState.CLOSED},
    PeriodState.IN_REVIEW: {PeriodState.OPEN, PeriodState.CLOSED},
    PeriodState.CLOSED: {PeriodState.POSTED},
    PeriodState.POSTED: {PeriodState.RECONCILED},
    PeriodState.RECONCILED: set[PeriodState](),
}


@dataclass(frozen=True)
class PeriodStep:
    """Somebody took a period to a state, for a reason; `run` is what it rests on."""

    period: Period
    state: PeriodState
    run: str
    actor: str
    because: str
    at: datetime
