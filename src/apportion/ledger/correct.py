"""Corrections: what changes of a closed month is booked in an open one, and names the original."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from apportion.domain.adjustment import AdjustmentState
from apportion.domain.finding import Finding, Level
from apportion.domain.journal import (
    Assignment,
    DocumentKind,
    JournalDocument,
    beside,
    lines_of,
)
from apportion.domain.period import Period
from apportion.domain.result import Run
from apportion.errors import NotLoaded, PeriodClosed
from apportion.ledger.draw_journal import draw_journal
from apportion.ledger.unproven import unproven
from apportion.run.evaluate import evaluate
from apportion.run.reconcile import reconcile
from apportion.store.books.adjustments import read_adjustments
from apportion.store.books.audit import AuditEntry, add_entry, now
from apportion.store.books.journals import write_documents

if TYPE_CHECKING:
    from apportion.run.open_project import OpenProject


@dataclass(frozen=True)
class Correction:
    """What a closed month would say now less what is booked of it; empty where that is the same."""

    original: Period
    into: Period
    run: Run
    documents: tuple[JournalDocument, ...]
    findings: tuple[Finding, ...] = ()


def prepare_correction(project: OpenProject, original: Period, into: Period) -> Correction:
    """Hold what a closed month would be now against all that is booked of it; changes nothing.

    Booked is its own journal and every correction of it since, so that a correction of a
    correction is no special case, and the same restatement again is empty. Raises
    PeriodClosed where the month isn't closed or `into` is, NotLoaded where neither bills nor
    model have changed, where the proof isn't complete, and where a line has no account.

    Source: prior-period adjustment; FOCUS ChargeClass = Correction.
    """
    if not project.books.state(original).is_closed:
        raise PeriodClosed(
            f"{original} is {project.books.state(original)}: it needs no correction",
            hint=f"run it again: `apportion run --period {original}`",
        )
    if into <= original or project.books.state(into).is_closed:
        raise PeriodClosed(
            f"{into} can't take a correction of {original}",
            why="a correction is booked in a later month that is open",
            hint="name one with --into",
        )
    run = evaluate(project.workspace, project.model, original)
    journal = draw_journal(run, project.model, project.settings.currency)
    against = [
        *unproven(reconcile(project.settings, project.books, run)),
        *(one for one in journal.findings if one.level is Level.ERROR),
    ]
    if against:
        raise NotLoaded(
            f"the correction of {original} can't be drawn",
            why="; ".join(one.message for one in against),
            hint=against[0].hint,
        )
    journals = project.books.journal()
    decided = beside(journals)  # by people, whatever a run says: a correction leaves it standing
    booked = [
        one
        for one in journals
        if one.id not in decided
        and (
            (str(one.period) == str(original) and one.kind is DocumentKind.CHARGEBACK)
            or one.original == str(original)
        )
    ]
    if run.id == project.books.steps(original)[-1].run and not any(one.original for one in booked):
        raise NotLoaded(
            f"nothing has changed since {original} was closed",
            hint="load what is new, or change the model, and correct it then",
        )
    documents = tuple(_documents(project, original, into, run, journal.documents, booked))
    return Correction(original, into, run, documents, tuple(_standing(project, original, run)))


def correct(
    project: OpenProject, original: Period, into: Period, *, actor: str, because: str
) -> Correction:
    """Book the correction of a closed month in an open one; nothing where nothing changed."""
    if not because.strip():
        raise PeriodClosed("a correction needs a reason", hint="say --because")
    found = prepare_correction(project, original, into)
    project.books.save_run(found.run)
    with project.books.writing() as connection:
        write_documents(connection, found.documents, actor)
        if found.documents:
            named = ", ".join(one.id for one in found.documents)
            said = {"because": because, "by": named}
            add_entry(connection, AuditEntry(now(), actor, "correct", str(original), said))
    return found


def _standing(project: OpenProject, original: Period, run: Run) -> Iterator[Finding]:
    """Adjustments that would count twice, if the model has come to say the same since."""
    with project.books.reading() as connection:
        found = read_adjustments(connection, original)
    for one in found:
        if one.state is AdjustmentState.APPLIED and one.model != run.model:
            yield Finding(
                "adjustment-stands",
                Level.WARNING,
                f"adjustment {one.id} of {original} ({one.amount} {one.currency} from {one.giver} "
                f"to {one.taker}) stands beside this correction, and the model has changed since",
                hint="if the model says the same now, it counts twice: "
                f"`apportion adjust supersede {one.id}`",
            )


_Key = tuple[str, str]
"""Entity and currency."""


def _sums(documents: Iterable[JournalDocument]) -> dict[_Key, dict[Assignment, int]]:
    found: dict[_Key, dict[Assignment, int]] = defaultdict(lambda: defaultdict(int))
    for one in documents:
        for line in one.lines:
            found[one.entity, one.currency][line.at] += line.signed
    return found


def _documents(
    project: OpenProject,
    original: Period,
    into: Period,
    run: Run,
    now: Iterable[JournalDocument],
    booked: Iterable[JournalDocument],
) -> Iterator[JournalDocument]:
    drawn = tuple(now)
    wanted, held = _sums(drawn), _sums(booked)
    day = into.until - timedelta(days=1)
    number = sum(one.kind is DocumentKind.CORRECTION for one in project.books.journal(into))
    for entity, currency in sorted({*wanted, *held}):
        new, old = wanted[entity, currency], held[entity, currency]
        differing = {at: new.get(at, 0) - old.get(at, 0) for at in {*new, *old}}
        text = f"AI cost {original} corrected"
        lines = lines_of(differing, dict.fromkeys(differing, text))
        if not lines:
            continue
        known = project.model.accounting.entities.get(entity)
        code = known.code if known else entity
        yield JournalDocument(
            id=f"cb-{code}-{into}-{currency}-{original}-{run.id[:8]}-{number + 1}",
            entity=entity,
            period=into,
            posted_on=day,
            currency=currency,
            kind=DocumentKind.CORRECTION,
            text=text,
            lines=lines,
            run=run.id,
            original=str(original),
        )
