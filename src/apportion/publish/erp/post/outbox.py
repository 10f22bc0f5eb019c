"""One posting of the outbox in the hands of one process: claimed, and written step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from apportion.domain.posting import Attempt, Posting, PostingState
from apportion.publish.erp.post.claim import has_ended
from apportion.store.books import Books
from apportion.store.books.audit import now
from apportion.store.books.postings import add_attempt, attempts_of, holder_of, last_attempt

LEASE = 300.0
"""Seconds that a process has a posting to itself after each step; each is much shorter."""

S = PostingState


class Taken(Exception):
    """Another process is at it, or was faster; `by` is its step."""

    def __init__(self, by: Attempt) -> None:
        super().__init__(f"{by.actor} is at it since {by.at:%H:%M:%S} UTC")
        self.by = by


@dataclass
class Outbox:
    """A posting, by whom it is sent, and under which claim.

    `on_posted` is called within the transaction of the step by which it is posted.
    """

    books: Books
    posting: Posting
    actor: str
    claim: str
    request: str
    on_posted: Callable[[Connection, datetime], None]

    def take(self) -> Attempt:
        """Take the posting up where it is, unless another process is at it; raises Taken.

        What may have been received is unknown from now on; what wasn't is prepared again.
        """
        with self.books.writing() as connection:
            last = last_attempt(connection, self.posting)
            held = holder_of(last, self.claim, now(), has_ended)
            if held:
                raise Taken(held)
            if last and last.state in {S.ACCEPTED, S.POSTED, S.DIFFERS}:
                return last
            if last and last.state in {S.SENT, S.UNKNOWN}:
                broke = ("the post before ended without an answer",)
                return self._add(connection, S.UNKNOWN, reasons=last.reasons or broke)
            return self._add(connection, S.PREPARED)

    def write(
        self,
        state: PostingState,
        *,
        number: str = "",
        reasons: tuple[str, ...] = (),
        done: bool = False,
        lease: float = LEASE,
    ) -> Attempt:
        """Write a step; `done` lets go of the posting. Raises Taken where another took it up."""
        with self.books.writing() as connection:
            last = last_attempt(connection, self.posting)
            assert last is not None
            if last.state.at_work and last.claim != self.claim:
                raise Taken(last)
            if not last.state.may_become(state):
                raise Taken(last)
            return self._add(connection, state, number, reasons, None if done else lease)

    def _add(
        self,
        connection: Connection,
        state: PostingState,
        number: str = "",
        reasons: tuple[str, ...] = (),
        lease: float | None = LEASE,
    ) -> Attempt:
        at = now()
        made = Attempt(
            state=state,
            actor=self.actor,
            at=at,
            number=number,
            reasons=reasons,
            request=self.request,
            claim=self.claim,
        )
        if lease is not None and (state.at_work or state is S.ACCEPTED):
            made = replace(made, until=at + timedelta(seconds=lease))
        add_attempt(connection, self.posting, made)
        if state is S.POSTED:
            self.on_posted(connection, at)
        return made

    def history(self) -> tuple[Attempt, ...]:
        """Every step so far, the oldest first."""
        with self.books.reading() as connection:
            return attempts_of(connection, self.posting)
