"""What a team says of a line of its statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apportion.domain.period import Period


@dataclass(frozen=True)
class Comment:
    """A remark on one line of a team's statement, or of what a shadow model would make of it."""

    period: Period
    team: str
    line: str
    text: str
    author: str
    at: datetime
