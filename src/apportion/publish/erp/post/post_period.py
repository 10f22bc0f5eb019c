"""Post a period to an ERP, and go on where a post broke off; nothing is ever posted twice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.finding import Finding
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.domain.posting import PostingState, PostingStatus
from apportion.publish.erp.post.channel import Channel
from apportion.publish.erp.post.claim import own_claim
from apportion.publish.erp.post.connectors import connector_named
from apportion.publish.erp.post.credentials import read_credentials
from apportion.publish.erp.post.deliver import Delivery
from apportion.publish.erp.post.outbox import Outbox, Taken
from apportion.publish.erp.post.plan import Plan, keep_apart, plan
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.audit_rows import rows_said
from apportion.store.books.period_steps import read_steps, state_in, take_step
from apportion.store.books.postings import add_postings, posted_documents, read_postings
from apportion.store.books.schema import postings

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Posted:
    """What became of a period's postings; `by_others` says who is at some of them.

    `state` is where the period is now, `left_out` the documents of other ERPs' entities.
    """

    period: Period
    target: str
    postings: tuple[PostingStatus, ...]
    by_others: Mapping[str, str]
    left_out: tuple[str, ...]
    findings: tuple[Finding, ...]
    state: PeriodState

    @property
    def whole(self) -> bool:
        """Whether all of it is posted."""
        return all(one.is_posted for one in self.postings)


@dataclass(frozen=True)
class Outside:
    """What posting has from outside: where credentials are, how it waits, who hears of that."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    sleep: Callable[[float], None] = time.sleep
    told: Callable[[str], None] = lambda _: None


def prepare_post(project: OpenProject, period: Period, target: str) -> Plan:
    """What would be sent; changes nothing, and asks nobody."""
    return plan(project, period, connector_named(target))


def post(
    project: OpenProject,
    period: Period,
    target: str,
    *,
    actor: str,
    reconcile: bool = False,
    outside: Outside | None = None,
) -> Posted:
    """Post what isn't posted yet of a period; with `reconcile`, read all of it back again.

    The outbox is in the books before anything is sent. The period becomes posted with the
    last of its documents, and reconciled once all of them were read back after that.

    Raises what :func:`.plan.plan` raises, NotAllowed for whoever prepared it, and
    JournalConflict where another content was sent under the same id.
    """
    drawn = plan(project, period, connector_named(target))
    keep_apart(project, project.books.roles(), drawn.documents, actor)
    connector = drawn.connector
    outside = outside or Outside()
    credentials = read_credentials(connector.login, outside.environment)
    others: dict[str, str] = {}
    place = connector.settings.spec.place
    with Channel(connector.url, credentials, place) as channel, own_claim() as claim:
        _prepare(project, drawn, actor)
        taken_by = partial(_take_period, drawn, actor)
        deliveries = [
            Delivery(
                Outbox(project.books, posting, actor, claim, message.request, taken_by),
                connector,
                channel,
                message,
                outside.sleep,
                outside.told,
            )
            for message, posting in drawn.messages
        ]
        _deliver(deliveries, others)
        with project.books.writing() as connection:
            _take_period(drawn, actor, connection, now())  # where all of it was posted before
        if reconcile and project.books.state(period) in _IN_THE_ERP:
            _read_back(deliveries, others)
    if reconcile:
        _reconcile(project, period, actor)
    return _posted(project, drawn, others)


_IN_THE_ERP = frozenset({PeriodState.POSTED, PeriodState.RECONCILED})


def _deliver(deliveries: Sequence[Delivery], others: dict[str, str]) -> None:
    """One after the other, until the ERP would refuse the rest as well."""
    for one in deliveries:
        try:
            one.run()
        except Taken as taken:
            others[one.message.id] = str(taken)
        if one.stopped:
            return


def _read_back(deliveries: Sequence[Delivery], others: dict[str, str]) -> None:
    for one in deliveries:
        last = one.outbox.history()[-1]
        if last.state in {PostingState.POSTED, PostingState.DIFFERS}:
            try:
                one.confirm(last.number)
            except Taken as taken:
                others[one.message.id] = str(taken)


def _prepare(project: OpenProject, drawn: Plan, actor: str) -> None:
    """Put everything into the outbox at once, so that it is known when a month is whole."""
    with project.books.writing() as connection:
        new = add_postings(connection, [posting for _, posting in drawn.messages])
        if new:
            said = {
                "target": drawn.connector.target.name,
                "postings": ", ".join(one.id for one in new),
            }
            keys = [(one.target, one.id) for one in new]
            said |= rows_said(connection, *((postings, key) for key in keys))
            entry = AuditEntry(now(), actor, "prepare-post", str(drawn.period), said)
            add_entry(connection, entry)


def _take_period(drawn: Plan, actor: str, connection: Connection, at: datetime) -> None:
    """With the last of a closed month's documents, the month is posted."""
    period = drawn.period
    if not drawn.documents or state_in(connection, period) is not PeriodState.CLOSED:
        return
    if posted_documents(connection, period) >= {one.id for one in drawn.documents}:
        because = f"{len(drawn.documents)} documents are posted, and were read back"
        run = read_steps(connection, period)[-1].run
        take_step(connection, PeriodStep(period, PeriodState.POSTED, run, actor, because, at))


def _reconcile(project: OpenProject, period: Period, actor: str) -> None:
    """A posted month is reconciled once each posting was read back, equal, after that."""
    with project.books.writing() as connection:
        if state_in(connection, period) is not PeriodState.POSTED:
            return
        step = read_steps(connection, period)[-1]
        every = read_postings(connection, period)
        if all(one.is_posted and one.last and one.last.at > step.at for one in every):
            because = f"{len(every)} postings were read back and agree: " + "; ".join(
                f"{one.posting.target} {one.posting.debits:f} {one.posting.currency}"
                for one in every[:20]
            )
            made = PeriodStep(period, PeriodState.RECONCILED, step.run, actor, because, now())
            take_step(connection, made)


def _posted(project: OpenProject, drawn: Plan, others: Mapping[str, str]) -> Posted:
    name = drawn.connector.target.name
    with project.books.reading() as connection:
        found = {one.posting.id: one for one in read_postings(connection, drawn.period, name)}
        state = state_in(connection, drawn.period)
    return Posted(
        period=drawn.period,
        target=name,
        postings=tuple(found[posting.id] for _, posting in drawn.messages),
        by_others=others,
        left_out=tuple(one.id for one in drawn.left_out),
        findings=drawn.findings,
        state=state,
    )


def postings_of(
    project: OpenProject, period: Period | None = None, target: str = ""
) -> tuple[PostingStatus, ...]:
    """What is in the outbox, of a period and target or all, with where it is."""
    name = connector_named(target).target.name if target else ""
    with project.books.reading() as connection:
        return read_postings(connection, period, name)
