"""A closed month that says something else since: as issued it stays, as restated it moves on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apportion.domain.period import Period


class View(StrEnum):
    """as-issued: what the close said. as-restated: that, with all corrections since.

    Source: restatement of prior periods, IAS 8 (41-49).
    """

    AS_ISSUED = "as-issued"
    AS_RESTATED = "as-restated"


@dataclass(frozen=True)
class Restatement:
    """A closed month was corrected; `run` is what it says since, booked in the month `into`."""

    period: Period
    into: Period
    run: str
    actor: str
    because: str
    at: datetime


@dataclass(frozen=True)
class Reopening:
    """Somebody took a closed month up again, to be corrected in the open month `into`."""

    period: Period
    into: Period
    actor: str
    because: str
    at: datetime
