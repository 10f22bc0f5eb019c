"""An accrual: what a month is expected to cost, booked before its bills are complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from apportion.domain.period import Period


class AccrualMethod(StrEnum):
    """run_rate: what is loaded, by the days that it covers, for the whole month.

    loaded: what is loaded, as it stands: the month is covered. mean: the mean of the months
    before. usage: usage at its prices, while its bill is awaited. none: nothing to go by.

    Source: accrual basis of accounting, IAS 1 (27-28); expense recognition by estimate.
    """

    RUN_RATE = "run_rate"
    LOADED = "loaded"
    MEAN = "mean"
    USAGE = "usage"
    NONE = "none"


@dataclass(frozen=True)
class AccrualPart:
    """The estimate of one source, or of one team (`kind`), exact, and what it rests on."""

    kind: str
    name: str
    currency: str
    amount: Fraction
    method: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Accrual:
    """An estimate that was booked; the newest of a month stands, those before were reversed."""

    id: str
    number: int
    period: Period
    content: str
    actor: str
    because: str
    at: datetime
    parts: tuple[AccrualPart, ...] = ()

    def of_kind(self, kind: str) -> tuple[AccrualPart, ...]:
        return tuple(one for one in self.parts if one.kind == kind)
