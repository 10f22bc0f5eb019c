"""Which statements of a period were handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apportion.domain.period import Period


@dataclass(frozen=True)
class Issue:
    """The statements of a run were handed out, as the `number`-th of their period, from 1.

    `audit_head` is the digest of the last line that the audit log had then: it stands on the
    statements, so that nobody can cut off the log's tail or write it anew unseen.
    """

    period: Period
    number: int
    run: str
    audit_head: str
    actor: str
    at: datetime
