"""Accrue a month: book what it is expected to cost, and take that back on day one of the next.

An accrual is never edited: another estimate of the month takes the former back, both in the
month and in the next one, and is booked beside it.

Source: accrual basis, IAS 1 (27-28); reversing entries (Kieso, Intermediate Accounting, ch. 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from apportion.domain.accrual import Accrual, AccrualPart
from apportion.domain.finding import Finding, Level
from apportion.domain.journal import DocumentKind, JournalDocument, reversal
from apportion.domain.period import Period
from apportion.domain.period_life import PeriodState, PeriodStep
from apportion.errors import NotLoaded, PeriodClosed
from apportion.ledger.accrual_bounds import out_of_bounds
from apportion.ledger.draw_journal import draw_journal
from apportion.ledger.estimate import estimate
from apportion.run.statement import draw_statements
from apportion.store.books.accruals import add_accrual, read_accruals
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.journals import read_documents, write_documents
from apportion.store.books.period_steps import refuse_step, state_in, take_step

if TYPE_CHECKING:
    from apportion.domain.result import Run
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Accrued:
    """An accrual and what was booked for it; `booked` is empty where the same stands already."""

    accrual: Accrual
    documents: tuple[JournalDocument, ...]
    booked: tuple[JournalDocument, ...] = ()
    findings: tuple[Finding, ...] = ()


def prepare_accrual(project: OpenProject, period: Period) -> Accrued:
    """Estimate a month and draw the documents of it; books nothing.

    Raises NotLoaded where there is nothing to go by, or a line has no account; PeriodClosed
    where the month is closed or in review, or the next one is closed.
    """
    with project.books.reading() as connection:
        _refuse_late(connection, period)
    found = estimate(project, period)
    with project.books.reading() as connection:
        before = read_accruals(connection, period)
    parts = (*found.sources, *_teams(project, found.run))
    content = _content(found.run, parts)
    number = len(before) + 1
    if before and before[-1].content == content:
        number = before[-1].number
    name = hashlib.sha256(f"{period}\n{number}\n{content}".encode()).hexdigest()[:20]
    drawn = draw_journal(
        replace(found.run, id=name),
        project.model,
        project.settings.currency,
        DocumentKind.ACCRUAL,
        found.weights,
    )
    faults = [one for one in drawn.findings if one.level is Level.ERROR]
    if faults:
        raise NotLoaded(
            f"{period} can't be accrued",
            why="; ".join(one.message for one in faults[:5]),
            hint=faults[0].hint,
        )
    made = Accrual(name, number, period, content, "", "", now(), parts)
    told = tuple(out_of_bounds(project, period, found.sources))
    return Accrued(made, drawn.documents, findings=told)


def accrue(project: OpenProject, period: Period, *, actor: str, because: str = "") -> Accrued:
    """Book the estimate of a month with its reversal on day one of the next, in one transaction.

    The month is accrued then. Where another estimate stands, it is taken back in both months;
    the same estimate again does nothing. Raises like `prepare_accrual`.
    """
    found = prepare_accrual(project, period)
    with project.books.writing() as connection:
        # Somebody may have closed either month while the estimate was made.
        _refuse_late(connection, period)
        made = replace(found.accrual, actor=actor, because=because, at=now())
        before = read_accruals(connection, period)
        if before and before[-1].id == made.id:
            return replace(found, accrual=before[-1])
        if len(before) + 1 != made.number:
            raise PeriodClosed(
                f"{period} was accrued by {before[-1].actor} meanwhile",
                hint="look at what was booked, and accrue again",
            )
        _take_state(connection, period, made)
        documents = [*_back(connection, before), *_with_reversals(found.documents, period)]
        booked = write_documents(connection, documents, actor)
        add_accrual(connection, made)
        said = {"accrual": made.id, "because": because, "by": ", ".join(one.id for one in booked)}
        kept = {name: value for name, value in said.items() if value}
        add_entry(connection, AuditEntry(made.at, actor, "accrue", str(period), kept))
    return replace(found, accrual=made, booked=booked)


def _refuse_late(connection: Connection, period: Period) -> None:
    state = state_in(connection, period)
    if state not in {PeriodState.OPEN, PeriodState.ACCRUED}:
        refuse_step(connection, period, state, PeriodState.ACCRUED)
    if state_in(connection, period.next()).is_closed:
        raise PeriodClosed(
            f"{period.next()} is closed: it can't take the reversal of an accrual of {period}",
            why="an accrual is taken back on day one of the next period",
            hint=f"close {period} with its actual cost",
        )


def _take_state(connection: Connection, period: Period, made: Accrual) -> None:
    if state_in(connection, period) is not PeriodState.ACCRUED:
        step = PeriodStep(period, PeriodState.ACCRUED, made.id, made.actor, made.because, made.at)
        take_step(connection, step)


def _with_reversals(
    documents: Iterable[JournalDocument], period: Period
) -> Iterator[JournalDocument]:
    for one in documents:
        yield one
        yield reversal(one, period.next(), period.until)


def _back(connection: Connection, before: tuple[Accrual, ...]) -> Iterator[JournalDocument]:
    """What takes the former estimate back: its documents in the month, its reversals in the next.

    Each on the day of what it takes back, so that nothing of it is left in either period.
    """
    if not before:
        return
    period, former = before[-1].period, before[-1].id
    last = period.until - timedelta(days=1)
    for month, day in ((period, last), (period.next(), period.until)):
        for one in read_documents(connection, month):
            kind = DocumentKind.ACCRUAL if month == period else DocumentKind.REVERSAL
            if one.run == former and one.kind is kind:
                yield replace(reversal(one, month, day), id=f"{one.id}-void")


def _teams(project: OpenProject, run: Run) -> Iterator[AccrualPart]:
    """What each team is expected to carry, as its statement would say."""
    for statement in draw_statements(run, project.settings.currency):
        for team in statement.teams:
            if team.lines:
                amount = Fraction(team.total)
                yield AccrualPart("team", team.facts.team, statement.currency, amount)


def _content(run: Run, parts: Iterable[AccrualPart]) -> str:
    """A digest of what an estimate says: the same again is the same accrual."""
    said = [
        *(f"{one.currency} {one.id} {one.mode} {one.amounts.values()}" for one in run.lines),
        *(f"{one.kind} {one.name} {one.currency} {one.amount} {one.method}" for one in parts),
        run.model,
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
