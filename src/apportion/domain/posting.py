"""Postings: what an ERP is sent of the journal, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from apportion.domain.period import Period


class PostingState(StrEnum):
    """How far a posting has come; what came last is where it is.

    prepared: it will be sent. sent: it may have been received. unknown: nobody knows whether
    it was. rejected: the ERP has nothing of it. accepted: the ERP has a number for it.
    posted: read back, and what the ERP has is what was sent. differs: it isn't.

    Source: two-phase messaging; the id is kept before anything is sent, as TigerBeetle asks.
    """

    PREPARED = "prepared"
    SENT = "sent"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    POSTED = "posted"
    DIFFERS = "differs"

    @property
    def at_work(self) -> bool:
        """Whether somebody may be at it right now."""
        return self in {PostingState.PREPARED, PostingState.SENT, PostingState.UNKNOWN}

    @property
    def is_in_the_erp(self) -> bool:
        """Whether the ERP has a number for it."""
        return self in {PostingState.ACCEPTED, PostingState.POSTED, PostingState.DIFFERS}

    def may_become(self, other: PostingState) -> bool:
        """Whether a posting may go from here to there."""
        return other in _NEXT[self]


_NEXT = {
    PostingState.PREPARED: {PostingState.PREPARED, PostingState.SENT, PostingState.DIFFERS},
    PostingState.SENT: {
        PostingState.PREPARED,
        PostingState.UNKNOWN,
        PostingState.REJECTED,
        PostingState.ACCEPTED,
        PostingState.DIFFERS,
    },
    PostingState.UNKNOWN: {
        PostingState.PREPARED,
        PostingState.UNKNOWN,
        PostingState.REJECTED,
        PostingState.ACCEPTED,
        PostingState.DIFFERS,
    },
    PostingState.REJECTED: {PostingState.PREPARED},
    PostingState.ACCEPTED: {PostingState.ACCEPTED, PostingState.POSTED, PostingState.DIFFERS},
    PostingState.POSTED: {PostingState.POSTED, PostingState.DIFFERS},
    PostingState.DIFFERS: {PostingState.DIFFERS, PostingState.POSTED},
}
"""Prepared may be accepted only by way of sent: what the ERP has already is found out by asking."""


@dataclass(frozen=True)
class Posting:
    """What is sent to a target as one: a part of a document, or parts that go together.

    `id` is the external id. `content` is a digest of what the books say of it; the same id
    with another content is refused. `debits` are in units of the currency.
    """

    target: str
    id: str
    period: Period
    documents: tuple[str, ...]
    parts: tuple[str, ...]
    content: str
    currency: str
    lines: int
    debits: Decimal


@dataclass(frozen=True)
class Attempt:
    """A step of a posting; kept for good.

    `number` is the ERP's own. `reasons` are its words, or ours. `request` is a digest of what
    was sent. `claim` names the process at work, which has the posting until `until`.
    """

    state: PostingState
    actor: str
    at: datetime
    number: str = ""
    reasons: tuple[str, ...] = ()
    request: str = ""
    claim: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class PostingStatus:
    """A posting, and the last of its steps; None before the first."""

    posting: Posting
    last: Attempt | None

    @property
    def state(self) -> PostingState | None:
        return self.last.state if self.last else None

    @property
    def is_posted(self) -> bool:
        return self.state is PostingState.POSTED
