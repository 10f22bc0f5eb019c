"""Where an anomaly stands: what somebody said of it, and who looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class AnomalyState(StrEnum):
    """open: nobody has looked yet. acknowledged: somebody looks into it.

    explained: known and meant, or mended. false: nothing was out of the usual.
    """

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXPLAINED = "explained"
    FALSE = "false"


@dataclass(frozen=True)
class AnomalyNote:
    """One step of an anomaly's life; none is ever changed, the newest is where it stands.

    `channel`, `team`, `service` and `noticed` say which anomaly, should it be found again with
    another id after a bill was restated. `owner` is who looks after it.
    """

    anomaly: str
    channel: str
    team: str
    service: str
    noticed: date
    state: AnomalyState
    owner: str
    because: str
    actor: str
    at: datetime
